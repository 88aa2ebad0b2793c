import { Argument, Command } from 'commander';
import { COMPLIANCE_MODES, type ComplianceMode } from '../../domain/compliance.ts';
import { SSL_MODES, TLS_VERSIONS } from '../../domain/settings.ts';
import type { ImpactBody } from '../../wire/impact.ts';
import { SETTING_IDS, type SettingId, type SettingValue } from '../../wire/settings.ts';
import { callApi } from '../api.ts';
import { type ApiCommandFlags, calling, zoneCommand } from '../connection.ts';
import { Failure } from '../failure.ts';
import { didYouMean } from '../nearest.ts';
import { isOn } from '../on-off.ts';
import { note, onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';
import { zoneNamed } from '../zone-lookup.ts';
import { preview, type PreviewFlags, previewOption } from './preview.ts';

interface Flags extends ApiCommandFlags, PreviewFlags {
  readonly zone: string;
}

interface Setting {
  readonly id: string;
  readonly value: SettingValue;
  readonly modified_on: string;
}

const MEANINGS: Readonly<Record<string, string>> = {
  ssl: 'how origins are reached',
  always_use_https: 'visitors on http:// are sent to https://',
  min_tls_version: 'oldest TLS of visitors',
  origin_tls_compliance_modes: 'limits of the key exchange with origins',
  tls_client_auth: 'global level of origin pulls',
};

/** `postern settings …` */
export function settingsCommand(): Command {
  return new Command('settings')
    .description(`settings of a zone: ${SETTING_IDS.join(', ')}`)
    .addCommand(listCommand())
    .addCommand(getCommand())
    .addCommand(setCommand());
}

function listCommand(): Command {
  return zoneCommand('list', 'all settings of a zone', ['settings list --zone example.test']).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const { id } = await zoneNamed(access, flags.zone);
      const { result, messages } = await callApi<readonly Setting[]>(access, 'GET', `/client/v4/zones/${id}/settings`);
      show(json, result, () =>
        fittedTable(
          ['SETTING', 'VALUE', 'MEANS'],
          result.map((one) => [
            one.id,
            onStdout('bold', settingText(one.value)),
            onStdout('dim', MEANINGS[one.id] ?? ''),
          ]),
        ),
      );
      note(...messages);
    }),
  );
}

function getCommand(): Command {
  return zoneCommand('get', 'one setting: its value alone', ['settings get ssl --zone example.test'])
    .addArgument(settingArgument())
    .action(
      calling<Flags>(async ({ access, flags, json }, name) => {
        const setting = known(name);
        const { id } = await zoneNamed(access, flags.zone);
        const path = `/client/v4/zones/${id}/settings/${setting}`;
        const { result, messages } = await callApi<Setting>(access, 'GET', path);
        show(json, result, () => settingText(result.value));
        note(...messages);
      }),
    );
}

function setCommand(): Command {
  return zoneCommand('set', 'change a setting', [
    'settings set ssl strict --zone example.test',
    'settings set always_use_https on --zone example.test',
    'settings set origin_tls_compliance_modes fips,pqh --zone example.test',
    'settings set ssl flexible --zone example.test --preview',
  ])
    .addArgument(settingArgument())
    .argument('<value>', VALUES)
    .addOption(previewOption())
    .action(
      calling<Flags>(async ({ access, flags, json }, name, value) => {
        const setting = known(name);
        const { id, name: zone } = await zoneNamed(access, flags.zone);
        if (flags.preview === true) {
          return preview(access, { id, name: zone }, foreseen(setting, value), json);
        }
        const path = `/client/v4/zones/${id}/settings/${setting}`;
        const { result, messages } = await callApi<Setting>(access, 'PATCH', path, {
          value: sentValue(setting, value),
        });
        show(json, result, () => `${setting} of ${zone} is ${settingText(result.value)}.`);
        note(...messages);
      }),
    );
}

function complianceModes(value: string): ComplianceMode[] {
  if (value === 'none') return [];
  return value.split(',').map((text) => {
    const mode = COMPLIANCE_MODES.find((one) => one === text.trim());
    if (mode !== undefined) return mode;
    throw new Failure(
      `There is no limit ${JSON.stringify(text)}.`,
      `There are ${COMPLIANCE_MODES.join(', ')}, and none.`,
    );
  });
}

/** A setting as something that somebody is about to do, where what follows can be told. */
function foreseen(setting: SettingId, value = ''): ImpactBody {
  if (setting === 'ssl') {
    const to = SSL_MODES.find((mode) => mode === value);
    if (to !== undefined) return { kind: 'mode', to };
    throw new Failure(`There is no mode ${JSON.stringify(value)}.`, `The modes are ${SSL_MODES.join(', ')}.`);
  }
  if (setting === 'min_tls_version') {
    const to = TLS_VERSIONS.find((version) => version === value);
    if (to !== undefined) return { kind: setting, to };
    throw new Failure(`There is no version ${JSON.stringify(value)}.`, `The versions are ${TLS_VERSIONS.join(', ')}.`);
  }
  if (setting === 'origin_tls_compliance_modes') return { kind: setting, to: complianceModes(value) };
  const kind = setting === 'tls_client_auth' ? 'global_level' : setting;
  return { kind, on: isOn(value, 'the value') };
}

const VALUES = `on or off; ssl: ${SSL_MODES.join(', ')}; min_tls_version: ${TLS_VERSIONS.join(', ')}; origin_tls_compliance_modes: ${COMPLIANCE_MODES.join(',')} or none`;

/** The shell completes the names; a wrong one is answered by `known`, which also says what was probably meant. */
function settingArgument(): Argument {
  const argument = new Argument('<setting>', SETTING_IDS.join(', '));
  argument.argChoices = [...SETTING_IDS];
  return argument;
}

/** A setting's value as `settings set` takes it. */
export function settingText(value: SettingValue): string {
  return typeof value === 'string' ? value : value.join(',') || 'none';
}

function sentValue(setting: SettingId, value = ''): SettingValue {
  if (setting !== 'origin_tls_compliance_modes') return value;
  return value === 'none' ? [] : value.split(',').map((mode) => mode.trim());
}

function known(name = ''): SettingId {
  const found = SETTING_IDS.find((id) => id === name);
  if (found !== undefined) return found;
  throw new Failure(
    `There is no setting ${JSON.stringify(name)}.`,
    `${didYouMean(name, SETTING_IDS)}The settings are ${SETTING_IDS.join(', ')}.`,
  );
}

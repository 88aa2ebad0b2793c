import { Command } from 'commander';
import type { SettingValue } from '../../wire/settings.ts';
import { callApi } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { note, onStdout, show } from '../print.ts';
import { facts, fittedTable } from '../table.ts';
import { allZones, type ZoneFacts, zoneNamed } from '../zone-lookup.ts';
import { accountNamed } from './accounts.ts';
import { preview, type PreviewFlags, previewOption } from './preview.ts';
import { settingText } from './settings.ts';

interface OfAccount extends ApiCommandFlags {
  readonly account?: string;
}

interface Confirmed extends ApiCommandFlags, PreviewFlags {
  readonly yes?: boolean;
}

/** `postern zones …` */
export function zonesCommand(): Command {
  return new Command('zones')
    .description('the zones of this installation')
    .addCommand(listCommand())
    .addCommand(createCommand())
    .addCommand(showCommand())
    .addCommand(deleteCommand())
    .addCommand(pauseCommand(true))
    .addCommand(pauseCommand(false));
}

function listCommand(): Command {
  return apiCommand('list', 'all zones', ['zones list', 'zones list --json | jq -r ".[].name"'])
    .option('--account <account>', 'only those of this account; name or id')
    .action(
      calling<OfAccount>(async ({ access, flags, json }) => {
        const account = flags.account === undefined ? undefined : await accountNamed(access, flags.account);
        const zones = await allZones(access, account === undefined ? '' : `?account.id=${account.id}`);
        show(json, zones, () => (zones.length === 0 ? EMPTY : zoneTable(zones)));
      }),
    );
}

const EMPTY = 'There is no zone yet. Create one: postern zones create example.test';

function zoneTable(zones: readonly ZoneFacts[]): string {
  return fittedTable(
    ['NAME', 'STATE', 'ID'],
    zones.map((zone) => [zone.name, state(zone), onStdout('dim', zone.id)]),
  );
}

function state({ paused, status }: ZoneFacts): string {
  return paused ? onStdout('yellow', 'paused') : onStdout('green', status);
}

function createCommand(): Command {
  return apiCommand('create', 'create a zone, with a certificate authority of its own', [
    'zones create example.test',
    'zones create shop.test --account Shop',
  ])
    .argument('<name>', 'domain name of the zone')
    .option('--account <account>', 'whose it is; name or id (default: the default account)')
    .action(
      calling<OfAccount>(async ({ access, flags, json }, name) => {
        const account = flags.account === undefined ? undefined : await accountNamed(access, flags.account);
        const body = account === undefined ? { name } : { name, account: { id: account.id } };
        const { result, messages } = await callApi<ZoneFacts>(access, 'POST', '/client/v4/zones', body);
        show(json, result, () => `${result.name} was created: ${result.id}`);
        note(...messages);
      }),
    );
}

function showCommand(): Command {
  return apiCommand('show', 'one zone', ['zones show example.test'])
    .argument('<zone>', 'name or id of the zone')
    .action(
      calling(async ({ access, json }, text) => {
        const zone = await zoneNamed(access, text ?? '');
        const { result: settings } = await callApi<readonly { readonly id: string; readonly value: SettingValue }[]>(
          access,
          'GET',
          `/client/v4/zones/${zone.id}/settings`,
        );
        show(json, zone, () =>
          facts([
            ['name', zone.name],
            ['id', zone.id],
            ['state', state(zone)],
            ['account', zone.account.name],
            ['created', zone.created_on],
            ...settings.map(({ id, value }) => [id, settingText(value)] as const),
          ]),
        );
      }),
    );
}

function deleteCommand(): Command {
  return apiCommand('delete', 'delete a zone with its records, certificates and authority', [
    'zones delete example.test',
    'zones delete example.test --yes',
    'zones delete example.test --preview',
  ])
    .argument('<zone>', 'name or id of the zone')
    .addOption(previewOption())
    .option('--yes', 'do not ask')
    .action(
      calling<Confirmed>(async ({ access, flags, json }, text) => {
        const zone = await zoneNamed(access, text ?? '');
        if (flags.preview === true) return preview(access, zone, { kind: 'zone_delete' }, json);
        await confirm(
          `Deleting ${zone.name} also deletes its certificate authority: its origins will let nobody in any more.`,
          flags,
        );
        const { result, messages } = await callApi<{ readonly id: string }>(
          access,
          'DELETE',
          `/client/v4/zones/${zone.id}`,
        );
        show(json, result, () => `${zone.name} was deleted.`);
        note(...messages);
      }),
    );
}

function pauseCommand(paused: boolean): Command {
  const [verb, does, said] = paused
    ? ['pause', 'stop serving the names of a zone', 'is paused: the edge serves none of its names.']
    : ['resume', 'serve the names of a paused zone again', 'is served again.'];
  return apiCommand(verb, does, [`zones ${verb} example.test`])
    .argument('<zone>', 'name or id of the zone')
    .action(
      calling(async ({ access, json }, text) => {
        const zone = await zoneNamed(access, text ?? '');
        const { result, messages } = await callApi<ZoneFacts>(access, 'PATCH', `/client/v4/zones/${zone.id}`, {
          paused,
        });
        show(json, result, () => `${zone.name} ${said}`);
        note(...messages);
      }),
    );
}

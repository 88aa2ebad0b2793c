import { type Command, Option } from 'commander';
import { SEVERITIES, TOLD_CODES } from '../../domain/notice.ts';
import type { View } from '../../wire/answer-fields.ts';
import type { CHANNEL, CHANNEL_WITH_SECRET } from '../../wire/notices.ts';
import { type ApiAccess, callApi } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { Failure } from '../failure.ts';
import { collect } from '../flag-value.ts';
import { note, onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';
import { previewAt, type PreviewFlags, previewOption } from './preview.ts';

interface Flags extends ApiCommandFlags, PreviewFlags {
  readonly name?: string;
  readonly url?: string;
  readonly to?: string;
  readonly severity?: string;
  readonly code?: readonly string[];
  readonly zone?: readonly string[];
  readonly on?: boolean;
  readonly off?: boolean;
  readonly yes?: boolean;
}

/** A channel as the API shows it. */
export type ChannelFacts = View<typeof CHANNEL>;

type WithSecret = View<typeof CHANNEL_WITH_SECRET>;

export const CHANNELS_PATH = '/postern/v1/notice_channels';
export const WHICH = 'name or id of the channel';

/** `postern notices channels` */
export function channelsCommand(): Command {
  return apiCommand('channels', 'where notices go', ['notices channels']).action(
    calling<Flags>(async ({ access, json }) => {
      const { result, messages } = await callApi<readonly ChannelFacts[]>(access, 'GET', CHANNELS_PATH);
      show(json, result, () =>
        result.length === 0
          ? 'Nobody is told of anything: add-webhook and add-email change that.'
          : fittedTable(['NAME', 'KIND', 'TO', 'FROM SEVERITY', 'ZONES', 'STATE', 'ID'], result.map(channelRow)),
      );
      note(...messages);
    }),
  );
}

function channelRow({ id, name, kind, url, to, severity, zones, enabled }: ChannelFacts): readonly string[] {
  return [
    name,
    kind,
    to ?? hostOf(url ?? ''),
    severity,
    zones === 'all' ? 'all' : String(zones.length),
    onStdout(enabled ? 'green' : 'yellow', enabled ? 'on' : 'off'),
    onStdout('dim', id),
  ];
}

// The path may be what keeps others from writing there, and a terminal is looked at by many.
function hostOf(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}/…` : url;
}

/** `postern notices add-webhook` */
export function addWebhookCommand(): Command {
  return filtered(
    apiCommand('add-webhook', 'send notices to a webhook; the secret that signs them is printed once', [
      'notices add-webhook https://hooks.example.test/postern --name ops \\\n      > webhook.secret',
      'notices add-webhook https://hooks.example.test/postern --name shop \\\n      --zone shop.test --severity info',
    ])
      .argument('<url>', 'where to')
      .requiredOption('--name <name>', 'what it is called'),
  ).action(
    calling<Flags>(async ({ access, flags, json }, url = '') => {
      const made = await add(access, { kind: 'webhook', url, ...body(flags) });
      show(json, made, () => made.secret ?? '');
      note(`This is the secret of the channel ${made.name} (${made.id}). It is not shown again.`);
    }),
  );
}

/** `postern notices add-email` */
export function addEmailCommand(): Command {
  return filtered(
    apiCommand('add-email', 'send notices by mail; postern up --smtp names the server', [
      'notices add-email ops@example.test --name ops',
    ])
      .argument('<address>', 'whom to')
      .requiredOption('--name <name>', 'what it is called'),
  ).action(
    calling<Flags>(async ({ access, flags, json }, to = '') => {
      const made = await add(access, { kind: 'email', to, ...body(flags) });
      show(json, made, () => `${made.name} is told by mail to ${made.to}.`);
    }),
  );
}

async function add(access: ApiAccess, draft: object): Promise<WithSecret> {
  const { result, messages } = await callApi<WithSecret>(access, 'POST', CHANNELS_PATH, draft);
  note(...messages);
  return result;
}

function filtered(command: Command): Command {
  return command
    .addOption(new Option('--severity <severity>', 'only what matters at least so much').choices(SEVERITIES))
    .addOption(new Option('--code <code>', 'only such notices; repeatable').choices(TOLD_CODES).argParser(collect))
    .option('--zone <zone>', 'only about this zone; repeatable (default: all that the token sees)', collect);
}

function body({ name, severity, code, zone, url, to }: Flags) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(url === undefined ? {} : { url }),
    ...(to === undefined ? {} : { to }),
    ...(severity === undefined ? {} : { severity }),
    ...(code === undefined ? {} : { codes: code }),
    ...(zone === undefined ? {} : { zones: zone }),
  };
}

/** `postern notices set` */
export function setCommand(): Command {
  return filtered(
    apiCommand('set', 'change which notices a channel takes, or where it leads', [
      'notices set ops --severity critical',
      'notices set ops --off',
    ])
      .argument('<channel>', WHICH)
      .option('--name <name>', 'what it is called from now on')
      .option('--url <url>', 'where a webhook is')
      .option('--to <address>', 'whom mail goes to')
      .option('--on', 'it takes notices')
      .option('--off', 'it takes none')
      .addOption(previewOption()),
  ).action(
    calling<Flags>(async ({ access, flags, json }, text = '') => {
      if (flags.on === true && flags.off === true) throw new Failure('--on and --off are both given.', 'Give one.');
      const { id } = await theChannel(access, text);
      const enabled = flags.on === true ? { enabled: true } : flags.off === true ? { enabled: false } : {};
      const path = `${CHANNELS_PATH}/${id}`;
      const change = { ...body(flags), ...enabled };
      if (flags.preview === true) {
        return previewAt(access, `${path}/impact`, { kind: 'channel_change', change }, json);
      }
      const { result, messages } = await callApi<ChannelFacts>(access, 'PATCH', path, change);
      show(json, result, () => `${result.name} takes ${result.enabled ? `${result.severity} and above` : 'nothing'}.`);
      note(...messages);
    }),
  );
}

/** `postern notices roll` */
export function rollCommand(): Command {
  return apiCommand('roll', 'give a webhook another secret; the old one signs nothing any more', [
    'notices roll ops --yes',
  ])
    .argument('<channel>', WHICH)
    .addOption(previewOption())
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, text = '') => {
        const { id, name } = await theChannel(access, text);
        if (flags.preview === true) {
          return previewAt(access, `${CHANNELS_PATH}/${id}/impact`, { kind: 'channel_roll' }, json);
        }
        await confirm(`The receiver of ${name} believes nothing more until it has the new secret.`, flags);
        const { result, messages } = await callApi<WithSecret>(access, 'POST', `${CHANNELS_PATH}/${id}/roll`);
        show(json, result, () => result.secret ?? '');
        note(`This is the secret of the channel ${name} (${id}). It is not shown again.`, ...messages);
      }),
    );
}

/** `postern notices remove` */
export function removeCommand(): Command {
  return apiCommand('remove', 'delete a channel, with what waits in it', ['notices remove ops --yes'])
    .argument('<channel>', WHICH)
    .addOption(previewOption())
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }, text = '') => {
        const { id, name } = await theChannel(access, text);
        if (flags.preview === true) {
          return previewAt(access, `${CHANNELS_PATH}/${id}/impact`, { kind: 'channel_delete' }, json);
        }
        await confirm(`The channel ${name} (${id}) takes no more notices, and what waits in it is lost.`, flags);
        const { result, messages } = await callApi<unknown>(access, 'DELETE', `${CHANNELS_PATH}/${id}`);
        show(json, result, () => `Removed ${name}.`);
        note(...messages);
      }),
    );
}

/** The channel of that name or id. */
export async function theChannel(access: ApiAccess, text: string): Promise<ChannelFacts> {
  const { result } = await callApi<readonly ChannelFacts[]>(access, 'GET', CHANNELS_PATH);
  const byId = result.filter(({ id }) => id === text.toLowerCase());
  const [found, ...others] = byId.length > 0 ? byId : result.filter(({ name }) => name === text);
  if (found === undefined) {
    throw new Failure(
      `There is no channel ${JSON.stringify(text)}.`,
      '"postern notices channels" shows those that exist.',
    );
  }
  if (others.length === 0) return found;
  const ids = [found, ...others].map(({ id }) => id).join(', ');
  throw new Failure(`${others.length + 1} channels are called ${text}.`, `Name one by its id: ${ids}.`);
}

import { Command, Option } from 'commander';
import { SEVERITIES, TOLD_CODES } from '../../domain/notice.ts';
import type { View } from '../../wire/answer-fields.ts';
import type { NOTICE } from '../../wire/notices.ts';
import { type ApiAccess, callApi } from '../api.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { Failure } from '../failure.ts';
import { spokenMoment } from '../moment.ts';
import { note, onStdout, show } from '../print.ts';
import { table } from '../table.ts';
import { zoneNamed } from '../zone-lookup.ts';
import {
  addEmailCommand,
  addWebhookCommand,
  channelsCommand,
  removeCommand,
  rollCommand,
  setCommand,
} from './notice-channels.ts';
import { deliveriesCommand, testCommand } from './notice-deliveries.ts';

interface Flags extends ApiCommandFlags {
  readonly zone?: string;
  readonly code?: string;
  readonly severity?: string;
  readonly since?: string;
  readonly limit: string;
}

type NoticeFacts = View<typeof NOTICE>;

const MOST_AT_ONCE = 1_000;

/** `postern notices …`: what people are told without asking, and where it goes. */
export function noticesCommand(): Command {
  return new Command('notices')
    .description('what ends and how rotations go, and who is told of it')
    .addCommand(listCommand())
    .addCommand(channelsCommand())
    .addCommand(addWebhookCommand())
    .addCommand(addEmailCommand())
    .addCommand(setCommand())
    .addCommand(testCommand())
    .addCommand(deliveriesCommand())
    .addCommand(rollCommand())
    .addCommand(removeCommand());
}

function listCommand(): Command {
  return apiCommand('list', 'what was said of late, the newest first', [
    'notices list',
    'notices list --zone example.test --severity warning --since 7d',
    'notices list --json | jq ".[] | {at, code, detail}"',
  ])
    .option('--zone <zone>', 'only about this zone; by id also one that is gone')
    .addOption(new Option('--code <code>', 'only such notices').choices(TOLD_CODES))
    .addOption(new Option('--severity <severity>', 'only what matters at least so much').choices(SEVERITIES))
    .option('--since <time>', 'only what is not older: 12h, 7d, 2031-01-31')
    .option('--limit <n>', 'how many', '50')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        if (!/^[1-9]\d{0,4}$/.test(flags.limit)) {
          throw new Failure(`--limit is ${JSON.stringify(flags.limit)}.`, 'Give a whole number from 1 to 99999.');
        }
        const notices = await listed(access, await query(access, flags), Number(flags.limit));
        show(json, notices, () => (notices.length === 0 ? 'There is nothing to tell.' : noticeText(notices)));
      }),
    );
}

async function query(access: ApiAccess, { zone, code, severity, since }: Flags): Promise<URLSearchParams> {
  const wanted = new URLSearchParams();
  if (code !== undefined) wanted.set('code', code);
  if (severity !== undefined) wanted.set('severity', severity);
  if (since !== undefined) wanted.set('since', spokenMoment('--since', since, Date.now(), -1));
  // Notices of a zone outlive it, so an id is passed on as it is.
  if (zone !== undefined) wanted.set('zone', /^[0-9a-f]{32}$/i.test(zone) ? zone : (await zoneNamed(access, zone)).id);
  return wanted;
}

async function listed(access: ApiAccess, wanted: URLSearchParams, limit: number): Promise<readonly NoticeFacts[]> {
  const notices: NoticeFacts[] = [];
  for (;;) {
    wanted.set('limit', String(Math.min(limit - notices.length, MOST_AT_ONCE)));
    const path = `/postern/v1/notices?${wanted.toString()}`;
    const { result, info, messages } = await callApi<readonly NoticeFacts[]>(access, 'GET', path);
    notices.push(...result);
    note(...messages);
    const cursor = info?.cursor ?? null;
    if (cursor === null || result.length === 0 || notices.length >= limit) return notices;
    wanted.set('cursor', cursor);
  }
}

const COLOURS: Readonly<Record<string, 'red' | 'yellow' | 'dim'>> = { critical: 'red', warning: 'yellow' };

// What is to be done needs room of its own: under each line, not beside it.
function noticeText(notices: readonly NoticeFacts[]): string {
  const head = table(
    ['WHEN', 'SEVERITY', 'ZONE', 'WHAT'],
    notices.map(({ at, severity, zone, code }) => [
      onStdout('dim', at.slice(0, 19).replace('T', ' ')),
      onStdout(COLOURS[severity] ?? 'dim', severity),
      zone?.name ?? '-',
      code,
    ]),
  ).split('\n');
  const rows = notices.flatMap(({ text, detail, fix }, index) => [
    head[index + 2] ?? '',
    `  ${text}${detail === '' ? '.' : `: ${detail}`}`,
    ...(fix === '' ? [] : [onStdout('dim', `  ${fix}`)]),
  ]);
  return [...head.slice(0, 2), ...rows].join('\n');
}

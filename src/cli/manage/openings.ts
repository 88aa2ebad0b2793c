import type { Command } from 'commander';
import type { View } from '../../wire/answer-fields.ts';
import type { OPENING } from '../../wire/openings.ts';
import { callApi } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, apiCommand, calling, zoneCommand } from '../connection.ts';
import { Failure } from '../failure.ts';
import { reportsOf, watching } from '../origin-reports.ts';
import { minute } from '../moment.ts';
import { note, onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';
import { sayingSpan, spokenSpan } from '../time-span.ts';
import { zoneNamed, zoneOf } from '../zone-lookup.ts';

interface Flags extends ApiCommandFlags {
  readonly zone?: string;
  readonly origin: string;
  readonly for: string;
  readonly reason?: string;
  readonly yes?: boolean;
}

type OpeningFacts = View<typeof OPENING>;

/** `postern aop open`: break glass. */
export function openCommand(): Command {
  return aboutOrigin('open', 'open a lock for a stated time, because somebody has to get in (break glass)', [
    'aop open --origin www.example.test --for 30m --reason "monitoring"',
  ])
    .requiredOption('--for <span>', 'for how long: 30m, 2h; a day at most')
    .option('--reason <text>', 'why, for the audit log')
    .option('--yes', 'do not ask')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        if (flags.reason === undefined)
          throw new Failure('There is no reason.', 'Say with --reason why the lock is to be open.');
        const seconds = spokenSpan('--for', flags.for);
        const { id, name } = await zoneOf(access, flags.zone, flags.origin);
        const what = `For ${sayingSpan(seconds)} the origins of ${flags.origin} (zone ${name}) that follow Postern let everybody in.`;
        await confirm(what, flags);
        const body = { hostname: flags.origin, seconds, reason: flags.reason };
        const { result, messages } = await callApi<OpeningFacts>(access, 'POST', pathOf(id), body);
        show(json, result, () => `${onStdout('yellow', 'open')} until ${result.until}: ${result.hostname}`);
        note(...messages);
      }),
    );
}

/** `postern aop shut`: before its time. */
export function shutCommand(): Command {
  return aboutOrigin('shut', 'shut a lock that is open, before its time', [
    'aop shut --origin www.example.test',
  ]).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const { id } = await zoneOf(access, flags.zone, flags.origin);
      const path = `${pathOf(id)}/${encodeURIComponent(flags.origin)}`;
      const { result, messages } = await callApi<OpeningFacts>(access, 'DELETE', path);
      show(json, result, () => `Shut: ${result.hostname}. It is looked at until its origins refuse callers.`);
      note(...messages);
    }),
  );
}

/** `postern aop openings`: what is open. */
export function openingsCommand(): Command {
  return zoneCommand('openings', 'the locks that are open for a while', ['aop openings --zone example.test']).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const { id, name } = await zoneNamed(access, flags.zone ?? '');
      const { result, messages } = await callApi<readonly OpeningFacts[]>(access, 'GET', pathOf(id));
      show(json, result, () => (result.length === 0 ? `No lock of ${name} is open.` : table(result)));
      note(...messages);
      if (!json) note(...watching(await reportsOf(access, id)));
    }),
  );
}

function table(openings: readonly OpeningFacts[]): string {
  return fittedTable(
    ['HOSTNAME', 'STATE', 'UNTIL', 'BY', 'WHY'],
    openings.map(({ hostname, state, until, opened_by, reason }) => [
      hostname,
      onStdout('yellow', state),
      minute(until),
      opened_by,
      reason,
    ]),
  );
}

function aboutOrigin(name: string, description: string, examples: readonly string[]): Command {
  return apiCommand(name, description, examples)
    .requiredOption('--origin <hostname>', 'the hostname whose origins are meant')
    .option('--zone <zone>', 'name or id of the zone; found by the hostname where it is left out');
}

function pathOf(zone: string): string {
  return `/postern/v1/zones/${zone}/openings`;
}

import type { Command } from 'commander';
import { type ApiAccess, callApi } from '../api.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { Failure } from '../failure.ts';
import { spokenMoment } from '../moment.ts';
import { note, onStdout, show } from '../print.ts';
import { fittedTable } from '../table.ts';
import { zoneNamed } from '../zone-lookup.ts';

interface Flags extends ApiCommandFlags {
  readonly zone?: string;
  readonly since?: string;
  readonly action?: string;
  readonly limit: string;
}

interface AuditFacts {
  readonly at: string;
  readonly action: string;
  readonly actor: { readonly token: string | null; readonly name: string | null; readonly from: string | null };
  readonly zone: { readonly id: string; readonly name: string | null } | null;
  readonly before: unknown;
  readonly after: unknown;
}

const MOST_AT_ONCE = 1000;

/** `postern audit`: who changed what, from where and when. */
export function auditCommand(): Command {
  return apiCommand('audit', 'who changed what, from where and when; newest first', [
    'audit',
    'audit --zone example.test --since 7d',
    'audit --since 2031-01-31 --json \\\n      | jq ".[] | {at, action, before, after}"',
  ])
    .option('--zone <zone>', 'only changes of this zone; by id also one that is gone')
    .option('--since <time>', 'only what is not older: 12h, 7d, 2031-01-31')
    .option('--action <action>', 'only such actions')
    .option('--limit <n>', 'how many entries', '50')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        if (!/^[1-9]\d{0,5}$/.test(flags.limit)) {
          throw new Failure(`--limit is ${JSON.stringify(flags.limit)}.`, 'Give a whole number from 1 on.');
        }
        const entries = await auditEntries(access, await query(access, flags), Number(flags.limit));
        show(json, entries, () => (entries.length === 0 ? 'Nothing was changed.' : auditTable(entries)));
      }),
    );
}

async function query(access: ApiAccess, { zone, since, action }: Flags): Promise<URLSearchParams> {
  const wanted = new URLSearchParams();
  if (since !== undefined) wanted.set('since', spokenMoment('--since', since, Date.now(), -1));
  if (action !== undefined) wanted.set('action', action);
  // The log of a zone outlives it, so an id is passed on as it is.
  if (zone !== undefined) wanted.set('zone', /^[0-9a-f]{32}$/i.test(zone) ? zone : (await zoneNamed(access, zone)).id);
  return wanted;
}

async function auditEntries(access: ApiAccess, wanted: URLSearchParams, limit: number): Promise<readonly AuditFacts[]> {
  const entries: AuditFacts[] = [];
  for (;;) {
    wanted.set('limit', String(Math.min(limit - entries.length, MOST_AT_ONCE)));
    const { result, info, messages } = await callApi<readonly AuditFacts[]>(
      access,
      'GET',
      `/postern/v1/audit?${wanted.toString()}`,
    );
    entries.push(...result);
    note(...messages);
    const cursor = info?.cursor ?? null;
    if (cursor === null || result.length === 0 || entries.length >= limit) return entries;
    wanted.set('cursor', cursor);
  }
}

function auditTable(entries: readonly AuditFacts[]): string {
  return fittedTable(
    ['WHEN', 'WHO', 'FROM', 'ZONE', 'ACTION'],
    entries.map(({ at, actor, zone, action }) => [
      onStdout('dim', at.slice(0, 19).replace('T', ' ')),
      actor.name ?? actor.token?.slice(0, 8) ?? 'Postern itself',
      actor.from ?? '-',
      zone?.name ?? zone?.id.slice(0, 8) ?? '-',
      action,
    ]),
  );
}

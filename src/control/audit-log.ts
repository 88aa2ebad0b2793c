import type { ExpressionBuilder } from 'kysely';
import type { Store } from './store.ts';
import type { Tables } from './tables.ts';

/** A place in the log: entries are ordered by revision, those that are no revision by their number after it. */
export interface AuditPlace {
  readonly revision: number;
  readonly sequence: number;
}

/** Which entries somebody asks for; what is `null` does not matter. */
export interface AuditQuery {
  readonly zones: 'all' | readonly string[];
  readonly accounts: 'all' | readonly string[];
  readonly actor: string | null;
  readonly action: string | null;
  /** Milliseconds since the epoch, from `since` on and strictly before `before`. */
  readonly since: number | null;
  readonly before: number | null;
  /** Only what is older than this place. */
  readonly olderThan: AuditPlace | null;
  readonly limit: number;
}

/** One entry: who did what, from where, and what differs. Names, ids and settings, never a key or a token. */
export interface AuditEntry extends AuditPlace {
  readonly zone: string | null;
  readonly account: string | null;
  readonly at: number;
  readonly actorToken: string;
  readonly actorFrom: string;
  readonly action: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/**
 * The newest entries that fit, newest first. Each of the two tables is read along its own index and gives as many as are
 * asked for at most: what a page costs does not grow with the log.
 */
export async function readAudit(store: Store, query: AuditQuery): Promise<readonly AuditEntry[]> {
  const found = [...(await revisionRows(store, query)), ...(await eventRows(store, query))];
  return found.toSorted(newestFirst).slice(0, query.limit).map(entry);
}

interface LogRow extends AuditPlace {
  readonly zone: string | null;
  readonly account: string | null;
  readonly at: number;
  readonly actor_token: string;
  readonly actor_from: string;
  readonly command: string;
  readonly before: string;
  readonly after: string;
}

async function revisionRows(store: Store, query: AuditQuery): Promise<readonly LogRow[]> {
  const { olderThan, limit } = query;
  let found = store.selectFrom('revisions').select(COLUMNS).where(fitting(query));
  // A revision comes before the events that followed it: of the same revision it is the oldest entry.
  if (olderThan !== null) found = found.where('revision', olderThan.sequence > 0 ? '<=' : '<', olderThan.revision);
  const rows = await found.orderBy('revision', 'desc').limit(limit).execute();
  return rows.map((row) => ({ ...row, sequence: 0 }));
}

async function eventRows(store: Store, query: AuditQuery): Promise<readonly LogRow[]> {
  const { olderThan, limit } = query;
  let found = store
    .selectFrom('audit_events')
    .select([...COLUMNS, 'sequence'])
    .where(fitting(query));
  if (olderThan !== null) {
    const { revision, sequence } = olderThan;
    found = found
      .where('revision', '<=', revision)
      .where((is) => is.or([is('revision', '<', revision), is('sequence', '<', sequence)]));
  }
  return found.orderBy('revision', 'desc').orderBy('sequence', 'desc').limit(limit).execute();
}

type Log = Pick<Tables, 'revisions' | 'audit_events'>;

/** Whether a row of either table is among those that somebody asks for. */
function fitting({ zones, accounts, actor, action, since, before }: AuditQuery) {
  return (is: ExpressionBuilder<Log, keyof Log>) =>
    is.and([
      ...(zones === 'all' ? [] : [is('zone', 'in', listed(zones))]),
      ...(accounts === 'all' ? [] : [is('account', 'in', listed(accounts))]),
      ...(actor === null ? [] : [is('actor_token', '=', actor)]),
      ...(action === null ? [] : [is('command', '=', action)]),
      ...(since === null ? [] : [is('at', '>=', since)]),
      ...(before === null ? [] : [is('at', '<', before)]),
    ]);
}

function newestFirst(a: AuditPlace, b: AuditPlace): number {
  return b.revision - a.revision || b.sequence - a.sequence;
}

function entry(row: LogRow): AuditEntry {
  return {
    revision: row.revision,
    sequence: row.sequence,
    zone: row.zone,
    account: row.account,
    at: row.at,
    actorToken: row.actor_token,
    actorFrom: row.actor_from,
    action: row.command,
    before: JSON.parse(row.before),
    after: JSON.parse(row.after),
  };
}

// An empty list would be no SQL; a token without zones sees nothing.
function listed(ids: readonly string[]): string[] {
  return ids.length === 0 ? [''] : [...ids];
}

const COLUMNS = [
  'revision',
  'zone',
  'account',
  'at',
  'actor_token',
  'actor_from',
  'command',
  'before',
  'after',
] as const;

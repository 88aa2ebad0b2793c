import { type ExpressionBuilder, sql } from 'kysely';
import type { Store } from './store.ts';
import { listed } from './stored.ts';
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
 * What entries that are read at once may hold, in characters: a change of a thousand things has an entry of a megabyte, and
 * whoever looks at the log must not be stopped by a hundred of those.
 */
const MOST_TEXT = 4_000_000;

/**
 * The newest entries that fit, newest first: so many at most, and fewer where they are long, but one at least. Each of the
 * two tables is read along its own index and gives as many as are asked for at most: what a page costs does not grow with
 * the log.
 */
export async function readAudit(store: Store, query: AuditQuery): Promise<readonly AuditEntry[]> {
  const [revisions, events] = [revisionsIn(store, query), eventsIn(store, query)];
  const places = [
    ...(await revisions.select(['revision', NO_EVENT, TEXT]).execute()),
    ...(await events.select(['revision', 'sequence', TEXT]).execute()),
  ];
  const newest = places.toSorted(newestFirst).slice(0, query.limit);
  const oldest = newest[within(newest.map(({ text }) => Number(text))) - 1];
  if (oldest === undefined) return [];
  const { revision, sequence } = oldest;
  const rows = [
    ...(await revisions
      .select([...COLUMNS, NO_EVENT])
      .where('revision', sequence > 0 ? '>' : '>=', revision)
      .execute()),
    ...(await events
      .select([...COLUMNS, 'sequence'])
      .where('revision', '>=', revision)
      .where((is) => is.or([is('revision', '>', revision), is('sequence', '>=', sequence)]))
      .execute()),
  ];
  return rows.toSorted(newestFirst).map(entry);
}

/** Of a revision, as a place in the log: it comes before the events that followed it. */
const NO_EVENT = sql<number>`0`.as('sequence');
const TEXT = sql<number>`length(before) + length(after)`.as('text');

/** A row of either table: a revision has all of it but the sequence. */
type LogRow = Tables['audit_events'];

function revisionsIn(store: Store, query: AuditQuery) {
  const { olderThan, limit } = query;
  const found = store.selectFrom('revisions').where(fitting(query)).orderBy('revision', 'desc').limit(limit);
  return olderThan === null ? found : found.where('revision', olderThan.sequence > 0 ? '<=' : '<', olderThan.revision);
}

function eventsIn(store: Store, query: AuditQuery) {
  const { olderThan, limit } = query;
  const found = store
    .selectFrom('audit_events')
    .where(fitting(query))
    .orderBy('revision', 'desc')
    .orderBy('sequence', 'desc')
    .limit(limit);
  if (olderThan === null) return found;
  const { revision, sequence } = olderThan;
  return found
    .where('revision', '<=', revision)
    .where((is) => is.or([is('revision', '<', revision), is('sequence', '<', sequence)]));
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

/** How many of so long ones fit. */
function within(lengths: readonly number[]): number {
  let text = 0;
  const beyond = lengths.findIndex((length) => {
    text += length;
    return text > MOST_TEXT;
  });
  return beyond === -1 ? lengths.length : Math.max(1, beyond);
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

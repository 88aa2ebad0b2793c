import { sql } from 'kysely';
import type { Store } from './store.ts';
import { listed } from './stored.ts';

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

/** The newest entries that fit, newest first: so many at most, and fewer where they are long, but one at least. */
export async function readAudit(store: Store, query: AuditQuery): Promise<readonly AuditEntry[]> {
  const { zones, accounts, actor, action, since, before, olderThan, limit } = query;
  let found = everything(store).orderBy('revision', 'desc').orderBy('sequence', 'desc').limit(limit);
  if (zones !== 'all') found = found.where('zone', 'in', listed(zones));
  if (accounts !== 'all') found = found.where('account', 'in', listed(accounts));
  if (actor !== null) found = found.where('actor_token', '=', actor);
  if (action !== null) found = found.where('command', '=', action);
  if (since !== null) found = found.where('at', '>=', since);
  if (before !== null) found = found.where('at', '<', before);
  if (olderThan !== null) {
    const { revision, sequence } = olderThan;
    found = found.where((is) =>
      is.or([is('revision', '<', revision), is.and([is('revision', '=', revision), is('sequence', '<', sequence)])]),
    );
  }
  const fitting = await found.select(sql<number>`length(before) + length(after)`.as('text')).execute();
  const rows = await found
    .selectAll()
    .limit(within(fitting.map(({ text }) => Number(text))))
    .execute();
  return rows.map((row) => ({
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
  }));
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

function everything(store: Store) {
  const revisions = store.selectFrom('revisions').select(COLUMNS).select(sql<number>`0`.as('sequence'));
  return store.selectFrom(
    revisions.unionAll(store.selectFrom('audit_events').select(COLUMNS).select('sequence')).as('log'),
  );
}

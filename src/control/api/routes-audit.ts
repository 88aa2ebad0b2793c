import { z } from 'zod';
import { zoneId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { ID, TIME, type View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { typedHostname } from '../../wire/names.ts';
import { FILTER, MOMENT, count } from '../../wire/schemas.ts';
import { moment } from '../../wire/views.ts';
import type { AuditEntry, AuditPlace } from '../audit-log.ts';
import { cursorOf } from './returns.ts';
import { type Call, type Route, route } from './route.ts';
import type { CursorPage } from './outcome.ts';

const AUDIT_LIST = z.strictObject({
  zone: FILTER.optional(),
  actor: FILTER.optional(),
  action: FILTER.optional(),
  since: MOMENT.optional(),
  before: MOMENT.optional(),
  cursor: FILTER.optional(),
  limit: count(1, 1000, 100),
});

const AUDIT_ENTRY = z
  .strictObject({
    id: z
      .string()
      .regex(/^\d+\.\d+$/)
      .meta({ description: 'Its place in the log.', examples: ['42.0'] }),
    at: TIME,
    revision: z
      .int()
      .nullable()
      .meta({ description: 'null where edges are not told of it.', examples: [42] }),
    action: z.string().meta({ examples: ['create_zone'] }),
    actor: z.strictObject({
      token: z.string().meta({ description: 'The id of a token, or a name of the program itself.' }),
      name: z.string().nullable(),
      from: z.string().meta({ description: 'The address of the caller.', examples: ['127.0.0.1'] }),
    }),
    zone: z.strictObject({ id: ID, name: z.string().nullable() }).nullable(),
    account: ID.nullable().meta({ description: 'Whose zone it was, or the account itself.' }),
    before: z.record(z.string(), z.unknown()).meta({ description: 'What differs, as it was. Never a key.' }),
    after: z.record(z.string(), z.unknown()).meta({ description: 'What differs, as it is.' }),
  })
  .meta({ id: 'AuditEntry', description: 'Who changed what, from where and when.' });

export const AUDIT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/postern/v1/audit',
    permission: 'audit:read',
    takes: { query: AUDIT_LIST },
    answers:
      'Who changed what, from where and when, newest first; result_info.cursor leads to the next page, and a page of long entries has fewer.',
    returns: cursorOf(AUDIT_ENTRY),
    handle: ({ query }, call) => list(query, call),
  }),
];

async function list(
  query: z.output<typeof AUDIT_LIST>,
  call: Call,
): Promise<CursorPage<View<typeof AUDIT_ENTRY>> | Problem> {
  const zones = query.zone === undefined ? 'all' : auditZone(query.zone, call);
  if (isProblem(zones)) return zones;
  const olderThan = query.cursor === undefined ? null : place(query.cursor);
  if (isProblem(olderThan)) return olderThan;
  const { actor = null, action = null, since = null, before = null, limit } = query;
  const asked = { zones, accounts: 'all', actor, action, since, before } as const;
  const entries = await call.plane.audit({ ...asked, olderThan, limit });
  const last = entries.at(-1);
  // There may be fewer than were asked for although more are there: where they are long.
  const older = last === undefined ? [] : await call.plane.audit({ ...asked, olderThan: last, limit: 1 });
  const cursor = last !== undefined && older.length > 0 ? placeText(last) : null;
  return {
    kind: 'answer',
    result: entries.map((entry) => entryView(entry, call)),
    info: { count: entries.length, per_page: limit, cursor },
  };
}

/** A zone by name or id; by id also one that is gone, whose log stays. */
function auditZone(text: string, { plane }: Call): readonly string[] | Problem {
  const id = zoneId(text.toLowerCase());
  if (id !== null) return [id];
  const name = typedHostname(text);
  const zone = name === null ? undefined : plane.zones.named(name);
  return zone === undefined
    ? problem('bad_query', `zone is ${shown(text)}, must be the id or name of a zone`)
    : [zone.id];
}

function place(cursor: string): AuditPlace | Problem {
  const [, revision, sequence] = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? [];
  if (revision === undefined || sequence === undefined) {
    return problem('bad_query', `cursor is ${shown(cursor)}, must be the one of an earlier answer`);
  }
  return { revision: Number(revision), sequence: Number(sequence) };
}

function placeText({ revision, sequence }: AuditPlace): string {
  return `${revision}.${sequence}`;
}

function entryView(entry: AuditEntry, { plane }: Call): View<typeof AUDIT_ENTRY> {
  const id = entry.zone === null ? null : zoneId(entry.zone);
  const named = z.object({ name: z.string() });
  const then = [entry.after, entry.before].map((side) => named.safeParse(side).data?.name);
  return {
    id: placeText(entry),
    at: moment(entry.at),
    revision: entry.sequence === 0 ? entry.revision : null,
    action: entry.action,
    actor: { token: entry.actorToken, name: plane.tokenName(entry.actorToken), from: entry.actorFrom },
    zone:
      id === null ? null : { id, name: plane.zones.get(id)?.name ?? then.find((name) => name !== undefined) ?? null },
    account: entry.account,
    before: entry.before,
    after: entry.after,
  };
}

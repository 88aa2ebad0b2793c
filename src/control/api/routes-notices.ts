import { z } from 'zod';
import { zoneId } from '../../domain/ids.ts';
import { SEVERITIES, type Severity, TOLD_CODES } from '../../domain/notice.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { typedHostname } from '../../wire/names.ts';
import { NOTICE, noticeView } from '../../wire/notices.ts';
import { FILTER, MOMENT, count, oneOf } from '../../wire/schemas.ts';
import { cursorOf } from './returns.ts';
import { type Call, type Route, route } from './route.ts';
import type { CursorPage } from './outcome.ts';

const NOTICE_LIST = z.strictObject({
  zone: FILTER.optional(),
  code: oneOf(TOLD_CODES).optional(),
  severity: oneOf(SEVERITIES).optional(),
  since: MOMENT.optional(),
  cursor: FILTER.optional(),
  limit: count(1, 1000, 100),
});

export const NOTICE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/postern/v1/notices',
    permission: 'notices:read',
    takes: { query: NOTICE_LIST },
    answers:
      'What was said of late about the zones of the token, newest first: what ends, and how rotations go. severity is the least that matters; result_info.cursor leads to the next page.',
    returns: cursorOf(NOTICE),
    handle: ({ query }, call) => list(query, call),
  }),
];

async function list(
  { zone, code, severity = 'info', since, cursor, limit }: z.output<typeof NOTICE_LIST>,
  call: Call,
): Promise<CursorPage<View<typeof NOTICE>> | Problem> {
  const zones = zone === undefined ? 'all' : zoneIds(zone, call);
  if (isProblem(zones)) return zones;
  const olderThan = cursor === undefined ? null : place(cursor);
  if (isProblem(olderThan)) return olderThan;
  const found = await call.plane.notices({
    zones,
    accounts: 'all',
    code: code ?? null,
    severities: severitiesFrom(severity),
    since: since ?? null,
    olderThan,
    limit: limit + 1,
  });
  const numbered = found.slice(0, limit);
  const last = numbered.at(-1);
  return {
    kind: 'answer',
    result: numbered.map(({ notice }) => noticeView(notice)),
    info: {
      count: numbered.length,
      per_page: limit,
      cursor: found.length > limit && last !== undefined ? String(last.number) : null,
    },
  };
}

function severitiesFrom(least: Severity): readonly Severity[] {
  return SEVERITIES.slice(SEVERITIES.indexOf(least));
}

/** A zone by name or id; by id also one that is gone, whose notices stay. */
function zoneIds(text: string, { plane }: Call): readonly string[] | Problem {
  const id = zoneId(text.toLowerCase());
  if (id !== null) return [id];
  const name = typedHostname(text);
  const zone = name === null ? undefined : plane.zones.named(name);
  if (zone !== undefined) return [zone.id];
  return problem('bad_query', `zone is ${shown(text)}, must be the id or name of a zone`);
}

function place(cursor: string): number | Problem {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  return problem('bad_query', `cursor is ${shown(cursor)}, must be the one of an earlier answer`);
}

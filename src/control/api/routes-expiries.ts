import { z } from 'zod';
import { EXPIRING, type Expiry, sooner } from '../../domain/expiry.ts';
import { type Instant, instant, zoneId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { typedHostname } from '../../wire/names.ts';
import { EXPIRY, expiryView } from '../../wire/overview.ts';
import { FILTER, oneOf, paging } from '../../wire/schemas.ts';
import { ENDING, endingView } from '../../wire/zone-glance.ts';
import { page } from './page.ts';
import { allows } from './permissions.ts';
import { one, pageOf } from './returns.ts';
import { type Call, type Route, route } from './route.ts';
import type { Page } from './outcome.ts';

const LONGEST_DAYS = 36_500;
const DAY = 86_400_000;

/** A token that was made for so short a time was made to end: that of a set-up (a week by the clock of a browser). */
const MEANT_TO_END = 8 * DAY;

const WITHIN = FILTER.refine((text) => /^\d{1,5}d$/.test(text) && Number.parseInt(text, 10) <= LONGEST_DAYS, {
  error: `must be a number of days from 0d to ${LONGEST_DAYS}d`,
}).default('90d');

const EXPIRY_LIST = z.strictObject({
  within: WITHIN,
  zone: FILTER.optional(),
  what: oneOf(EXPIRING).optional(),
  renews: oneOf(['true', 'false']).optional(),
  ...paging({ minimum: 1, maximum: 1000, otherwise: 100 }),
});

export const EXPIRY_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/postern/v1/expiries',
    permission: 'ssl:read',
    takes: { query: EXPIRY_LIST },
    answers:
      'What ends within so many days (90d where it is left out), the soonest first, and whether it renews itself: certificates, CAs, what is signed for a while, and with tokens:read tokens that were made for more than 8 days. What has ended already comes first.',
    returns: pageOf(EXPIRY),
    handle: ({ query }, call) => list(query, call),
  }),
  route({
    method: 'GET',
    path: '/postern/v1/expiries/ending',
    permission: 'ssl:read',
    takes: { query: z.strictObject({ within: WITHIN }) },
    answers:
      'The same apart by who sees to it, of each the soonest 100 and how many there are: many that renew themselves hide none that somebody has to see to.',
    returns: one(ENDING),
    handle: ({ query }, call) => {
      const days = daysOf(query);
      return { kind: 'answer', result: endingView(ends(call, days), days) };
    },
  }),
];

function list(query: z.output<typeof EXPIRY_LIST>, call: Call): Page<View<typeof EXPIRY>> | Problem {
  const { zone: named, what, renews } = query;
  const zone = named === undefined ? null : zoneNamed(named, call);
  if (isProblem(zone)) return zone;
  const found = ends(call, daysOf(query))
    .filter((one) => zone === null || one.zone?.id === zone)
    .filter((one) => what === undefined || one.what === what)
    .filter((one) => renews === undefined || String(one.renews) === renews);
  return page(found, query, expiryView);
}

function daysOf({ within }: Pick<z.output<typeof EXPIRY_LIST>, 'within'>): number {
  return Number.parseInt(within, 10);
}

/** Everything that ends within so many days, the soonest first. */
function ends(call: Call, days: number): readonly Expiry[] {
  const until = instant(call.now + days * DAY);
  const tokens = tokenEnds(call, until);
  const all = call.plane.expiries(until);
  return tokens.length === 0 ? all : [...all, ...tokens].toSorted(sooner);
}

function tokenEnds(call: Call, until: Instant): readonly Expiry[] {
  if (!allows(call.token.permissions, 'tokens:read')) return [];
  return call.plane.listTokens(call).flatMap(({ id, name, createdAt, expiresAt }): readonly Expiry[] => {
    if (expiresAt === null || expiresAt > until || expiresAt - createdAt <= MEANT_TO_END) return [];
    return [{ what: 'token', id, name, endsAt: instant(expiresAt), renews: false, hostnames: [], zone: null }];
  });
}

function zoneNamed(text: string, { plane }: Call): string | Problem {
  const id = zoneId(text.toLowerCase());
  const name = id === null ? typedHostname(text) : null;
  const zone = id === null ? name !== null && plane.zones.named(name) : plane.zones.get(id);
  if (zone !== false && zone !== undefined) return zone.id;
  return problem('bad_query', `zone is ${shown(text)}, must be the id or name of a zone`);
}

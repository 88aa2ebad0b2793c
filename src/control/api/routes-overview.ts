import { z } from 'zod';
import { type Attention, atSetup, attentionOf, edgeAttention, moreUrgent } from '../../domain/attention.ts';
import { type Instant, instant } from '../../domain/ids.ts';
import { mayBeSetup } from '../../domain/under-setup.ts';
import { type Verdict, VERDICTS } from '../../domain/verdict.ts';
import { unseenUntil, ZONE_ORDERS, type ZoneOverview } from '../../domain/zone-overview.ts';
import type { View } from '../../wire/answer-fields.ts';
import { attentionView, expiryView, OVERVIEW, ZONE_OVERVIEW, zoneOverviewView } from '../../wire/overview.ts';
import { FILTER, oneOf, paging } from '../../wire/schemas.ts';
import { page } from './page.ts';
import { allows } from './permissions.ts';
import { one, pageOf } from './returns.ts';
import { type Call, type Route, route, unlessRestricted } from './route.ts';

const ZONE_LIST = z.strictObject({
  search: FILTER.optional(),
  verdict: oneOf([...VERDICTS, 'unattested']).optional(),
  sort: oneOf(ZONE_ORDERS).default('worst'),
  ...paging({ minimum: 1, maximum: 500, otherwise: 50 }),
});

const DAY = 86_400_000;
const SOON_DAYS = 30;
const MOST_ENDING = 10;
const MOST_ATTENTION = 50;
const MOST_GATHERED = 1_000;

export const OVERVIEW_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/postern/v1/overview',
    permission: 'ssl:read',
    takes: {},
    answers:
      'All zones of the token at a glance: how their locks are, what ends within 30 days, whether edges are behind, and what wants attention now.',
    returns: one(OVERVIEW),
    handle: async (_, call) => ({ kind: 'answer', result: await overview(call) }),
  }),
  route({
    method: 'GET',
    path: '/postern/v1/overview/zones',
    permission: 'ssl:read',
    takes: { query: ZONE_LIST },
    answers:
      'One row for each zone: lock, hostnames, what ends first, concerns, rotation. search is a part of the name, or an id; sorted by what is worst, or by name, ending, concerns, hostnames.',
    returns: pageOf(ZONE_OVERVIEW),
    handle: ({ query }, { plane, now }) => {
      const { search, verdict, sort } = query;
      const wanted = search?.toLowerCase();
      const rows = plane
        .zoneRows(sort)
        .filter((row) => verdict === undefined || (row.verdict ?? 'unattested') === verdict)
        .filter(({ name, id }) => wanted === undefined || name.includes(wanted) || id === wanted);
      return page(rows, query, (row) => zoneOverviewView(row, now));
    },
  }),
];

async function overview(call: Call): Promise<View<typeof OVERVIEW>> {
  const { plane, now } = call;
  const rows = plane.zoneRows('worst');
  const until = instant(now + SOON_DAYS * DAY);
  const ending = plane.expiries(until).filter(({ renews }) => !renews);
  const edges = maySeeEdges(call) ? edgesView(call) : null;
  const { count, first } = attention(call, rows);
  const urgent = await Promise.all(first.map((one) => knownSetup(one, call)));
  return {
    zones: zoneCounts(rows, now),
    hostnames: hostnameCounts(rows),
    ending: { within_days: SOON_DAYS, count: ending.length, first: ending.slice(0, MOST_ENDING).map(expiryView) },
    edges,
    attention: { count, first: urgent.toSorted(moreUrgent).map(attentionView) },
  };
}

// The edges serve all zones: who sees some of them only is not told how all of it fares.
function maySeeEdges({ token }: Call): boolean {
  return allows(token.permissions, 'edges:read') && unlessRestricted(token) === null;
}

function edgesView({ plane }: Call): View<typeof OVERVIEW>['edges'] {
  const edges = plane.edges();
  const revision = plane.revision();
  const connected = edges.filter((edge) => edge.connected);
  return {
    total: edges.length,
    connected: connected.length,
    behind: connected.filter(({ applied }) => applied < revision).length,
  };
}

function zoneCounts(rows: readonly ZoneOverview[], now: Instant): View<typeof OVERVIEW>['zones'] {
  const counts = { locked: 0, open: 0, broken: 0, unknown: 0, unattested: 0 };
  for (const { verdict } of rows) counts[verdict ?? 'unattested'] += 1;
  return {
    total: rows.length,
    ...counts,
    paused: rows.filter(({ paused }) => paused).length,
    looks_paused: rows.filter((row) => unseenUntil(row, now) !== null).length,
    rotating: rows.filter(({ rotation }) => rotation !== null).length,
  };
}

function hostnameCounts(rows: readonly ZoneOverview[]): ZoneOverview['hostnames'] {
  const sum: Record<Verdict | 'served' | 'unattested', number> = {
    served: 0,
    locked: 0,
    open: 0,
    broken: 0,
    unknown: 0,
    unattested: 0,
  };
  for (const { hostnames } of rows) {
    for (const key of HOSTNAME_KEYS) sum[key] += hostnames[key];
  }
  return sum;
}

const HOSTNAME_KEYS = ['served', 'unattested', ...VERDICTS] as const;

function attention(call: Call, rows: readonly ZoneOverview[]): { readonly count: number; readonly first: Attention[] } {
  const { plane } = call;
  const shared = plane.sharedConcerns().filter(({ severity }) => severity !== 'info');
  const ofEdges = maySeeEdges(call) ? edgeAttention(plane.edges(), plane.revision()) : [];
  const items = [...ofEdges, ...shared.map((concern) => attentionOf(concern, null))];
  let count = items.length;
  for (const { id, name, concerns } of rows) {
    count += concerns.critical + concerns.warning;
    for (const concern of concerns.first) items.push(attentionOf(concern, { id, name }));
    // Kept short while it grows: an outage may make twenty of each of ten thousand zones.
    if (items.length > MOST_GATHERED) items.splice(0, items.length, ...mostUrgent(items));
  }
  return { count, first: mostUrgent(items) };
}

// Few are asked for: those that are shown.
async function knownSetup(one: Attention, { plane, now }: Call): Promise<Attention> {
  const { zone, hostname } = one;
  if (zone === null || hostname === null || !mayBeSetup(one)) return one;
  return atSetup(one, await plane.setup({ zone: zone.id, hostname }), now);
}

function mostUrgent(items: readonly Attention[]): Attention[] {
  return items.toSorted(moreUrgent).slice(0, MOST_ATTENTION);
}

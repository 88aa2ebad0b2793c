import type { Attestation, ZoneLocks } from './attestation.ts';
import type { EdgeZone } from './edge-zone.ts';
import { type Expiry, expiries } from './expiry.ts';
import { type AccountId, type Hostname, type Instant, instant, type RotationId, type ZoneId } from './ids.ts';
import { type Concern, SEVERITIES } from './notice.ts';
import { verdictsByName } from './plan-turns.ts';
import { isRunning, type Phase } from './rotation.ts';
import { type Verdict, VERDICTS, worst } from './verdict.ts';
import type { Zone } from './zone.ts';

/** How a zone is, in one row. */
export interface ZoneOverview {
  readonly id: ZoneId;
  readonly account: AccountId;
  readonly name: Hostname;
  readonly paused: boolean;
  /** The worst of its hostnames; `null` where none is looked at. */
  readonly verdict: Verdict | null;
  /** Since when it is this one. */
  readonly since: Instant | null;
  /** Until when nobody looks, or looked at one time, because somebody wished so. */
  readonly looksPausedUntil: Instant | null;
  /** Hostnames that the edge serves, how many of them are how, and how many have no lock that could hold. */
  readonly hostnames: Readonly<Record<Verdict | 'served' | 'unattested', number>>;
  /** Everything that ends, the soonest first. */
  readonly expiries: readonly Expiry[];
  readonly rotation: {
    readonly id: RotationId;
    readonly phase: Phase['kind'];
    readonly paused: boolean;
  } | null;
  /** What wants somebody's attention: how much of it, and the first of it, the most severe first. */
  readonly concerns: {
    readonly critical: number;
    readonly warning: number;
    readonly first: readonly Concern[];
  };
}

/** Until when nobody looks at the locks of a zone; `null` where somebody looks. */
export function unseenUntil({ looksPausedUntil: until }: ZoneOverview, now: Instant): Instant | null {
  return until !== null && now < until ? until : null;
}

interface OverviewFacts {
  readonly edge: EdgeZone;
  readonly locks: ZoneLocks;
  readonly concerns: readonly Concern[];
  /** When the certificate ends that the local CA made for visitors. */
  readonly visitor: Instant;
}

/** Concerns that are kept of a zone: an outage may make one of each of very many origins. */
const MOST_CONCERNS = 20;

/** The row of a zone. Looks at every hostname once. */
export function zoneOverview(zone: Zone, { edge, locks, concerns, visitor }: OverviewFacts): ZoneOverview {
  const { id, account, name, paused, rotation } = zone;
  const { attestations } = locks;
  const verdict = attestations.length === 0 ? null : worst(attestations.map((one) => one.verdict));
  const pressing = concerns.filter(({ severity }) => severity !== 'info');
  return {
    id,
    account,
    name,
    paused,
    verdict,
    since: verdict === null ? null : sinceWhen(verdict, attestations),
    looksPausedUntil: zone.looks.pause?.until ?? null,
    hostnames: counted(edge, locks),
    expiries: expiries(zone, visitor),
    rotation: isRunning(rotation)
      ? { id: rotation.id, phase: rotation.phase.kind, paused: rotation.paused !== null }
      : null,
    concerns: {
      critical: pressing.filter(({ severity }) => severity === 'critical').length,
      warning: pressing.filter(({ severity }) => severity === 'warning').length,
      first: pressing.toSorted(moreSevere).slice(0, MOST_CONCERNS),
    },
  };
}

/** Locked since all are; otherwise since the first is so. */
function sinceWhen(verdict: Verdict, attestations: readonly Attestation[]): Instant | null {
  const times = attestations.flatMap((one) => {
    const time = verdict === 'locked' ? one.lockedSince : one.since;
    return one.verdict === verdict && time !== null ? [time] : [];
  });
  if (times.length === 0) return null;
  return instant(
    times.reduce<number>(
      (a, b) => (verdict === 'locked' ? Math.max(a, b) : Math.min(a, b)),
      verdict === 'locked' ? 0 : Number.POSITIVE_INFINITY,
    ),
  );
}

function counted(edge: EdgeZone, { attestations, unattested }: ZoneLocks): ZoneOverview['hostnames'] {
  const counts = { locked: 0, open: 0, broken: 0, unknown: 0 };
  for (const verdict of verdictsByName(attestations).values()) counts[verdict] += 1;
  let served = 0;
  for (const { targets } of edge.hosts.values()) if (targets.length > 0) served += 1;
  return { ...counts, served, unattested: unattested.length };
}

function moreSevere(a: Concern, b: Concern): number {
  return SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity);
}

/** The orders in which zones are listed. */
export const ZONE_ORDERS = ['worst', 'name', 'ending', 'concerns', 'hostnames'] as const;
export type ZoneOrder = (typeof ZONE_ORDERS)[number];

/** Compares two rows in an order; what is equal goes by name. */
export function inOrder(order: ZoneOrder): (a: ZoneOverview, b: ZoneOverview) => number {
  return (a, b) => COMPARISONS[order](a, b) || byName(a, b);
}

function byName(a: ZoneOverview, b: ZoneOverview): number {
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

const COMPARISONS: Readonly<Record<ZoneOrder, (a: ZoneOverview, b: ZoneOverview) => number>> = {
  worst: (a, b) => rank(a) - rank(b) || concerned(a, b),
  name: byName,
  ending: (a, b) => (a.expiries[0]?.endsAt ?? 0) - (b.expiries[0]?.endsAt ?? 0),
  concerns: concerned,
  hostnames: (a, b) => b.hostnames.served - a.hostnames.served,
};

// Nobody looks: worse than locked, better than what cannot be told.
function rank({ verdict }: ZoneOverview): number {
  if (verdict === null) return VERDICTS.indexOf('locked') - 0.5;
  return VERDICTS.indexOf(verdict);
}

function concerned({ concerns: a }: ZoneOverview, { concerns: b }: ZoneOverview): number {
  return b.critical - a.critical || b.warning - a.warning;
}

import type { ZoneLocks } from '../../domain/attestation.ts';
import type { X509Facts } from '../../domain/certificate.ts';
import { type Expiry, signedExpiries, sooner } from '../../domain/expiry.ts';
import { type Instant, zoneId, type ZoneId } from '../../domain/ids.ts';
import type { Concern } from '../../domain/notice.ts';
import type { PublishedTimes } from '../../domain/publication-concerns.ts';
import type { ZoneOrder, ZoneOverview } from '../../domain/zone-overview.ts';
import type { ControlState } from '../control-state.ts';
import { installationView } from '../installation.ts';
import type { Standing } from '../notices/keeping.ts';
import { OverviewIndex } from './overview-index.ts';
import { exchanged } from './sorted-list.ts';

/** All zones at a glance. */
export interface OverviewKeeping {
  /** A row for each zone, in an order. */
  readonly zoneRows: (order: ZoneOrder) => readonly ZoneOverview[];
  /** That of one zone: it costs nothing that grows with how many there are. */
  readonly zoneRow: (zone: ZoneId) => ZoneOverview | undefined;
  /** What of one zone ends until then, the soonest first. */
  readonly zoneExpiries: (zone: ZoneId, until: Instant) => readonly Expiry[];
  /** What ends until then, the soonest first. */
  readonly expiries: (until: Instant) => readonly Expiry[];
  /** What of the whole installation wants somebody's attention. */
  readonly sharedConcerns: () => readonly Concern[];
}

interface Parts {
  readonly locks: (zone: ZoneId) => ZoneLocks;
  readonly standing: Standing;
}

/** Tells the index of zones of what it must look at anew, also before there is one. */
export class Touches {
  #index: OverviewIndex | null = null;
  #warm: () => void = () => undefined;

  readonly touched = (zone: ZoneId | null): void => {
    if (zone !== null) return this.#index?.touch(zone);
    this.#index?.touchAll();
    this.#warm();
  };

  /** `warm` begins to work out what is not known yet. */
  tell(index: OverviewIndex, warm: () => void): void {
    this.#index = index;
    this.#warm = warm;
    warm();
  }
}

/** Rows that are worked out in one go: a few milliseconds. */
const SOME = 100;

/** Works out the rows of all zones by and by, so that whoever looks first does not wait for ten thousand of them. */
function warming(index: OverviewIndex, state: ControlState): () => void {
  let isUnderWay = false;
  const step = () => {
    isUnderWay = !state.closed && index.advance(SOME);
    if (isUnderWay) setImmediate(step);
  };
  return () => {
    if (!isUnderWay) setImmediate(step);
    isUnderWay = true;
  };
}

/** Keeps the rows of all zones. */
export function overviewKeeping(state: ControlState, { locks, standing }: Parts, touches: Touches): OverviewKeeping {
  const concerns = (zone: Parameters<Standing['standing']>[0]) => standing.standing(zone);
  const { zones } = state;
  const ids = () => [...zones.index.all()].map(({ id }) => id);
  const index = new OverviewIndex({ ids, entry: zones.entry, locks, concerns });
  zones.watch((id) => index.touch(id));
  touches.tell(index, warming(index, state));
  return {
    zoneRows: (order) => index.rows(order),
    zoneRow: (zone) => index.row(zone),
    zoneExpiries: (zone, until) => {
      const own = index.row(zone)?.expiries ?? [];
      const all = [...own, ...signedOf(zone, standing.times().get(zone), state)];
      return all.filter(({ endsAt }) => endsAt <= until).toSorted(sooner);
    },
    expiries: (until) => {
      const all = index.expiries();
      const others = [...shared(state), ...signed(state, standing)].filter(({ endsAt }) => endsAt <= until);
      const own = all.slice(0, firstAfter(all, until));
      // Few beside very many that are sorted already.
      return exchanged(own, { gone: [], come: others }, sooner);
    },
    sharedConcerns: () => standing.standingOfAll(),
  };
}

function shared(state: ControlState): readonly Expiry[] {
  const { leaf, intermediate, root } = installationView(state.installation).shared;
  return [leaf, intermediate, root].map(({ fingerprint: id, subject: name, notAfter: endsAt }: X509Facts) => {
    return { what: 'shared', id, name, endsAt, renews: true, hostnames: [], zone: null };
  });
}

function signed(state: ControlState, standing: Standing): readonly Expiry[] {
  return [...standing.times()].flatMap(([id, times]) => {
    const known = id === null ? null : zoneId(id);
    return known === null ? [] : signedOf(known, times, state);
  });
}

function signedOf(id: ZoneId, times: PublishedTimes | undefined, { zones }: ControlState): readonly Expiry[] {
  const zone = zones.index.get(id);
  return zone === undefined || times === undefined ? [] : signedExpiries(zone, times);
}

/** How many of them end until then: they are in their order. */
function firstAfter(all: readonly Expiry[], until: Instant): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((all[middle]?.endsAt ?? 0) <= until) low = middle + 1;
    else high = middle;
  }
  return low;
}

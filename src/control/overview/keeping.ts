import type { ZoneLocks } from '../../domain/attestation.ts';
import type { X509Facts } from '../../domain/certificate.ts';
import { type Expiry, signedExpiries, sooner } from '../../domain/expiry.ts';
import { type Instant, zoneId, type ZoneId } from '../../domain/ids.ts';
import type { Concern } from '../../domain/notice.ts';
import type { ZoneOrder, ZoneOverview } from '../../domain/zone-overview.ts';
import type { ControlState } from '../control-state.ts';
import { installationView } from '../installation.ts';
import type { Standing } from '../notices/keeping.ts';
import { OverviewIndex } from './overview-index.ts';

/** All zones at a glance. */
export interface OverviewKeeping {
  /** A row for each zone, in an order. */
  readonly zoneRows: (order: ZoneOrder) => readonly ZoneOverview[];
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

  readonly touched = (zone: ZoneId | null): void => {
    if (zone === null) this.#index?.touchAll();
    else this.#index?.touch(zone);
  };

  tell(index: OverviewIndex): void {
    this.#index = index;
  }
}

/** Keeps the rows of all zones. */
export function overviewKeeping(state: ControlState, { locks, standing }: Parts, touches: Touches): OverviewKeeping {
  const concerns = (zone: Parameters<Standing['standing']>[0]) => standing.standing(zone);
  const index = new OverviewIndex({ entries: state.zones.entries, locks, concerns });
  touches.tell(index);
  return {
    zoneRows: (order) => index.rows(order),
    expiries: (until) => {
      const all = index.expiries();
      const others = [...shared(state), ...signed(state, standing)].filter(({ endsAt }) => endsAt <= until);
      return [...all.slice(0, firstAfter(all, until)), ...others].toSorted(sooner);
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

function signed({ zones }: ControlState, standing: Standing): readonly Expiry[] {
  return [...standing.times()].flatMap(([id, times]) => {
    const known = id === null ? null : zoneId(id);
    const zone = known === null ? undefined : zones.index.get(known);
    return zone === undefined ? [] : signedExpiries(zone, times);
  });
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

import { type Attestation, attestedOrigins } from '../../domain/attestation.ts';
import { type Hostname, type Instant, instant, type ZoneId } from '../../domain/ids.ts';
import { type Decision, type Glance, GLANCES_EVERY, isCarriedOut, tellsMore } from '../../domain/lock-glance.ts';
import { pauseInForce } from '../../domain/look-settings.ts';
import { originKey } from '../../domain/proof.ts';
import type { ControlState } from '../control-state.ts';
import { errorFields } from '../log.ts';
import { type LookPlaces, partyOf } from '../look-places.ts';
import type { ZoneEntry } from '../zones.ts';
import { type Attestee, attesteeKey, LookOrder } from './look-order.ts';

export interface GlanceParts {
  readonly state: ControlState;
  readonly places: LookPlaces;
  readonly known: ReadonlyMap<ZoneId, ReadonlyMap<string, Attestation>>;
  /** Those of all zones. */
  readonly decisions: (now: Instant) => readonly Decision[];
  readonly glance: (attestee: Attestee, signal: AbortSignal) => Promise<Glance | null>;
  /** Has an origin looked at in every way. */
  readonly look: (key: string) => void;
  /** Who is being looked at, by looks of any extent. */
  readonly busy: Set<string>;
  readonly signal: AbortSignal;
  /** Glances that may be under way, or begun in one tick, and of them those of one account. */
  readonly atOnce: number;
  readonly ofOneAccount: number;
}

interface Glanced {
  readonly attestee: Attestee;
  readonly decided: Instant;
}

/**
 * Glances every few seconds at the origins of set-ups whose decision may be carried out at any moment. What a glance sees is
 * kept nowhere: it only tells when to look in every way, which is what counts.
 */
export class Glances {
  readonly #parts: GlanceParts;
  readonly #order: LookOrder;
  #wanted: ReadonlyMap<string, Glanced> = new Map();
  /** What glances came to when a look was asked for, or at first. */
  readonly #before = new Map<string, string>();
  #underWay = 0;

  constructor(parts: GlanceParts) {
    this.#parts = parts;
    this.#order = new LookOrder({ every: GLANCES_EVERY, ofOneAccount: parts.ofOneAccount }, parts.busy);
  }

  /** Takes up what was decided, lets go of what is carried out or over, and begins the glances whose time has come. */
  tick(): void {
    const wanted = this.#wantedNow();
    for (const key of this.#wanted.keys()) {
      if (wanted.has(key)) continue;
      this.#order.drop(key);
      this.#before.delete(key);
    }
    this.#wanted = wanted;
    // As they are by now. Who is new has its turn at once, and who was there before when it is due.
    this.#order.join([...wanted.values()].map(({ attestee }) => ({ attestee, seen: LONG_AGO })));
    this.#begin();
  }

  #wantedNow(): ReadonlyMap<string, Glanced> {
    const { state, decisions, known } = this.#parts;
    const now = state.clock();
    const wanted = new Map<string, Glanced>();
    for (const { zone, hostnames, decided } of decisions(now)) {
      const entry = state.zones.entry(zone);
      if (entry === undefined || pauseInForce(entry.zone.looks, now) !== null) continue;
      for (const attestee of originsOf(entry, hostnames))
        if (!isCarriedOut(known.get(zone)?.get(originKey(attestee.origin)), decided))
          wanted.set(attesteeKey(attestee), { attestee, decided });
    }
    return wanted;
  }

  // No more than those of one tick: glances at thousands of origins come less often, and cost no more.
  #begin(): void {
    const { state, places, atOnce, signal } = this.#parts;
    for (let begun = 0; begun < atOnce && this.#underWay < atOnce && !signal.aborted; begun += 1) {
      const attestee = this.#order.take(state.clock());
      if (attestee === null) return;
      this.#underWay += 1;
      const target = `${attestee.origin.address} ${attestee.origin.port}`;
      places
        .pass(partyOf(attestee.account, 'attestations'), () => this.#glance(attestee), target)
        .catch((error: unknown) => state.log('attestation_failed', errorFields(error)))
        .finally(() => {
          this.#underWay -= 1;
        });
    }
  }

  async #glance(attestee: Attestee): Promise<void> {
    const { state, glance, signal } = this.#parts;
    const at = state.clock();
    let seen: Glance | null = null;
    try {
      seen = signal.aborted ? null : await glance(attestee, signal);
    } finally {
      this.#order.done(attestee, at);
    }
    if (seen !== null && !signal.aborted) this.#take(attesteeKey(attestee), seen);
  }

  #take(key: string, glance: Glance): void {
    const { state, known, look } = this.#parts;
    const wanted = this.#wanted.get(key);
    if (wanted === undefined) return;
    const { attestee, decided } = wanted;
    const before = this.#before.get(key) ?? null;
    const now = state.clock();
    const tells = tellsMore({
      glance,
      before,
      known: known.get(attestee.zone)?.get(originKey(attestee.origin)),
      decided,
      now,
    });
    if (before === null || tells) this.#before.set(key, glance.told);
    if (tells) look(key);
  }
}

const LONG_AGO = instant(0);

/** The origins of these names alone: the other names of a zone may be many. */
function originsOf({ zone, edge: { rules, hosts, authorities } }: ZoneEntry, names: readonly Hostname[]): Attestee[] {
  const chosen = new Map(
    names.flatMap((name) => {
      const host = hosts.get(name);
      return host === undefined ? [] : [[name, host] as const];
    }),
  );
  const { origins } = attestedOrigins({ rules, hosts: chosen, authorities }, zone.looks);
  return origins.map((one) => ({ ...one, zone: zone.id, account: zone.account }));
}

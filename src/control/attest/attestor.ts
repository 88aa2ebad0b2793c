import { createHash } from 'node:crypto';
import {
  type Attestation,
  type AttestationPace,
  attestationKey,
  attested,
  attestedOrigins,
  isNews,
  type LookExtent,
  unwatched,
  type ZoneLocks,
} from '../../domain/attestation.ts';
import type { EdgeZoneRules } from '../../domain/edge-zone.ts';
import { type Instant, instant, type ZoneId } from '../../domain/ids.ts';
import { pauseInForce } from '../../domain/look-settings.ts';
import { originKey } from '../../domain/proof.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { ControlState } from '../control-state.ts';
import { errorFields } from '../log.ts';
import { type LookPlaces, partyOf } from '../look-places.ts';
import type { ZoneEntry } from '../zones.ts';
import type { InTurn } from '../turns.ts';
import { dropAttestations, pruneChanges, writeAttestation } from './attestation-rows.ts';
import { type GlanceParts, Glances } from './glances.ts';
import { type Attestee, attesteeKey, LookOrder } from './look-order.ts';
import { LookTimes } from './look-times.ts';

/** What one look came to. */
export interface Seen {
  readonly verdict: Verdict;
  /** Codes of what was found, most severe first. */
  readonly findings: readonly string[];
  /** Everything that was seen, as JSON. */
  readonly evidence: string;
  /** How many times somebody knocked. */
  readonly knocks: number;
}

interface AttestorParts extends Pick<GlanceParts, 'decisions' | 'glance'> {
  readonly state: ControlState;
  readonly inTurn: InTurn;
  readonly places: LookPlaces;
  readonly pace: AttestationPace;
  readonly known: Map<ZoneId, Map<string, Attestation>>;
  /** Told of a zone of whose locks something else is known than before. */
  readonly touched: (zone: ZoneId) => void;
  readonly look: (attestee: Attestee, extent: LookExtent, signal: AbortSignal) => Promise<Seen>;
  /** Milliseconds between ticks. */
  readonly every?: number;
}

const TICK = 1_000;
/** Looks of one extent that may be under way: most of their time they wait. */
const AT_ONCE = 16;
/** Of them so many of one account: its slow origins keep nobody else's from being looked at. */
const OF_ONE_ACCOUNT = 6;
/** Milliseconds that the next look waits for each knock of the one before: so looks take a tenth of a processor. */
const FOR_EACH_KNOCK = 20;
/** Milliseconds between two writes of when locks were looked at: a crash forgets so much. */
const WRITES_EVERY = 60_000;
/** A zone is gone through again at the earliest after so many times what that took. */
const REST = 20;

/** The mark of an origin at which nobody looks for a while. */
const PAUSED = 'paused';

/** A zone as it was gone through. */
interface Surveyed {
  readonly entry: ZoneEntry;
  /** By origin: what makes it another one when it changes. */
  readonly marks: ReadonlyMap<string, string>;
  readonly unattested: ZoneLocks['unattested'];
  /** When looks go on that are paused; null where somebody looks. */
  readonly pausedUntil: Instant | null;
  /** Monotonic milliseconds before which it is not gone through again. */
  readonly rests: number;
}

// What the edge asks of the origin's own certificate. The list of revoked ones may be long, so all goes by its digest.
function verificationMark({ ssl, originCas, revokedOrigins, compliance }: EdgeZoneRules): string {
  const asked = [ssl, compliance, originCas.map(({ fingerprint }) => fingerprint), revokedOrigins];
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64url');
}

/** Who is to stand in line; who was there before and has changed comes first. */
interface Joining {
  readonly attestee: Attestee;
  readonly changed: boolean;
}

/** Looks at the origins of all zones again and again: soon after a change, and in any case every so often. */
export class Attestor {
  readonly #parts: AttestorParts;
  readonly #orders: Readonly<Record<LookExtent, LookOrder>>;
  readonly #lanes = { quick: { busy: 0, next: 0 }, full: { busy: 0, next: 0 } };
  readonly #zones = new Map<ZoneId, Surveyed>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #times: LookTimes;
  readonly #glances: Glances;
  readonly #timer: NodeJS.Timeout;
  readonly #writing: NodeJS.Timeout;
  readonly #ending = new AbortController();

  constructor(parts: AttestorParts) {
    this.#parts = parts;
    const busy = new Set<string>();
    const order = (every: number) => new LookOrder({ every, ofOneAccount: OF_ONE_ACCOUNT }, busy);
    this.#orders = { quick: order(parts.pace.quick), full: order(parts.pace.full) };
    this.#times = new LookTimes(parts);
    const look = (key: string): void => {
      this.#orders.full.hurry(key);
      this.#begin('full');
    };
    const { signal } = this.#ending;
    this.#glances = new Glances({ ...parts, busy, look, signal, atOnce: AT_ONCE, ofOneAccount: OF_ONE_ACCOUNT });
    this.#timer = setInterval(() => this.tick(), parts.every ?? TICK).unref();
    this.#writing = setInterval(() => void this.#times.write(), WRITES_EVERY).unref();
  }

  /** Notices what has changed, and begins the looks whose time has come. */
  tick(): void {
    this.#survey();
    for (const extent of ['full', 'quick'] as const) this.#begin(extent);
    this.#glances.tick();
  }

  /** What is known of the origins of a zone, and what is not looked at. */
  of(zone: ZoneId): Omit<ZoneLocks, 'pause'> {
    const surveyed = this.#zones.get(zone);
    const known = this.#parts.known.get(zone);
    const keys = [...(surveyed?.marks.keys() ?? [])];
    return {
      attestations: keys.flatMap((key) => known?.get(key) ?? []),
      unattested: surveyed?.unattested ?? [],
    };
  }

  /**
   * Looks at origins of a zone in every way, before others of the account. Answers how many were not looked at when so many
   * milliseconds are over; at once for those that do not stand in line yet.
   */
  async now(zone: ZoneId, origins: readonly string[], patience: number): Promise<number> {
    const keys = [...new Set(origins.map((origin) => `${zone} ${origin}`))];
    const expected = keys.filter((key) => this.#orders.full.has(key));
    let waiting = keys.length;
    const all = Promise.withResolvers<void>();
    const tell = () => {
      waiting -= 1;
      if (waiting === keys.length - expected.length) all.resolve();
    };
    const timer = setTimeout(all.resolve, expected.length === 0 ? 0 : patience);
    for (const key of expected) {
      this.#waiting.set(key, (this.#waiting.get(key) ?? new Set()).add(tell));
      this.#orders.full.hurry(key);
    }
    this.#begin('full');
    await all.promise;
    clearTimeout(timer);
    for (const key of expected) this.#forgetWaiting(key, tell);
    return waiting;
  }

  #forgetWaiting(key: string, tell: () => void): void {
    const left = this.#waiting.get(key);
    left?.delete(tell);
    if (left?.size === 0) this.#waiting.delete(key);
  }

  /** How many origins are looked at. */
  get size(): number {
    return this.#orders.quick.size;
  }

  /** Begins nothing more, breaks off what is under way, and writes down when locks were looked at. */
  close(): Promise<void> {
    clearInterval(this.#timer);
    clearInterval(this.#writing);
    this.#ending.abort();
    for (const waiting of this.#waiting.values()) for (const tell of waiting) tell();
    this.#waiting.clear();
    return this.#times.write();
  }

  #survey(): void {
    const { zones, clock } = this.#parts.state;
    const now = clock();
    const present = new Set<ZoneId>();
    const joining: Joining[] = [];
    for (const entry of zones.entries()) {
      present.add(entry.zone.id);
      const before = this.#zones.get(entry.zone.id);
      const resumed = now >= (before?.pausedUntil ?? Number.POSITIVE_INFINITY);
      if ((before?.entry === entry && !resumed) || performance.now() < (before?.rests ?? 0)) continue;
      joining.push(...this.#surveyZone(entry, before));
    }
    this.#line(joining);
    for (const [id, { marks }] of this.#zones) if (!present.has(id)) this.#forget(id, [...marks.keys()]);
  }

  /** Answers who is to stand in line anew. */
  #surveyZone(entry: ZoneEntry, before: Surveyed | undefined): readonly Joining[] {
    const begun = performance.now();
    const { id, account, openings, looks } = entry.zone;
    const { origins, unattested } = attestedOrigins(entry.edge, looks);
    const verification = verificationMark(entry.edge.rules);
    const pause = pauseInForce(looks, this.#parts.state.clock());
    const known = this.#parts.known.get(id);
    const marks = new Map<string, string>();
    const joining: Joining[] = [];
    for (const one of origins) {
      const origin = originKey(one.origin);
      const opened = openings.get(one.origin.hostname)?.until ?? '';
      const mark = pause === null ? `${one.certificate} ${opened} ${verification} ${one.path}` : PAUSED;
      marks.set(origin, mark);
      if (before?.marks.get(origin) === mark) continue;
      const attestee = { ...one, zone: id, account };
      if (pause === null) joining.push({ attestee, changed: before !== undefined });
      else this.#unline(attesteeKey(attestee));
    }
    if (looks.pause !== null) this.#unwatch(entry);
    const gone = [...(before?.marks.keys() ?? known?.keys() ?? [])].filter((key) => !marks.has(key));
    if (gone.length > 0) this.#forget(id, gone);
    const took = performance.now() - begun;
    const pausedUntil = pause?.until ?? null;
    this.#zones.set(id, { entry, marks, unattested, pausedUntil, rests: begun + REST * took });
    this.#parts.touched(id);
    return joining;
  }

  #line(joining: readonly Joining[]): void {
    const { known } = this.#parts;
    const seen = joining.map(({ attestee }) => known.get(attestee.zone)?.get(originKey(attestee.origin)));
    this.#orders.quick.join(joining.map(({ attestee }, at) => ({ attestee, seen: seen[at]?.at ?? null })));
    this.#orders.full.join(joining.map(({ attestee }, at) => ({ attestee, seen: seen[at]?.fullAt ?? null })));
    for (const { attestee, changed } of joining) if (changed) this.#orders.full.hurry(attesteeKey(attestee));
  }

  #unline(key: string): void {
    for (const order of Object.values(this.#orders)) order.drop(key);
    this.#tell(key);
  }

  /** What nobody looked at for a while is not known to hold any more. */
  #unwatch({ zone: { id, looks } }: ZoneEntry): void {
    const { state, inTurn, known } = this.#parts;
    const ofZone = known.get(id);
    for (const [origin, before] of ofZone ?? []) {
      const next = unwatched(before, looks.pause);
      if (next === before) continue;
      ofZone?.set(origin, next);
      this.#parts.touched(id);
      const changed = next.verdict !== before.verdict;
      const write = async () => {
        // Somebody may have looked since, or the origin may be gone.
        if (state.closed || known.get(id)?.get(origin) !== next) return;
        await writeAttestation(state.store, id, { attestation: next, evidence: null, changed });
      };
      inTurn(write).catch((error: unknown) => state.log('attestation_failed', errorFields(error)));
      if (changed) this.#changed(id, next, before);
    }
  }

  #forget(zone: ZoneId, origins: readonly string[]): void {
    const { state, inTurn, known } = this.#parts;
    for (const origin of origins) {
      this.#unline(`${zone} ${origin}`);
      known.get(zone)?.delete(origin);
    }
    if (state.zones.index.get(zone) === undefined) {
      this.#zones.delete(zone);
      known.delete(zone);
      return;
    }
    const drop = () => (state.closed ? Promise.resolve() : dropAttestations(state.store, zone, origins));
    inTurn(drop).catch((error: unknown) => state.log('attestation_failed', errorFields(error)));
  }

  #begin(extent: LookExtent): void {
    const lane = this.#lanes[extent];
    const { state, places } = this.#parts;
    while (lane.busy < AT_ONCE && !this.#ending.signal.aborted && performance.now() >= lane.next) {
      const attestee = this.#orders[extent].take(state.clock());
      if (attestee === null) return;
      lane.busy += 1;
      lane.next = performance.now() + FOR_EACH_KNOCK;
      const target = `${attestee.origin.address} ${attestee.origin.port}`;
      places
        .pass(partyOf(attestee.account, 'attestations'), () => this.#look(attestee, extent), target)
        .catch((error: unknown) => state.log('attestation_failed', errorFields(error)))
        .finally(() => {
          lane.busy -= 1;
          this.#begin(extent);
        });
    }
  }

  async #look(attestee: Attestee, extent: LookExtent): Promise<void> {
    const { state, look } = this.#parts;
    const key = attesteeKey(attestee);
    const at = state.clock();
    let seen: Seen | null = null;
    try {
      if (!this.#ending.signal.aborted) seen = await look(attestee, extent, this.#ending.signal);
      if (seen !== null && !this.#ending.signal.aborted) await this.#take(attestee, { seen, extent, at });
    } finally {
      const lane = this.#lanes[extent];
      lane.next = Math.max(lane.next, performance.now() + FOR_EACH_KNOCK * (seen?.knocks ?? 1));
      this.#orders[extent].done(attestee, at);
      if (extent === 'full') {
        this.#orders.quick.seen(key, at);
        this.#tell(key);
      }
    }
  }

  async #take(
    attestee: Attestee,
    { seen, extent, at }: { readonly seen: Seen; readonly extent: LookExtent; readonly at: Instant },
  ): Promise<void> {
    const { state, inTurn, known, touched } = this.#parts;
    const { zone, origin, certificate: presented } = attestee;
    const before = known.get(zone)?.get(originKey(origin)) ?? null;
    const { verdict, findings, evidence } = seen;
    // All ways are tried before anybody is told.
    if (extent === 'quick' && isNews(before, { verdict })) return this.#orders.full.hurry(attesteeKey(attestee));
    const { next, changed } = attested(before, { origin, verdict, at, extent, presented, findings });
    let taken = false;
    await inTurn(async () => {
      const present = state.zones.index.get(zone);
      // What began before a pause may have seen the lock during it.
      if (state.closed || present === undefined || at < (present.looks.pause?.until ?? 0)) return;
      taken = true;
      const ofZone = known.get(zone) ?? new Map<string, Attestation>();
      known.set(zone, ofZone.set(attestationKey(next), next));
      if (changed) touched(zone);
      // A look that tells nothing new is not worth a write.
      if (extent === 'quick' && !changed) return this.#times.note(zone, next);
      await writeAttestation(state.store, zone, {
        attestation: next,
        evidence: extent === 'full' ? evidence : null,
        changed,
      });
      if (changed) await pruneChanges(state.store, zone, instant(at));
    });
    if (changed && taken) this.#changed(zone, next, before);
  }

  #changed(id: ZoneId, next: Attestation, before: Attestation | null): void {
    const { state } = this.#parts;
    const zone = state.zones.index.get(id);
    if (zone === undefined || state.closed) return;
    const { verdict, origin } = next;
    state.log('lock_seen', {
      zone: id,
      host: origin.hostname,
      origin: originKey(origin),
      verdict,
      before: before?.verdict ?? 'unseen',
      findings: next.findings.join(' '),
    });
    const where = { zone: id, account: zone.account, zoneName: zone.name };
    state.events.add({
      kind: 'lock_seen',
      ...where,
      hostname: origin.hostname,
      verdict,
      before: before?.verdict ?? null,
    });
  }

  #tell(key: string): void {
    for (const tell of this.#waiting.get(key) ?? []) tell();
    this.#waiting.delete(key);
  }
}

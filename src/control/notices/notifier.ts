import { randomBytes } from 'node:crypto';
import type { Attestation } from '../../domain/attestation.ts';
import { attestationConcerns } from '../../domain/attestation-concerns.ts';
import { endingConcerns, sharedConcerns } from '../../domain/ending-concerns.ts';
import { type Hostname, type Instant, instant, type NoticeId, noticeId, type ZoneId } from '../../domain/ids.ts';
import { type Concern, type Due, due, type Notice, type NoticeCode, type NoticeZone } from '../../domain/notice.ts';
import { originKey, type ProofFinding } from '../../domain/proof.ts';
import { heldOrigins, isRunning } from '../../domain/rotation.ts';
import { needsTimes, publicationConcerns, sharedPublicationConcerns } from '../../domain/publication-concerns.ts';
import { needsSight, rotationConcerns, sharedChange } from '../../domain/rotation-concerns.ts';
import { CARRYING_OUT } from '../../domain/under-setup.ts';
import type { Zone } from '../../domain/zone.ts';
import { findingTitle } from '../attest/finding-title.ts';
import type { ControlState } from '../control-state.ts';
import type { StampedEvent } from '../event-ring.ts';
import { errorFields } from '../log.ts';
import type { SetupIndex } from '../setup-index.ts';
import type { RotationSight } from '../rotation/rotator.ts';
import type { Store } from '../store.ts';
import { type InTurn, turns } from '../turns.ts';
import { loadMarks, newestNotice, pruneNotices, writeMarks, writeNotice } from './notice-rows.ts';
import { logNotice } from './notice-log.ts';
import { NO_TIMES, publicationTimes, type TimesByZone } from './publication-times.ts';

interface NotifierParts {
  readonly state: ControlState;
  readonly inTurn: InTurn;
  readonly sight: (zone: ZoneId) => RotationSight | null;
  /** What was seen of the locks of a zone. */
  readonly locks: (zone: ZoneId) => readonly Attestation[];
  /** Which hostnames are being set up. */
  readonly setups: Pick<SetupIndex, 'of' | 'decidedSince' | 'watch'>;
  /** Puts notices on their way, in the transaction that stores them. */
  readonly send: (store: Store, notices: readonly Notice[]) => Promise<void>;
  /** Told when they are stored. */
  readonly said: (notices: readonly Notice[]) => void;
  /** Told of a zone that something else is worth a word than before. */
  readonly touched: (zone: ZoneId) => void;
}

/** What is due of one zone, or of the whole installation. */
interface Found {
  readonly place: NoticeZone | null;
  readonly due: Due;
}

/** What a look at zones knows besides the zones. */
interface Known {
  /** Whether somebody has looked at origins since the program started. */
  readonly sighted: boolean;
  /** When what is published ends; `null` where nobody has looked into the store. */
  readonly times: TimesByZone | null;
}

/** How often the origins of rotations under way are looked through for those that hold, and locks that should be there by now. */
const LOOK_EVERY = 60_000;
/** For so long after it should be there a lock is looked after each minute; a round through all zones comes before that ends. */
const LATE = 10 * 60_000;
/** Notices that are stored together. */
const TOGETHER = 500;
const ROTATION_ACTIONS: ReadonlySet<string> = new Set(['start_rotation', 'move_rotation', 'steer_rotation']);
/** What a look knows that is for rotations and locks. */
const ROTATIONS: Known = { sighted: true, times: null };
/** Under which the marks of what belongs to no zone lie. */
const NO_ZONE = '';
const NO_ZONES: TimesByZone = new Map();

/**
 * Tells people what they should know without asking: works out what is worth a word, and says each thing once. What was
 * said is stored, so that a restart says nothing again.
 */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly #marks: Map<string, Map<string, number>>;
  readonly #lane = turns();
  readonly #counts = new Map<NoticeCode, number>();
  #newest: number;
  /** As the newest round through all zones had it. */
  #known: Known = { sighted: false, times: null };
  #timer: NodeJS.Timeout | null = null;
  #stop: () => void = () => undefined;

  private constructor(parts: NotifierParts, marks: Map<string, Map<string, number>>, newest: number) {
    this.#parts = parts;
    this.#marks = marks;
    this.#newest = newest;
  }

  static async open(parts: NotifierParts): Promise<Notifier> {
    const { store } = parts.state;
    return new Notifier(parts, await loadMarks(store), await newestNotice(store));
  }

  /** Looks from now on whenever a rotation moves, and once a minute where time alone may have changed something. */
  start(every = LOOK_EVERY): void {
    const { events } = this.#parts.state;
    const hear = (stamped: StampedEvent) => this.#hear(stamped);
    const stop = events.listen({ token: 'postern', hear, ended: () => undefined });
    if (typeof stop === 'function') this.#stop = stop;
    this.#parts.setups.watch((zone) => void this.#look([zone], ROTATIONS));
    this.#timer = setInterval(() => void this.#look(this.#moving(), ROTATIONS), every).unref();
  }

  /** Zones of which something else may be worth a word than a minute ago, though nobody did anything. */
  #moving(): readonly ZoneId[] {
    const { state, setups } = this.#parts;
    const decided = setups.decidedSince(instant(state.clock() - CARRYING_OUT - LATE));
    return [...new Set([...state.zones.rotating(), ...decided])];
  }

  /** Looks at every zone. `sighted` says whether somebody has looked at origins since the program started. */
  async round(sighted: boolean): Promise<void> {
    const { zones, log } = this.#parts.state;
    const ids = [...zones.index.all()].map(({ id }) => id);
    this.#known = { sighted, times: await this.#times() };
    await this.#look(ids, this.#known);
    await this.#lane(() => this.#tidy()).catch((error: unknown) => log('notices_not_stored', errorFields(error)));
  }

  /** What of a zone is worth a word now, whether or not it was said. */
  standing(zone: Zone): readonly Concern[] {
    return this.#concerns(zone, this.#known);
  }

  /** The same of what belongs to no zone. */
  standingOfAll(): readonly Concern[] {
    return this.#sharedConcerns(this.#known);
  }

  /** When what is published ends, as far as it nears its end. */
  times(): TimesByZone {
    return this.#known.times ?? NO_ZONES;
  }

  /** How many notices were said since the start, by code. */
  counts(): ReadonlyMap<NoticeCode, number> {
    return this.#counts;
  }

  /** How many origins keep rotations from going on, by what was found there. */
  held(): ReadonlyMap<ProofFinding, number> {
    const { zones } = this.#parts.state;
    const held = new Map<ProofFinding, number>();
    for (const id of zones.rotating()) {
      const rotation = zones.index.get(id)?.rotation ?? null;
      const sight = this.#parts.sight(id);
      if (sight === null || !isRunning(rotation)) continue;
      const names = new Set(heldOrigins(rotation, sight.origins).map(originKey));
      for (const { task, lately } of sight.origins) {
        if (!names.has(originKey(task))) continue;
        const finding = lately ?? 'unseen';
        held.set(finding, (held.get(finding) ?? 0) + 1);
      }
    }
    return held;
  }

  async close(): Promise<void> {
    this.#stop();
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#lane(async () => undefined);
  }

  #hear({ event }: StampedEvent): void {
    if (event.kind === 'lock_seen') {
      const { zone } = event;
      setImmediate(() => void this.#look([zone], ROTATIONS));
      return;
    }
    if (event.kind !== 'revision_committed' || event.zone === null || !ROTATION_ACTIONS.has(event.action)) return;
    const { zone } = event;
    // Later: other listeners have not heard of this event yet.
    setImmediate(() => {
      this.#tellMove(zone);
      void this.#look([zone], ROTATIONS);
    });
  }

  #tellMove(id: ZoneId): void {
    const { zones, events, closed } = this.#parts.state;
    const zone = zones.index.get(id);
    if (closed || zone === undefined || zone.rotation === null) return;
    const { id: rotation, what, phase, standings, paused } = zone.rotation;
    const switched = [...standings.values()].filter(({ kind }) => kind === 'switched').length;
    const where = { zone: zone.id, account: zone.account, zoneName: zone.name };
    events.add({
      kind: 'rotation_moved',
      ...where,
      rotation,
      what,
      phase: phase.kind,
      switched,
      paused: paused !== null,
    });
  }

  // One after the other: two at the same time would say the same things twice.
  #look(ids: readonly ZoneId[], known: Known): Promise<void> {
    return this.#lane(async () => {
      const { state } = this.#parts;
      if (state.closed) return;
      const found = [...ids.flatMap((id) => this.#inZone(id, known)), this.#ofAll(known)];
      const news = found.filter(({ due: { put, dropped } }) => put.length > 0 || dropped.length > 0);
      for (const { place } of news) if (place !== null) this.#parts.touched(place.id);
      try {
        for (const some of portions(news)) await this.#say(some);
      } catch (error) {
        state.log('notices_not_stored', errorFields(error));
      }
    });
  }

  #inZone(id: ZoneId, known: Known): readonly Found[] {
    const zone = this.#parts.state.zones.index.get(id);
    if (zone === undefined) return [];
    const { account, name } = zone;
    return [{ place: { id, account, name }, due: this.#due(id, this.#concerns(zone, known), known) }];
  }

  #concerns(zone: Zone, { sighted, times }: Known): readonly Concern[] {
    const { installation, clock } = this.#parts.state;
    const now = clock();
    const sight = sighted ? this.#parts.sight(zone.id) : null;
    return [
      ...endingConcerns(zone, now),
      ...publicationConcerns(zone, times?.get(zone.id) ?? NO_TIMES, now),
      ...rotationConcerns(zone, sight, now),
      ...this.#lockConcerns(zone, now),
      ...sharedChange(zone, installation.shared, now),
    ];
  }

  #lockConcerns(zone: Zone, now: Instant): readonly Concern[] {
    const { locks, setups } = this.#parts;
    const setup = (hostname: Hostname) => setups.of(zone.id, hostname);
    return attestationConcerns(zone, locks(zone.id), { now, title: findingTitle, setup });
  }

  #ofAll(known: Known): Found {
    return { place: null, due: this.#due(NO_ZONE, this.#sharedConcerns(known), known) };
  }

  #sharedConcerns(known: Known): readonly Concern[] {
    const { installation, clock } = this.#parts.state;
    const { leaf, intermediate, root } = installation.shared;
    const { lists } = known.times?.get(null) ?? NO_TIMES;
    return [
      ...sharedConcerns([leaf, intermediate, root], clock()),
      ...sharedPublicationConcerns([root, intermediate], lists, clock()),
    ];
  }

  #due(place: string, concerns: readonly Concern[], { sighted, times }: Known): Due {
    const unknown = (key: string) => (!sighted && needsSight(key)) || (times === null && needsTimes(key));
    return due(concerns, this.#marks.get(place) ?? new Map(), unknown);
  }

  async #times(): Promise<TimesByZone | null> {
    const { state, inTurn } = this.#parts;
    try {
      return await inTurn(async () => (state.closed ? null : publicationTimes(state.store, state.clock())));
    } catch (error) {
      state.log('revocation_round_failed', errorFields(error));
      return null;
    }
  }

  async #say(found: readonly Found[]): Promise<void> {
    const { state, inTurn, send, said } = this.#parts;
    const at = state.clock();
    const notices = found.flatMap(({ place: zone, due: { say } }) =>
      say.map(({ code, severity, about, detail }): Notice => {
        return { id: newNoticeId(), at, code, severity, zone, about, detail };
      }),
    );
    const first = this.#newest + 1;
    const stored = await inTurn(async () => {
      if (state.closed) return false;
      await state.store.transaction().execute(async (transaction) => {
        for (const [index, notice] of notices.entries()) await writeNotice(transaction, first + index, notice);
        for (const { place, due: marks } of found) await writeMarks(transaction, place?.id ?? NO_ZONE, marks);
        await send(transaction, notices);
      });
      return true;
    });
    if (!stored) return;
    this.#newest += notices.length;
    for (const { place, due: marks } of found) this.#remember(place?.id ?? NO_ZONE, marks);
    for (const notice of notices) this.#told(notice);
    said(notices);
  }

  #remember(place: string, { put, dropped }: Due): void {
    const marks = this.#marks.get(place) ?? new Map<string, number>();
    for (const { key, stage } of put) marks.set(key, stage);
    for (const key of dropped) marks.delete(key);
    this.#marks.set(place, marks);
  }

  #told(notice: Notice): void {
    const { log, events } = this.#parts.state;
    this.#counts.set(notice.code, (this.#counts.get(notice.code) ?? 0) + 1);
    logNotice(log, notice);
    events.add({ kind: 'notice', notice });
  }

  /** Forgets the concerns of zones that are gone, and notices of long ago. */
  #tidy(): Promise<void> {
    const { state, inTurn } = this.#parts;
    return inTurn(async () => {
      if (state.closed) return;
      const known = new Set<string>([...state.zones.index.all()].map(({ id }) => id));
      for (const [zone, marks] of this.#marks) {
        if (zone === NO_ZONE || known.has(zone)) continue;
        await writeMarks(state.store, zone, { put: [], dropped: [...marks.keys()] });
        this.#marks.delete(zone);
      }
      await pruneNotices(state.store, this.#newest, state.clock());
    });
  }
}

/** What is stored in one go, so that changes need not wait long for their turn. */
function* portions(found: readonly Found[]): Iterable<readonly Found[]> {
  let some: Found[] = [];
  let count = 0;
  for (const { place, due: all } of found) {
    for (let first = 0; first === 0 || first < all.say.length; first += TOGETHER) {
      const [say, put] = [all.say.slice(first, first + TOGETHER), all.put.slice(first, first + TOGETHER)];
      some.push({ place, due: { say, put, dropped: first === 0 ? all.dropped : [] } });
      count += say.length;
      if (count < TOGETHER) continue;
      yield some;
      [some, count] = [[], 0];
    }
  }
  if (some.length > 0) yield some;
}

/** A new id. */
export function newNoticeId(): NoticeId {
  const id = noticeId(randomBytes(16).toString('hex'));
  if (id === null) throw new TypeError('A new id does not have the form of an id');
  return id;
}

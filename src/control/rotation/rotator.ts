import type { EdgeZone } from '../../domain/edge-zone.ts';
import type { AccountId, ZoneId } from '../../domain/ids.ts';
import { type OriginName, originWords, type ProofTask } from '../../domain/proof.ts';
import { problem } from '../../domain/problems.ts';
import { originFact, rotatedOrigins, type Seen } from '../../domain/rotated-origins.ts';
import {
  isRunning,
  nextStep,
  type Rotation,
  type RotationFacts,
  type RotationStep,
  type WaitCode,
} from '../../domain/rotation.ts';
import type { Zone } from '../../domain/zone.ts';
import { commitChange } from '../commit.ts';
import type { ControlState } from '../control-state.ts';
import type { Feed } from '../feed.ts';
import { errorFields } from '../log.ts';
import type { Actor } from '../actor.ts';
import { type LookPlaces, partyOf } from '../look-places.ts';
import type { InTurn } from '../turns.ts';
import type { ZoneEntry } from '../zones.ts';
import { OriginLooks, type OriginWatch } from './origin-looks.ts';

/** What is seen of a rotation at the moment. */
export interface RotationSight {
  readonly waits: WaitCode;
  readonly origins: RotationFacts['origins'];
  /** The edges that serve, by name. */
  readonly edges: readonly string[];
}

interface RotatorParts {
  readonly state: ControlState;
  readonly feed: Feed;
  readonly inTurn: InTurn;
  readonly watch: OriginWatch;
  /** Lets rotations in, by turns. */
  readonly places: LookPlaces;
  /** Milliseconds between ticks. */
  readonly every?: number;
}

/** Rotations of one account, and of all, that are looked after in one tick. */
const OWN_EACH_TICK = 64;
const EACH_TICK = 1_024;
const ROTATOR: Actor = { token: 'postern', from: 'rotation' };
const TICK = 1_000;
/** Steps that one rotation takes in one tick: a bound against a rule that would go in circles. */
const MOST_STEPS = 20;
/** While something is watched, it is looked at so many times at least. */
const LOOKS_PER_WATCH = 10;
const WATCHED: ReadonlySet<string> = new Set(['canary', 'watching']);
const LOOKING: ReadonlySet<string> = new Set(['proving', 'canary', 'switching', 'watching', 'confirming']);

/**
 * Brings rotations on: gathers what is seen, asks `nextStep`, and commits as everybody else does. It holds nothing that a
 * restart would miss: what was decided is in the zone.
 */
export class Rotator {
  readonly #parts: RotatorParts;
  readonly #looks = new Map<ZoneId, { readonly of: Rotation['id']; readonly looks: OriginLooks }>();
  readonly #waits = new Map<ZoneId, WaitCode>();
  /** Until when a rotation is left alone, where there are many. In monotonic milliseconds. */
  readonly #rests = new Map<ZoneId, number>();
  readonly #busy = new Map<ZoneId, Promise<void>>();
  readonly #origins = new WeakMap<EdgeZone, { readonly of: Rotation['id']; readonly tasks: readonly ProofTask[] }>();
  #timer: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(parts: RotatorParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.tick(), this.#parts.every ?? TICK).unref();
  }

  /** Has every rotation looked after that rests no more, and neither is looked after nor waits for its turn. */
  tick(): void {
    const { state, places, every = TICK } = this.#parts;
    const all = state.zones.rotating();
    this.#forgetOthers(new Set(all));
    const clock = performance.now();
    const owners = all.map((zone) => ({ zone, account: state.zones.index.get(zone)?.account }));
    const own = new Map<AccountId, number>();
    for (const { account } of owners) if (account !== undefined) own.set(account, (own.get(account) ?? 0) + 1);
    for (const { zone, account } of owners) {
      if (this.#ended) return;
      if (account === undefined || this.#busy.has(zone) || clock < (this.#rests.get(zone) ?? 0)) continue;
      // Many rotations are looked after less often each: an account's own many slow down hardly anybody else.
      const rest =
        every * Math.max(Math.floor((own.get(account) ?? 0) / OWN_EACH_TICK), Math.floor(all.length / EACH_TICK));
      const done = places
        .pass(partyOf(account, 'rotations'), () => this.#bringOn(zone))
        .catch((error: unknown) => state.log('rotation_failed', { zone, ...errorFields(error) }))
        .finally(() => {
          this.#busy.delete(zone);
          if (rest > 0) this.#rests.set(zone, performance.now() + rest);
        });
      this.#busy.set(zone, done);
    }
  }

  /** What is known of the rotation of a zone that is under way; `null` where none is. */
  sight(id: ZoneId): RotationSight | null {
    const entry = this.#parts.state.zones.entry(id);
    const rotation = entry?.zone.rotation ?? null;
    if (entry === undefined || !isRunning(rotation)) return null;
    const { origins } = this.#facts(entry, rotation, new Map());
    return { waits: this.#waits.get(id) ?? 'edges', origins, edges: this.#parts.watch.serving() };
  }

  /** Begins nothing more. A look that is under way ends with the feed, and what it saw is committed no more. */
  close(): void {
    this.#ended = true;
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async #bringOn(id: ZoneId): Promise<void> {
    for (let steps = 0; steps < MOST_STEPS && !this.#ended; steps++) {
      const before = this.#parts.state.zones.entry(id);
      if (before === undefined || !isRunning(before.zone.rotation)) return this.#forget(id);
      const fresh = await this.#look(before, before.zone.rotation);
      // A look may take minutes: what has come meanwhile must not pass for proved.
      const entry = this.#parts.state.zones.entry(id);
      const rotation = entry?.zone.rotation ?? null;
      if (entry === undefined || !isRunning(rotation)) return this.#forget(id);
      const step = nextStep(rotation, this.#facts(entry, rotation, fresh), this.#parts.state.clock());
      this.#waits.set(id, step.kind === 'wait' ? step.for : 'edges');
      if (step.kind === 'wait' || !(await this.#take(entry.zone, rotation, step))) return;
      this.#looksOf(id, rotation).moved();
    }
  }

  // Of a zone that was deleted, or whose rotation somebody else brought to its end.
  #forgetOthers(rotating: ReadonlySet<ZoneId>): void {
    for (const id of this.#looks.keys()) if (!rotating.has(id) && !this.#busy.has(id)) this.#forget(id);
  }

  #forget(id: ZoneId): void {
    this.#looks.get(id)?.looks.watch([]);
    this.#looks.delete(id);
    this.#waits.delete(id);
    this.#rests.delete(id);
  }

  /** Looks at the origins, where it is time to and where there is something to see. */
  async #look(entry: ZoneEntry, rotation: Rotation): Promise<Seen['fresh']> {
    const { feed, state } = this.#parts;
    const still = rotation.paused !== null || feed.applied() < rotation.revision || !LOOKING.has(rotation.phase.kind);
    const looks = this.#looksOf(entry.zone.id, rotation);
    const clock = performance.now();
    if (still || !looks.due(clock)) return new Map();
    return looks.look(this.#tasks(entry.edge, rotation), clock, state.clock(), longestPause(rotation));
  }

  #facts({ zone, edge }: ZoneEntry, rotation: Rotation, fresh: Seen['fresh']): RotationFacts {
    const { feed, watch } = this.#parts;
    const looks = this.#looksOf(zone.id, rotation);
    const edges = watch.serving();
    const seen: Seen = { edges, fresh, latest: looks.latest, pulls: looks.pulls(rotation) };
    const origins = this.#tasks(edge, rotation).map((task) => originFact(zone, task, seen));
    return { applied: feed.applied(), edges: edges.length, origins };
  }

  #tasks(edge: EdgeZone, rotation: Rotation): readonly ProofTask[] {
    const known = this.#origins.get(edge);
    if (known?.of === rotation.id) return known.tasks;
    const tasks = rotatedOrigins(edge, rotation);
    this.#origins.set(edge, { of: rotation.id, tasks });
    return tasks;
  }

  #looksOf(zone: ZoneId, { id }: Rotation): OriginLooks {
    const known = this.#looks.get(zone);
    if (known?.of === id) return known.looks;
    const looks = new OriginLooks(this.#parts.watch, zone);
    this.#looks.set(zone, { of: id, looks });
    return looks;
  }

  /** Commits a step. False where the zone has changed meanwhile: it is looked at anew. */
  async #take(zone: Zone, rotation: Rotation, step: Exclude<RotationStep, { kind: 'wait' }>): Promise<boolean> {
    const { state, feed, inTurn } = this.#parts;
    const { id, name } = zone;
    const move = { id: rotation.id, over: rotation.revision, step };
    const command = { kind: 'move_rotation', move } as const;
    const precondition = (now: Zone | null) => (now === zone ? null : problem('rotation_moved_on', rotation.id));
    const outcome = await inTurn(() => commitChange(state, feed, { zone: id, command, actor: ROTATOR, precondition }));
    if (outcome.kind === 'problem') {
      state.log('rotation_not_moved', { zone: id, rotation: rotation.id, step: step.kind, problem: outcome.code });
      return false;
    }
    const fields = { zone: id, zone_name: name, rotation: rotation.id, what: rotation.what };
    const moved = step.kind === 'revert' ? 'rotation_reverted' : 'rotation_moved';
    state.log(moved, { ...fields, ...told(step) });
    return true;
  }
}

function longestPause({ phase, pace }: Rotation): number {
  if (!WATCHED.has(phase.kind)) return Number.POSITIVE_INFINITY;
  const watched = phase.kind === 'canary' ? pace.canaryFor : pace.watchFor;
  return Math.max(watched / LOOKS_PER_WATCH, TICK);
}

function told(step: Exclude<RotationStep, { kind: 'wait' }>): Record<string, string | number> {
  switch (step.kind) {
    case 'switch':
    case 'forget':
      return { step: step.kind, origins: step.origins.length };
    case 'revert':
      return { step: step.kind, origins: step.origins.length, because: step.origins.map(reason).join('; ') };
    case 'enter':
      return { step: step.phase };
    case 'promote':
      return { step: step.kind };
    case 'finish':
      return { step: step.outcome, because: step.because };
  }
}

function reason({ origin, because }: { readonly origin: OriginName; readonly because: string }): string {
  return `${originWords(origin)}: ${because}`;
}

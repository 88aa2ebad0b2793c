import type { EdgeZone } from '../domain/edge-zone.ts';
import { type Hostname, type Instant, nearestOf, type ZoneId } from '../domain/ids.ts';
import { pullsOverTls } from '../domain/settings.ts';
import { isOpen, stillOpen } from '../domain/opening.ts';
import { decidingLevel } from '../domain/plan.ts';
import { type Evidence, originAt, originKey, placeWords, type ProofTask } from '../domain/proof.ts';
import { commitChange } from './commit.ts';
import type { ControlState } from './control-state.ts';
import type { Feed } from './feed.ts';
import { errorFields } from './log.ts';
import type { OriginWatch } from './rotation/origin-looks.ts';
import { type LookPlaces, partyOf } from './look-places.ts';
import type { InTurn } from './turns.ts';

const ACTOR = { token: 'postern', from: 'opening' };
const TICK = 1_000;
const LATEST = 60_000;
const WITHIN = 60_000;

interface LockWatchParts {
  readonly state: ControlState;
  readonly feed: Feed;
  readonly inTurn: InTurn;
  readonly watch: OriginWatch;
  /** Lets looks in, by turns. */
  readonly places: LookPlaces;
  /** Milliseconds between ticks. */
  readonly every?: number;
}

/** Sees locks shut again whose time to be open is over: an opening is settled when its origins refuse callers, not before. */
export class LockWatch {
  readonly #parts: LockWatchParts;
  /** By zone and hostname: when to look next, and the pause after that. In monotonic milliseconds. */
  readonly #looks = new Map<string, { at: number; pause: number }>();
  readonly #timer: NodeJS.Timeout;
  /** By the same: being looked at, or waiting for a turn. */
  readonly #busy = new Set<string>();
  #ended = false;

  constructor(parts: LockWatchParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.tick(), parts.every ?? TICK).unref();
  }

  /** Has every lock looked at whose time to be open is over. */
  tick(): void {
    const { state, places } = this.#parts;
    const now = state.clock();
    for (const id of state.zones.opened()) {
      const zone = state.zones.index.get(id);
      for (const opening of zone?.openings.values() ?? []) {
        const key = `${id} ${opening.hostname}`;
        const rests = performance.now() < (this.#looks.get(key)?.at ?? 0);
        if (zone === undefined || isOpen(opening, now) || rests || this.#busy.has(key)) continue;
        this.#busy.add(key);
        places
          .pass(partyOf(zone.account, 'locks'), () => this.#shut(id, opening.hostname))
          .catch((error: unknown) => state.log('lock_watch_failed', errorFields(error)))
          .finally(() => this.#busy.delete(key));
      }
    }
  }

  /** Begins nothing more. A look that is under way ends with the feed. */
  close(): void {
    this.#ended = true;
    clearInterval(this.#timer);
  }

  async #shut(zone: ZoneId, hostname: Hostname): Promise<void> {
    const { state, feed, inTurn, watch } = this.#parts;
    // While it waited it may have been opened anew, or be gone.
    const opening = state.zones.index.get(zone)?.openings.get(hostname);
    const now = state.clock();
    const key = `${zone} ${hostname}`;
    if (opening === undefined) this.#looks.delete(key);
    if (this.#ended || opening === undefined || isOpen(opening, now)) return;
    const look = this.#looks.get(key) ?? { at: 0, pause: TICK };
    this.#looks.set(key, { at: performance.now() + look.pause, pause: Math.min(2 * look.pause, LATEST) });
    const edge = state.zones.entry(zone)?.edge;
    const tasks = edge === undefined ? [] : tasksOf(edge, hostname);
    const answers = tasks.length === 0 ? new Map() : await watch.prove(zone, tasks, WITHIN);
    const open = stillOpen(tasks, evidenceOf(tasks, answers, now), watch.serving());
    if (open.length > 0 || (tasks.length > 0 && watch.serving().length === 0)) {
      const origins = open.map(placeWords).join(', ');
      return state.log('lock_still_open', { zone, hostname, origins });
    }
    const command = { kind: 'settle_openings', hostnames: [hostname] } as const;
    const outcome = await inTurn(() => commitChange(state, feed, { zone, command, actor: ACTOR }));
    if (outcome.kind === 'problem') return;
    this.#looks.delete(key);
    state.log('lock_shut', { zone, hostname, proved: tasks.length });
  }
}

// Nothing is to be exchanged: the present certificate stands for both.
function tasksOf({ rules, hosts }: EdgeZone, hostname: Hostname): readonly ProofTask[] {
  const host = nearestOf(hosts, hostname);
  const decided = host && decidingLevel(rules, host);
  if (host === undefined || decided?.kind !== 'level' || decided.identity === null) return [];
  if (!pullsOverTls(rules.ssl)) return [];
  const { certificate } = decided.identity;
  // Below a wildcard the way is the wildcard's.
  return host.targets.map((target) => ({ ...originAt(host.hostname, target), from: certificate, to: certificate }));
}

function evidenceOf(
  tasks: readonly ProofTask[],
  answers: Awaited<ReturnType<OriginWatch['prove']>>,
  at: Instant,
): ReadonlyMap<string, Evidence> {
  return new Map(
    tasks.map((task, index) => {
      const edges = [...answers].flatMap(([edge, answer]) => {
        const seen = answer === 'silent' ? undefined : answer[index];
        return seen === undefined ? [] : [{ edge, seen }];
      });
      return [originKey(task), { at, edges }] as const;
    }),
  );
}

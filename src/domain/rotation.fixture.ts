import { type Command, change } from './change.ts';
import { compile } from './compile.ts';
import { type CertificateId, type Instant, revision } from './ids.ts';
import { shownTo } from './plan.ts';
import { type Evidence, type OriginSights, originKey, type Sight } from './proof.ts';
import { originFact, rotatedOrigins, type Seen } from './rotated-origins.ts';
import { nextStep, type RotationFacts, type RotationStep } from './rotation.ts';
import type { RotationDraft, RotationWish } from './rotation-changes.ts';
import { zoneBundle } from './trust.ts';
import type { Zone } from './zone.ts';
import { after, later, MANAGED, NOW, newZone, rotationDraft, SHARED, to, world } from './zone.fixture.ts';

/** What an origin does with callers, told by the certificate that they show; `null` for none. */
export type Temper = (shown: CertificateId | null) => Sight;

export const ANSWERS: Sight = { kind: 'answered', status: 200 };
export const REFUSES: Sight = { kind: 'refused', how: 'alert', alert: 48 };
export const locked: Temper = (shown) => (shown === null ? REFUSES : ANSWERS);
export const open: Temper = () => ANSWERS;
export const outdated: Temper = (shown) => (shown === MANAGED.id ? ANSWERS : REFUSES);

/** A rotation under way, with a clock that is turned and origins that are what the test says, by server name or hostname. */
export class Rehearsed {
  zone: Zone;
  now: Instant = NOW;
  readonly tempers: Map<string, Temper>;
  readonly pulls = new Map<string, Seen['pulls'] extends ReadonlyMap<string, infer Count> ? Count : never>();
  readonly did: string[] = [];
  #revision = 100;

  constructor(zone: Zone, over: Partial<RotationDraft>, tempers: Record<string, Temper>) {
    this.tempers = new Map(Object.entries(tempers));
    this.zone = zone;
    this.command({ kind: 'start_rotation', draft: rotationDraft('first', over) });
  }

  command(command: Command): void {
    const changed = change(
      this.zone,
      command,
      world({ now: this.now, revision: revision(++this.#revision), applied: revision(this.#revision - 1) }),
    );
    if (changed.kind === 'problem' || changed.zone === null) fail(JSON.stringify(changed));
    this.zone = changed.zone;
  }

  steer(kind: 'pause' | 'resume' | 'undo' | 'force', names: readonly string[] = []): void {
    const origins = this.tasks().filter(({ hostname }) => names.includes(hostname));
    const what = kind === 'force' ? { kind, origins } : { kind };
    const { id } = this.rotation();
    const about: RotationWish = { id, by: 'tester', because: 'said so', wish: what };
    this.command({ kind: 'steer_rotation', wish: about });
  }

  rotation() {
    return this.zone.rotation ?? fail('there is a rotation');
  }

  tasks() {
    return rotatedOrigins(compile(this.zone, SHARED), this.rotation());
  }

  facts(over: Partial<RotationFacts> = {}): RotationFacts {
    const tasks = this.tasks();
    const fresh = new Map(
      tasks.map((task) => {
        const temper = this.tempers.get(task.serverName ?? task.hostname) ?? locked;
        const sights = [{ ip: '192.0.2.1', from: temper(task.from), to: temper(task.to), none: temper(null) }];
        const seen: OriginSights = { origin: task, sights, fault: null };
        const evidence: Evidence = { at: this.now, edges: [{ edge: 'edge', seen }] };
        return [originKey(task), evidence] as const;
      }),
    );
    const seen: Seen = { edges: ['edge'], fresh, latest: fresh, pulls: this.pulls };
    const origins = tasks.map((task) => originFact(this.zone, task, seen));
    return { applied: revision(this.#revision), edges: 1, origins, ...over };
  }

  next(): RotationStep {
    return nextStep(this.rotation(), this.facts(), this.now);
  }

  /** Takes steps until it waits, and says for what. */
  settle(): string {
    for (let count = 0; count < 30; count++) {
      const step = this.next();
      if (step.kind === 'wait') return step.for;
      this.did.push(step.kind === 'enter' ? step.phase : step.kind);
      const { id, revision: over } = this.rotation();
      this.command({ kind: 'move_rotation', move: { id, over, step } });
    }
    return fail(`no end to ${this.did.join(', ')}`);
  }

  wait(milliseconds: number): string {
    this.now = later(this.now - NOW + milliseconds);
    return this.settle();
  }

  /** Which certificate each hostname's origin is shown. */
  shown(): Record<string, CertificateId> {
    const { rules, hosts } = compile(this.zone, SHARED);
    if (rules.zonePull.kind !== 'on') return fail('the zone level is on');
    const own = rules.zonePull.identity ?? fail('the zone has an identity');
    return Object.fromEntries(
      [...hosts.values()].flatMap(({ hostname, targets, pull }) =>
        targets.map((target) => {
          const identity = pull.kind === 'present' && pull.identity !== null ? pull.identity : own;
          return [hostname, shownTo(target, identity).certificate] as const;
        }),
      ),
    );
  }

  trusted(): readonly string[] {
    return zoneBundle(this.zone).certificates.map(({ subject }) => subject.slice(3));
  }
}

/** A zone whose zone level is on, with these hostnames. */
export function site(...names: readonly string[]): Zone {
  return after(newZone(), to.set({ zonePull: true }), ...names.map((name) => to.serve(`${name}.example.test`)));
}

function fail(message: string): never {
  throw new Error(message);
}

import type { Instant } from './ids.ts';
import type { EdgeZone } from './edge-zone.ts';
import { decidingLevel } from './plan.ts';
import { type Evidence, judge, oldRefused, originAt, originKey, type ProofTask } from './proof.ts';
import type { OriginFact, Rotation } from './rotation.ts';
import type { Zone } from './zone.ts';

/**
 * The origins that a rotation is about: each place that is to be shown a certificate which it replaces, or has replaced.
 * Also while the zone is paused or its pulls are plain HTTP: that ends, and then nothing unproved may be shown. Looks at
 * every hostname of the zone once.
 */
export function rotatedOrigins({ rules, hosts }: EdgeZone, { successions }: Rotation): readonly ProofTask[] {
  const tasks: ProofTask[] = [];
  for (const host of hosts.values()) {
    const decided = decidingLevel(rules, host);
    if (decided.kind !== 'level' || decided.identity === null) continue;
    const { certificate } = decided.identity;
    const succession = successions.find(({ from, to }) => from === certificate || to === certificate);
    if (succession === undefined) continue;
    for (const target of host.targets) tasks.push({ ...originAt(host.hostname, target), ...succession });
  }
  return tasks;
}

/** What a tick has seen. */
export interface Seen {
  /** The names of the edges that serve. */
  readonly edges: readonly string[];
  /** Of those that this tick looked at. */
  readonly fresh: ReadonlyMap<string, Evidence>;
  /** The newest of each origin, whenever that was. */
  readonly latest: ReadonlyMap<string, Evidence>;
  readonly pulls: ReadonlyMap<string, OriginFact['pulls']>;
}

/** What there is to know of one origin. */
export function originFact(zone: Zone, task: ProofTask, seen: Seen): OriginFact {
  const key = originKey(task);
  const fresh = seen.fresh.get(key);
  const newest = fresh ?? seen.latest.get(key);
  return {
    task,
    finding: fresh === undefined ? null : judge(fresh, seen.edges),
    lately: newest === undefined ? null : judge(newest, seen.edges),
    evidence: newest ?? null,
    oldRefused: oldRefused(newest, seen.edges),
    pulls: seen.pulls.get(key) ?? { answered: 0, refused: 0 },
    oldUntil: oldUntil(zone, task),
  };
}

// One that was deleted is of no use from that moment on.
function oldUntil(zone: Zone, { from }: ProofTask): Instant {
  const old = zone.certificates.get(from);
  if (old === undefined) return zone.createdAt;
  return old.wish.kind === 'deploy' ? old.leaf.notAfter : old.wish.at;
}

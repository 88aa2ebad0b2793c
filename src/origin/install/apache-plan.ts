import { join } from 'node:path';
import { apacheLockDirectives, apacheLockRules } from '../generate/apache-directives.ts';
import { apacheDoors } from '../server/apache/doors.ts';
import { apacheHosts } from '../server/apache/hosts.ts';
import { apacheClaims, apacheHostServing } from '../server/apache/serves.ts';
import { type ApacheStart, readApacheTree } from '../server/apache/tree.ts';
import type { ConfigSource } from '../server/config-source.ts';
import { commonDoors, type Surroundings } from '../server/doors.ts';
import type { Listener } from '../server/virtual-host.ts';
import { chosenHosts } from './chosen-hosts.ts';
import { ApacheLines } from './apache-lines.ts';
import { type InstallPlan, type InstallRefusal, refusedStop } from './plan.ts';
import { finishedPlan, type LockPlace, sourceWithout } from './plan-files.ts';
import type { InstallRequest, Phase } from './request.ts';
import { answeringUnmatched, neighboursOf, unmatchedDoors } from './unmatched-names.ts';

/** What the plan is made from. */
export interface ApacheInput {
  readonly start: ApacheStart;
  readonly source: ConfigSource;
  readonly listening: Surroundings['listening'];
}

/** The files of Apache that a lock changes for a phase, from the tree as it is without the lock. */
export function planApache(input: ApacheInput, request: InstallRequest, phase: Phase): InstallPlan | InstallRefusal {
  const tree = readApacheTree(input.start, withoutApacheLock(input.source, request));
  const mainStop = tree.stops.find(({ place }) => place.file === tree.main && !tree.texts.has(tree.main));
  if (mainStop !== undefined) return refusedStop(mainStop, byHand(request));
  const hosts = apacheHosts(tree);
  const serving = (name: string, socket: Listener) => apacheHostServing(hosts, name, socket);
  // Both sides of a condition were read: nothing is missing there.
  const stops = tree.stops.filter(({ code }) => code !== 'unknown_section');
  const chosen = chosenHosts({ hosts, stops, serving, claims: apacheClaims }, request);
  if ('code' in chosen) return { kind: 'refused', ...chosen, byHand: byHand(request) };
  const needed = request.verifiedHeader === null ? NEEDED : [...NEEDED, ...NEEDED_TO_TELL];
  const missing = needed.filter((name) => !tree.modules.has(name) && !tree.modules.has(sourceOf(name)));
  if (missing.length > 0) {
    return { kind: 'refused', code: 'no_module', place: null, detail: missing.join(', '), byHand: [] };
  }
  const lines = new ApacheLines(tree, request, phase);
  const neighbours = answeringUnmatched(chosen.locked, (socket) => serving('', socket)?.host ?? null);
  const refusal = lines.lockAll(chosen, neighbours);
  if (refusal !== null) return { kind: 'refused', ...refusal, byHand: [] };
  const around = {
    server: 'apache',
    hosts,
    locked: chosen.locked,
    redirected: chosen.plain,
    listening: input.listening,
  } as const;
  const { files, refusing } = lines;
  const answering = neighbours.filter(({ socket }) => !refusing.includes(socket));
  const doors = [...commonDoors(around), ...apacheDoors(tree, chosen.locked), ...unmatchedDoors('apache', answering)];
  return finishedPlan({ files, source: input.source, chosen, doors, refusing, neighbours: neighboursOf(answering) });
}

/** For the lock itself, and for the answer while it is proven. */
const NEEDED = ['ssl_module', 'authz_core_module', 'alias_module'];

/** For the verified header. */
const NEEDED_TO_TELL = ['headers_module', 'setenvif_module'];

function sourceOf(name: string): string {
  return `mod_${name.replace(/_module$/, '')}.c`;
}

/** The files without what a lock of this name put into them. */
export function withoutApacheLock(source: ConfigSource, place: LockPlace): ConfigSource {
  const isInserted = (line: string) => line.startsWith(`Include "${join(place.directory, 'apache', place.name)}.`);
  return sourceWithout(source, place.name, isInserted);
}

/** What to put at the end of a virtual host where the command does not. */
function byHand({ bundle, crl, pins, hostnames }: InstallRequest): readonly string[] {
  const mode = 'enforce';
  return [
    ...apacheLockDirectives({ bundle, crl, mode }),
    ...apacheLockRules({ mode, pins, names: hostnames, told: null }),
  ];
}

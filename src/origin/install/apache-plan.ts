import { join } from 'node:path';
import { apacheLockDirectives, apacheLockRules } from '../generate/apache-directives.ts';
import { apacheDoors } from '../server/apache/doors.ts';
import { type ApacheHost, apacheHosts } from '../server/apache/hosts.ts';
import { apacheClaims, apacheHostServing } from '../server/apache/serves.ts';
import { type ApacheStart, type ApacheTree, readApacheTree } from '../server/apache/tree.ts';
import type { ConfigSource } from '../server/config-source.ts';
import { commonDoors, type Surroundings } from '../server/doors.ts';
import { uniqueSockets } from '../server/virtual-host.ts';
import { ApacheLines } from './apache-lines.ts';
import { type InstallPlan, type InstallRefusal, refusedStop } from './plan.ts';
import { type LockPlace, readerOf } from './plan-files.ts';
import type { InstallRequest, Phase } from './request.ts';
import { withoutLines } from './text-edit.ts';

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
  const chosen = chosenHosts(tree, hosts, request);
  if ('kind' in chosen) return chosen;
  const missing = NEEDED.filter((name) => !tree.modules.has(name) && !tree.modules.has(sourceOf(name)));
  if (missing.length > 0) return refused('no_module', null, missing.join(', '), request);
  const lines = new ApacheLines(tree, request, phase);
  lines.lockAll(chosen.locked, chosen.plain);
  const around = { hosts, locked: chosen.locked, redirected: chosen.plain, listening: input.listening };
  return {
    kind: 'plan',
    changes: lines.files.changes(readerOf(input.source)),
    texts: lines.files.ownTexts,
    edited: lines.files.editedPaths,
    locked: chosen.locked,
    sockets: uniqueSockets([...chosen.locked, ...chosen.plain].flatMap(({ listeners }) => listeners)),
    doors: [...commonDoors(around), ...apacheDoors(tree, chosen.locked)],
    notes: lines.files.notes,
  };
}

/** For the lock itself, and for the answer while it is proven. */
const NEEDED = ['ssl_module', 'authz_core_module', 'alias_module'];

function sourceOf(name: string): string {
  return `mod_${name.replace(/_module$/, '')}.c`;
}

/** The files without what a lock of this name put into them. */
export function withoutApacheLock(source: ConfigSource, place: LockPlace): ConfigSource {
  const isInserted = (line: string) => line.startsWith(`Include "${join(place.directory, 'apache', place.name)}.`);
  return {
    ...source,
    read: (path) => {
      const read = source.read(path);
      return 'text' in read ? { text: withoutLines(read.text, place.name, isInserted) } : read;
    },
  };
}

interface Chosen {
  readonly locked: readonly ApacheHost[];
  readonly plain: readonly ApacheHost[];
}

function chosenHosts(tree: ApacheTree, hosts: readonly ApacheHost[], request: InstallRequest): Chosen | InstallRefusal {
  const sockets = uniqueSockets(hosts.flatMap(({ listeners }) => listeners));
  const locked = new Set<ApacheHost>();
  const plain = new Set<ApacheHost>();
  for (const name of request.hostnames) {
    const serving = sockets.flatMap((socket) => apacheHostServing(hosts, name, socket) ?? []);
    const isTls = ({ host }: (typeof serving)[number]) => host.listeners.some(({ tls }) => tls);
    const claimed = serving.filter((one) => isTls(one) && one.claimed);
    // The first host is meant only where nobody claims the name anywhere, and where it claims none itself.
    const meant = claimed.length > 0 ? claimed : serving.filter((one) => isTls(one) && one.host.names.length === 0);
    const unread = claimed.length > 0 ? undefined : tree.stops.find(({ code }) => code !== 'unknown_section');
    if (unread !== undefined) return refusedStop(unread, byHand(request));
    if (meant.length === 0) return refused('not_served', null, name, request);
    for (const { host } of meant) locked.add(host);
    for (const one of serving) if (!isTls(one) && one.claimed) plain.add(one.host);
  }
  for (const host of locked) {
    if (host.unclear !== null) return refused('not_understood', host.unclear, '', request);
    const others = host.names.filter((pattern) => !request.hostnames.some((name) => name === pattern));
    const strange = others.filter(
      (pattern) => !request.hostnames.some((name) => apacheClaims(pattern, name)) || !request.allNames,
    );
    if (strange.length > 0 && !request.allNames) return refused('more_names', host.place, strange.join(' '), request);
  }
  return { locked: [...locked], plain: [...plain].filter(({ reaches }) => reaches.length > 0) };
}

function refused(
  code: InstallRefusal['code'],
  place: InstallRefusal['place'],
  detail: string,
  request: InstallRequest,
): InstallRefusal {
  return { kind: 'refused', code, place, detail, byHand: byHand(request) };
}

/** What to put at the end of a virtual host where the command does not. */
function byHand({ bundle, crl, pins, hostnames }: InstallRequest): readonly string[] {
  const mode = 'enforce';
  return [...apacheLockDirectives({ bundle, crl, mode }), ...apacheLockRules({ mode, pins, names: hostnames })];
}

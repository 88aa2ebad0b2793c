import { join } from 'node:path';
import type { ConfigSource } from '../server/config-source.ts';
import { commonDoors, type Surroundings } from '../server/doors.ts';
import { nginxDoors } from '../server/nginx/doors.ts';
import { type NginxHost, nginxHosts } from '../server/nginx/hosts.ts';
import { claims, hostServing } from '../server/nginx/serves.ts';
import { type NginxTree, readNginxTree } from '../server/nginx/tree.ts';
import { listenerText, uniqueSockets } from '../server/virtual-host.ts';
import { byHand, dropInName, isNoName, NginxLines, refused } from './nginx-lines.ts';
import { type InstallPlan, type InstallRefusal, refusedStop } from './plan.ts';
import { type LockPlace, readerOf } from './plan-files.ts';
import type { InstallRequest, Phase } from './request.ts';
import { withoutLines } from './text-edit.ts';

/** What the plan is made from: the server's main file, and where files are read. */
export interface PlanInput {
  readonly main: string;
  readonly source: ConfigSource;
  readonly listening: Surroundings['listening'];
}

/** The files of nginx that a lock changes for a phase, from the tree as it is without the lock. */
export function planNginx(input: PlanInput, request: InstallRequest, phase: Phase): InstallPlan | InstallRefusal {
  const tree = readNginxTree(input.main, withoutNginxLock(input.source, request));
  const mainStop = tree.stops.find(({ place }) => place.file === input.main);
  if (mainStop !== undefined) return refusedStop(mainStop, byHand(request));
  const hosts = nginxHosts(tree);
  const chosen = chosenHosts(tree, hosts, request);
  if ('kind' in chosen) return chosen;
  const lines = new NginxLines(tree, request, phase, hosts);
  const refusal = lines.lockAll(chosen.locked, chosen.plain);
  if (refusal !== null) return refusal;
  const around = { hosts, locked: chosen.locked, redirected: chosen.plain, listening: input.listening };
  return {
    kind: 'plan',
    changes: lines.files.changes(readerOf(input.source)),
    texts: lines.files.ownTexts,
    edited: lines.files.editedPaths,
    locked: chosen.locked,
    sockets: uniqueSockets([...chosen.locked, ...chosen.plain].flatMap(({ listeners }) => listeners)),
    doors: [...commonDoors(around), ...nginxDoors(tree, chosen.locked)],
    notes: lines.files.notes,
  };
}

/** The files without what a lock of this name put into them. */
export function withoutNginxLock(source: ConfigSource, request: LockPlace): ConfigSource {
  const isInserted = (line: string) => line.startsWith(`include "${join(request.directory, 'nginx', request.name)}.`);
  return {
    ...source,
    read: (path) => {
      const read = source.read(path);
      return 'text' in read ? { text: withoutLines(read.text, request.name, isInserted) } : read;
    },
    list: (pattern) => source.list(pattern).filter((path) => !path.endsWith(`/${dropInName(request)}`)),
  };
}

interface Chosen {
  readonly locked: readonly NginxHost[];
  /** Hosts of the same names that only listen without TLS. */
  readonly plain: readonly NginxHost[];
}

function chosenHosts(tree: NginxTree, hosts: readonly NginxHost[], request: InstallRequest): Chosen | InstallRefusal {
  const sockets = uniqueSockets(hosts.flatMap(({ listeners }) => listeners));
  const locked = new Set<NginxHost>();
  const plain = new Set<NginxHost>();
  for (const name of request.hostnames) {
    const serving = sockets.flatMap((socket) => {
      const found = hostServing(hosts, name, socket);
      return found === null ? [] : [{ ...found, socket }];
    });
    const tls = serving.filter(({ socket }) => socket.tls);
    const claimed = tls.filter((one) => one.claimed);
    // A default server is meant only where nobody claims the name anywhere, and where it claims none itself.
    const meant = claimed.length > 0 ? claimed : tls.filter(({ host }) => host.names.every(isNoName));
    const unread = claimed.length > 0 ? undefined : tree.stops[0];
    if (unread !== undefined) return refusedStop(unread, byHand(request));
    if (meant.length === 0) return refused('not_served', null, name, request);
    for (const { host } of meant) locked.add(host);
    for (const { host, socket, claimed: said } of serving) if (!socket.tls && said) plain.add(host);
  }
  for (const host of locked) {
    if (host.unclear !== null) return refused('not_understood', host.unclear, '', request);
    const socket = host.listeners.find(({ proxied, tls }) => proxied && tls);
    if (socket !== undefined) return refused('proxied_socket', socket.place, listenerText(socket), request);
    const others = host.names.filter((pattern) => !isNoName(pattern) && !asked(pattern, request));
    if (others.length > 0 && !request.allNames) return refused('more_names', host.place, others.join(' '), request);
  }
  for (const host of locked) plain.delete(host);
  return { locked: [...locked], plain: [...plain].filter(({ reaches }) => reaches.length > 0) };
}

function asked(pattern: string, { hostnames }: InstallRequest): boolean {
  return (
    hostnames.some((name) => name === pattern) ||
    (pattern.startsWith('~') && hostnames.some((name) => claims(pattern, name)))
  );
}

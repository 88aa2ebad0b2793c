import { basename, join } from 'node:path';
import { verifiedHeaderLines } from '../generate/nginx-told.ts';
import type { ConfigSource } from '../server/config-source.ts';
import { commonDoors, type Surroundings } from '../server/doors.ts';
import { nginxDoors } from '../server/nginx/doors.ts';
import { type NginxHost, nginxHosts } from '../server/nginx/hosts.ts';
import { claims, defaultHost, hostServing } from '../server/nginx/serves.ts';
import { readNginxTree } from '../server/nginx/tree.ts';
import type { Listener } from '../server/virtual-host.ts';
import { chosenHosts } from './chosen-hosts.ts';
import { byHand, dropInName, NginxLines } from './nginx-lines.ts';
import { formatDropInName } from './nginx-watch-log.ts';
import { type InstallPlan, type InstallRefusal, refusedStop } from './plan.ts';
import { finishedPlan, type LockPlace, sourceWithout } from './plan-files.ts';
import type { InstallRequest, Phase } from './request.ts';
import { answeringUnmatched, neighboursOf, unmatchedDoors } from './unmatched-names.ts';

/** What the plan is made from: the server's main file, and where files are read. */
export interface PlanInput {
  readonly main: string;
  /** Where requests are logged where the configuration does not say. */
  readonly accessLog: string;
  readonly source: ConfigSource;
  readonly listening: Surroundings['listening'];
}

/** The files of nginx that a lock changes for a phase, from the tree as it is without the lock. */
export function planNginx(input: PlanInput, request: InstallRequest, phase: Phase): InstallPlan | InstallRefusal {
  if (request.verifiedHeader !== null) {
    const byHandThere = verifiedHeaderLines(request.verifiedHeader);
    return { kind: 'refused', code: 'no_header', place: null, detail: '', byHand: byHandThere };
  }
  const tree = readNginxTree(input.main, withoutNginxLock(input.source, request));
  const mainStop = tree.stops.find(({ place }) => place.file === input.main);
  if (mainStop !== undefined) return refusedStop(mainStop, byHand(request));
  const hosts = nginxHosts(tree);
  const serving = (name: string, socket: Listener) => hostServing(hosts, name, socket);
  const chosen = chosenHosts({ hosts, stops: tree.stops, serving, claims }, request);
  if ('code' in chosen) return { kind: 'refused', ...chosen, byHand: byHand(request) };
  const lines = new NginxLines(tree, request, phase, { hosts, accessLog: input.accessLog });
  const neighbours = answeringUnmatched(chosen.locked, (socket) => defaultHost(hosts, socket)).filter(
    ({ host }) => !rejectsHandshake(host),
  );
  const refusal = lines.lockAll(chosen, neighbours);
  if (refusal !== null) return refusal;
  const around = {
    server: 'nginx',
    hosts,
    locked: chosen.locked,
    redirected: chosen.plain,
    listening: input.listening,
  } as const;
  const { files, refusing } = lines;
  const answering = neighbours.filter(({ socket }) => !refusing.includes(socket));
  const doors = [...commonDoors(around), ...nginxDoors(tree, chosen.locked), ...unmatchedDoors('nginx', answering)];
  return finishedPlan({ files, source: input.source, chosen, doors, refusing, neighbours: neighboursOf(answering) });
}

function rejectsHandshake({ block, http }: NginxHost): boolean {
  const said = [...http, ...(block.inner ?? [])].findLast(({ name }) => name === 'ssl_reject_handshake');
  return said?.args[0] === 'on';
}

/** The files without what a lock of this name put into them. */
export function withoutNginxLock(source: ConfigSource, request: LockPlace): ConfigSource {
  const isInserted = (line: string) => line.startsWith(`include "${join(request.directory, 'nginx', request.name)}.`);
  const own = [dropInName(request), formatDropInName(request)];
  return {
    ...sourceWithout(source, request.name, isInserted),
    list: (pattern) => source.list(pattern).filter((path) => !own.includes(basename(path))),
  };
}

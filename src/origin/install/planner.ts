import { type FoundApache, findApache } from '../server/apache/find.ts';
import { findCaddy } from '../server/caddy/find.ts';
import { type ConfigSource, DISK, readOnce } from '../server/config-source.ts';
import type { FoundServer, NoServer, ServerHints } from '../server/found-server.ts';
import { type FoundHaproxy, findHaproxy } from '../server/haproxy/find.ts';
import { listeningSockets } from '../server/listening.ts';
import { type FoundNginx, findNginx } from '../server/nginx/find.ts';
import type { ServerName } from '../generate/server-facts.ts';
import { planApache, withoutApacheLock } from './apache-plan.ts';
import { planCaddy, withoutCaddyLock } from './caddy-plan.ts';
import { planHaproxy, withoutHaproxyLock } from './haproxy-plan.ts';
import { planNginx, withoutNginxLock } from './nginx-plan.ts';
import type { InstallPlan, InstallRefusal } from './plan.ts';
import type { LockPlace } from './plan-files.ts';
import type { InstallRequest, Phase } from './request.ts';

/** A server of this host, and how a lock is put into it. */
export interface Target {
  readonly kind: 'target';
  readonly found: FoundServer;
  readonly plan: (request: InstallRequest, phase: Phase) => InstallPlan | InstallRefusal;
}

const FINDERS = { nginx: nginxTarget, apache: apacheTarget, haproxy: haproxyTarget, caddy: caddyTarget } as const;
type Installable = keyof typeof FINDERS;

/** The servers into which a lock can be installed. */
export const INSTALLABLE: readonly string[] = Object.keys(FINDERS);

/** Whether it is one of them. */
export function isInstallable(server: string): server is Installable {
  return Object.hasOwn(FINDERS, server);
}

/** Finds the server that is named, or the only one that runs. */
export async function findTarget({
  server,
  ...hints
}: ServerHints & { readonly server: ServerName | undefined }): Promise<Target | NoServer> {
  if (server !== undefined) {
    if (isInstallable(server)) return FINDERS[server](hints);
    return {
      kind: 'none',
      text: `A lock cannot be installed into ${String(server)}.`,
      fix: `Use ${INSTALLABLE.join(', ')}, or postern origin config.`,
    };
  }
  const all = await Promise.all(Object.values(FINDERS).map((find) => find(hints)));
  const several = all.find((one) => one.kind === 'none' && one.several === true);
  if (several !== undefined) return several;
  const there = all.filter((one) => one.kind === 'target');
  const running = there.filter(({ found }) => found.pid !== null);
  if (running.length === 0 && hints.config !== undefined) {
    return {
      kind: 'none',
      text: `No web server that runs here reads ${hints.config}.`,
      fix: 'Start it first, or name another --server-config.',
    };
  }
  const [only, other] = running.length > 0 ? running : there;
  if (only === undefined)
    return {
      kind: 'none',
      text: 'No web server was found on this host.',
      fix: 'Name it with --server and --program FILE.',
    };
  if (other === undefined) return only;
  const names = (running.length > 0 ? running : there).map(({ found }) => found.server).join(', ');
  return {
    kind: 'none',
    text: `There are several web servers on this host (${names}).`,
    fix: 'Say which with --server NAME.',
  };
}

async function nginxTarget(hints: ServerHints): Promise<Target | NoServer> {
  const found: FoundNginx | NoServer = await findNginx(hints);
  if (found.kind === 'none') return found;
  const input = { main: found.main, accessLog: found.accessLog, source: readOnce(DISK), listening: listeningSockets() };
  return { kind: 'target', found, plan: (request, phase) => planNginx(input, request, phase) };
}

async function apacheTarget(hints: ServerHints): Promise<Target | NoServer> {
  const found: FoundApache | NoServer = await findApache(hints);
  if (found.kind === 'none') return found;
  const input = { start: found.start, source: readOnce(DISK), listening: listeningSockets() };
  return { kind: 'target', found, plan: (request, phase) => planApache(input, request, phase) };
}

async function haproxyTarget(hints: ServerHints): Promise<Target | NoServer> {
  const found: FoundHaproxy | NoServer = await findHaproxy(hints);
  if (found.kind === 'none') return found;
  const input = { files: found.files, source: readOnce(DISK), listening: listeningSockets() };
  return { kind: 'target', found, plan: (request, phase) => planHaproxy(input, request, phase) };
}

async function caddyTarget(hints: ServerHints): Promise<Target | NoServer> {
  const found = await findCaddy(hints);
  if (found.kind === 'none') return found;
  const { main, version } = found;
  const input = { main, version, source: readOnce(DISK), listening: listeningSockets() };
  return { kind: 'target', found, plan: (request, phase) => planCaddy(input, request, phase) };
}

const WITHOUT: Readonly<Record<Installable, (source: ConfigSource, place: LockPlace) => ConfigSource>> = {
  nginx: withoutNginxLock,
  apache: withoutApacheLock,
  haproxy: withoutHaproxyLock,
  caddy: withoutCaddyLock,
};

/** The files of a server without what a lock put into them. */
export function withoutLock(server: ServerName, source: ConfigSource, place: LockPlace): ConfigSource {
  return isInstallable(server) ? WITHOUT[server](source, place) : source;
}

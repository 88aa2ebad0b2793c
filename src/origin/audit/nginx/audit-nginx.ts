import { dirname } from 'node:path';
import type { Claim, ConfigurationReading, NotChecked } from '../../../doctor/configuration.ts';
import type { Finding } from '../../../doctor/diagnosis/finding.ts';
import { readOnce } from '../../server/config-source.ts';
import { type NginxTree, readNginxTree } from '../../server/nginx/tree.ts';
import { type Stop, stopWhy } from '../../server/place.ts';
import { type Listener, listenerText } from '../../server/virtual-host.ts';
import { type AuditRequest, found } from '../audit-request.ts';
import { doubtedClaims, uniqueFindings, worstClaims } from '../collected.ts';
import { idleFindings, type IdleLock, idleLocks } from '../idle-locks.ts';
import { notStarted } from '../not-started.ts';
import { admission, type Site } from './admission.ts';
import { FREE } from '../stranger.ts';
import { type Door, doorsOf, type Wanted, wantedNames } from './doors.ts';
import { verdictHeaders } from './headers.ts';
import { callerAt, exemptedPaths } from './judge-site.ts';
import { settingsSaid } from './settings-said.ts';
import { settingText } from './settings.ts';
import { layoutOf, type SocketSites } from './layout.ts';
import { sitesOf, usableNames } from './sites.ts';
import { readStreams } from './stream.ts';
import { type NginxTrust, trustOf } from './trust.ts';
import { nginxLocksIn } from './written-locks.ts';

/** Reads a configuration of nginx and says who gets in where. Pure but for what `source` gives. */
export function auditNginx(given: AuditRequest): ConfigurationReading {
  const request = { ...given, source: readOnce(given.source) };
  const tree = readNginxTree(request.main, request.source, 'pass');
  const sites = sitesOf(tree, request);
  const headers = verdictHeaders(sites);
  const layout = layoutOf(sites);
  const idle = idleLocksOf(tree, request);
  const wanted = wantedNames(sites, layout, { given: request.hosts, idle: idle.flatMap(({ names }) => names) });
  const trusts = new Map(sites.filter(({ mode }) => mode !== 'off').map((site) => [site, trustOf(site.host, request)]));
  const doors = wanted.flatMap((want) =>
    doorsOf(want, layout, headers).map((door) => weighed(door, want, layout, trusts)),
  );
  const streams = readStreams(tree, wanted, request);
  const claims = doubtedClaims(worstClaims([...doors.map(claimOf), ...streams.claims]), unreadIn(tree));
  const reading = {
    server: 'nginx' as const,
    main: request.main,
    claims,
    findings: [
      ...doors.flatMap(findingsOf),
      ...siteFindings(doors, trusts),
      ...[...streams.said, ...streams.faults].map(({ code, where, detail }) => found('nginx', code, { where, detail })),
      ...idleFindings('nginx', idle, { claims, names: new Set(sites.flatMap(usableNames)), hosts: request.hosts }),
      ...unreadFindings(tree),
    ],
    notChecked: notChecked(tree, wanted, doors, trusts),
  };
  const all = [...[...trusts.values()].flatMap(({ faults }) => faults), ...streams.faults];
  const first = all.find(({ stopsServer }) => stopsServer);
  const checked = first === undefined ? reading : notStarted(reading, 'nginx', first.where);
  return { ...checked, findings: uniqueFindings(checked.findings) };
}

function idleLocksOf({ texts }: NginxTree, { main, source }: AuditRequest): readonly IdleLock[] {
  const enables = (available: string, enabled: string) => `ln -s ${available} ${enabled}`;
  return idleLocks({ root: dirname(main), texts, source, locksIn: nginxLocksIn, enables });
}

/** A door with what its site's trust means for it. */
interface Weighed extends Door {
  readonly trust: NginxTrust | null;
  /** Sites that ask for nothing, or trust others, listen at the same socket. */
  readonly beside: boolean;
}

function weighed(
  door: Door,
  want: Wanted,
  layout: readonly SocketSites[],
  trusts: ReadonlyMap<Site, NginxTrust>,
): Weighed {
  const there = layout.find(({ socket, sites }) => sites.includes(door.site) && isSame(socket, door.socket));
  const beside = (there?.sites ?? []).some((site) => isOtherwise(site, door.site));
  return {
    ...door,
    ...trusted(door, want, there?.fallback ?? null, trusts),
    trust: trusts.get(door.site) ?? null,
    beside,
  };
}

function isSame(a: Listener, b: Listener): boolean {
  return a.host === b.host && a.port === b.port && a.family === b.family && a.quic === b.quic;
}

function isOtherwise(site: Site, locked: Site): boolean {
  if (site === locked || rejects(site)) return false;
  return site.mode === 'off' || trustedPath(site) !== trustedPath(locked);
}

function trusted(
  door: Door,
  want: Wanted,
  fallback: Site | null,
  trusts: ReadonlyMap<Site, NginxTrust>,
): Pick<Door, 'verdict' | 'said'> {
  const trust = trusts.get(door.site);
  const { verdict, said } = door;
  if (trust === undefined || !door.socket.tls || verdict === 'open' || verdict === 'unknown') return { verdict, said };
  const other = otherAuthority(door, want, fallback, trusts);
  if (other !== null) return { verdict: 'open', said: [...said, other] };
  const isWide = trust.faults.some(({ letsStrangersIn }) => letsStrangersIn) && letsIn(door, want, 'neighbour', null);
  if (isWide) return { verdict: 'open', said };
  return { verdict: trust.faults.some(({ keepsEdgeOut }) => keepsEdgeOut) ? 'broken' : verdict, said };
}

function letsIn({ site, socket }: Door, { name }: Wanted, shown: 'neighbour', serverName: string | null): boolean {
  const caller = { ...callerAt({ name, socket }, shown, FREE), serverName };
  return admission(site, caller).some(({ kind, sure }) => kind === 'content' && sure);
}

// Without a name in the handshake that somebody has, the default server's authority judges, and Host chooses the site.
function otherAuthority(door: Door, want: Wanted, fallback: Site | null, trusts: ReadonlyMap<Site, NginxTrust>) {
  if (fallback === null || fallback === door.site || rejects(fallback)) return null;
  const [own, theirs] = [trusts.get(door.site)?.anchors, trusts.get(fallback)?.anchors];
  if (theirs === undefined || own === undefined) return null;
  const isOther =
    own === null || theirs === null ? trustedPath(door.site) !== trustedPath(fallback) : !isSubset(theirs, own);
  if (!isOther || !['', 'name.invalid'].some((name) => letsIn(door, want, 'neighbour', name))) return null;
  const detail = `without a known name in the handshake, ${trustedPath(fallback)} is trusted`;
  return { code: 'two_authorities', where: fallback.host.place, detail } as const;
}

function isSubset(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((one) => all.has(one));
}

function trustedPath({ host }: Site): string {
  return host.trusts ?? '';
}

function rejects({ host }: Site): boolean {
  return (host.block.inner ?? []).some(({ name, args }) => name === 'ssl_reject_handshake' && args[0] === 'on');
}

function claimOf({ name, socket, site, verdict }: Door): Claim {
  const { host, port } = socket;
  return { host: name, address: host, port, verdict, where: site.host.place };
}

function findingsOf({ name, said }: Door): readonly Finding[] {
  return said.map(({ code, where, detail }) =>
    found('nginx', code, { where, detail, target: name === '*' ? null : name }),
  );
}

function siteFindings(doors: readonly Weighed[], trusts: ReadonlyMap<Site, NginxTrust>): readonly Finding[] {
  const own = new Set(doors.filter(({ socket }) => socket.tls).map(({ site }) => site));
  return [...own].flatMap((site) => {
    const trust = trusts.get(site);
    if (trust === undefined) return [];
    return [...trust.faults, ...settingsSaid(site)].map(({ code, where, detail }) =>
      found('nginx', code, { where, detail }),
    );
  });
}

// Types of files say nothing of who gets in.
function isTypes({ detail }: Stop): boolean {
  return /(?:^|\/)mime\.types$/.test(detail);
}

function unreadIn({ stops }: NginxTree): readonly Stop[] {
  return stops.filter((one) => !isTypes(one));
}

function unreadFindings(tree: NginxTree): readonly Finding[] {
  return unreadIn(tree).map((one) =>
    found('nginx', 'unread_configuration', { where: one.place, detail: stopWhy(one) }),
  );
}

function notChecked(
  { stops }: NginxTree,
  wanted: readonly Wanted[],
  doors: readonly Weighed[],
  trusts: ReadonlyMap<Site, NginxTrust>,
): readonly NotChecked[] {
  const unread = new Set([...trusts.values()].flatMap((trust) => trust.unread));
  return [
    ...(wanted.length === 0
      ? [{ what: 'any site', why: 'no server block has TLS and a name; name the sites with --host' }]
      : [
          {
            what: "whether the edge's certificate is of the trusted authority",
            why: 'a configuration does not show it',
          },
        ]),
    ...foreignSessions(doors),
    ...doors.flatMap(exempted),
    ...stops.map((one) => ({ what: `${one.place.file}:${one.place.line}`, why: stopWhy(one) })),
    ...[...unread].map((path) => ({ what: path, why: 'the file could not be opened here' })),
    ...doors
      .filter(({ why }) => why !== '')
      .map(({ name, socket, why }) => ({ what: `${name} at ${listenerText(socket)}`, why })),
  ];
}

function exempted({ name, site, socket, verdict }: Weighed): readonly NotChecked[] {
  if (verdict !== 'locked' || !socket.tls) return [];
  const paths = exemptedPaths({ site, name, socket, content: null, early: [], headers: new Set() });
  return paths.map((path) => ({
    what: `${path} of ${name} at ${listenerText(socket)}`,
    why: 'this path is let off, so it is open to everybody',
  }));
}

// CVE-2025-23419: distributions mend it without another number, so the version says nothing for certain.
function foreignSessions(doors: readonly Weighed[]): readonly NotChecked[] {
  const shared = doors.filter(({ site, socket, beside }) => site.mode !== 'off' && socket.tls && beside);
  const resumes = shared.some(({ site }) => settingText(site.host, 'ssl_session_tickets') !== 'off');
  const what = 'whether a session of another name opens a locked one';
  return resumes
    ? [{ what, why: 'nginx before 1.26.3 and 1.27.4 allows it unless its distribution mended it (CVE-2025-23419)' }]
    : [];
}

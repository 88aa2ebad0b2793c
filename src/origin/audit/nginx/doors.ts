import type { FindingCode } from '../../../doctor/diagnosis/findings.ts';
import type { Verdict } from '../../../domain/verdict.ts';
import { type Listener, listenerText } from '../../server/virtual-host.ts';
import { admission, type Early, type Site } from './admission.ts';
import { FREE } from '../stranger.ts';
import { isExempt } from './endpoints.ts';
import { callerAt, judgeSite, type SiteJudgement } from './judge-site.ts';
import { isLoopback } from '../public-address.ts';
import type { Said } from '../said.ts';
import { isShadowed, readersOf, siteServing, type SocketSites } from './layout.ts';
import { isMeant, listenerAt, usableNames } from './sites.ts';

/** One name that should be locked, and the sites that are its own. */
export interface Wanted {
  /** `*` for a site that has no name. */
  readonly name: string;
  readonly own: readonly Site[];
  /** What is behind those: what strangers must not read. */
  readonly content: ReadonlySet<string>;
}

/** How a name stands at one socket. */
export interface Door {
  readonly name: string;
  readonly socket: Listener;
  readonly site: Site;
  readonly verdict: Verdict;
  readonly said: readonly Said[];
  readonly why: string;
}

/** Names that should be locked, whatever the sites that are read say of them. */
interface WantedBeside {
  /** By whoever asks: then no others are. */
  readonly given: readonly string[];
  /** In locks that are not in force. */
  readonly idle: readonly string[];
}

/** The names that should be locked: those given, or those that the configuration means to lock. */
export function wantedNames(
  sites: readonly Site[],
  layout: readonly SocketSites[],
  { given, idle }: WantedBeside,
): readonly Wanted[] {
  if (given.length > 0) return given.map((name) => wanted(name, sitesOfName(layout, name)));
  const meant = sites.filter(isMeant);
  const lockedOnes = meant.length > 0 ? meant : sites.filter(({ host }) => host.listeners.some(({ tls }) => tls));
  const here = new Set(sites.flatMap(usableNames));
  const names = [...new Set([...lockedOnes.flatMap(usableNames), ...idle.filter((name) => here.has(name))])];
  const serving = new Set(names.flatMap((name) => sitesOfName(layout, name)));
  const nameless = lockedOnes.filter(
    (site) => usableNames(site).length === 0 && !serving.has(site) && servesSomething(site),
  );
  return [
    ...names.map((name) => wanted(name, sitesOfName(layout, name))),
    ...nameless.map((site) => wanted('*', [site])),
  ];
}

// One that rejects every handshake, or answers everything with an error, has nothing to lock.
function servesSomething(site: Site): boolean {
  return contentOf(site).size > 0;
}

function sitesOfName(layout: readonly SocketSites[], name: string): readonly Site[] {
  const found = layout.map((there) => siteServing(there, name));
  const claimed = found.flatMap((one) => (one?.claimed === true ? [one.site] : []));
  const all = claimed.length > 0 ? claimed : found.flatMap((one) => (one === null ? [] : [one.site]));
  return [...new Set(all)];
}

function wanted(name: string, own: readonly Site[]): Wanted {
  const meant = own.filter(isMeant);
  const tls = own.filter(({ host }) => host.listeners.some((one) => one.tls));
  const best = meant.length > 0 ? meant : tls.length > 0 ? tls : own;
  return { name, own, content: new Set(best.flatMap((site) => [...contentOf(site)])) };
}

/** What the edge reads at a site. */
function contentOf(site: Site): ReadonlySet<string> {
  const [socket] = site.host.listeners;
  if (socket === undefined) return new Set();
  const outcomes = admission(site, callerAt({ name: site.host.names[0] ?? '', socket }, 'edge', FREE));
  const read = outcomes.filter(
    ({ kind, endpoint }) => kind === 'content' && (endpoint === null || !isExempt(endpoint)),
  );
  return new Set(read.flatMap(({ reaches }) => reaches));
}

/** Every door that leads to what stands behind a name, and those that are shut. */
export function doorsOf(want: Wanted, layout: readonly SocketSites[], headers: ReadonlySet<string>): readonly Door[] {
  const sockets = layout.filter(({ socket }) => isReachable(socket, want));
  const own = sockets.flatMap((there) => ownDoor(want, there, headers));
  const locked = own.filter(({ verdict, socket }) => verdict !== 'open' && socket.tls);
  const told = own.map((door) => ({ ...door, said: inTheLight(door, locked) }));
  return [
    ...told,
    ...sockets.flatMap((there) => siblings(want, there, headers)),
    ...sockets.filter(({ socket }) => isHandedTo(socket, want)).flatMap((there) => innerDoors(want, there, headers)),
  ];
}

// nginx as the application of nginx: what stands behind the lock listens where others reach it too.
function isHandedTo({ host, port }: Listener, { content }: Wanted): boolean {
  return !isLoopback(host) && (content.has(`tcp:127.0.0.1:${port}`) || content.has(`tcp:[::1]:${port}`));
}

function innerDoors(want: Wanted, there: SocketSites, headers: ReadonlySet<string>): readonly Door[] {
  const { socket, sites } = there;
  return sites.flatMap((site) => {
    const listener = { ...listenerAt(site, socket), tls: socket.tls };
    const judged = judgeSite({
      site,
      name: usableNames(site)[0] ?? 'name.invalid',
      socket: listener,
      content: null,
      early: earlyAt(site, there),
      headers,
    });
    if (judged.verdict !== 'open') return [];
    const said: Said = { code: 'application_port', where: listener.place, detail: listenerText(socket) };
    return [{ ...door(want, listener, site, judged), said: [said] }];
  });
}

// Where the site itself is not on loopback, what listens there is between programs of the machine.
function isReachable({ host }: Listener, { own }: Wanted): boolean {
  return !isLoopback(host) || own.some((site) => site.host.listeners.every((one) => isLoopback(one.host)));
}

function ownDoor(want: Wanted, there: SocketSites, headers: ReadonlySet<string>): readonly Door[] {
  const { socket } = there;
  const site = ownSiteAt(want, there);
  if (site === null) return [];
  const listener = { ...listenerAt(site, socket), tls: socket.tls };
  const judged = judgeSite({
    site,
    name: want.name,
    socket: listener,
    content: null,
    early: earlyAt(site, there),
    headers,
  });
  return [door(want, listener, site, judged)];
}

/** How a site turns callers away before anybody asks for a certificate, with others that stand at its socket. */
function earlyAt(site: Site, { socket, sites, fallback }: SocketSites): readonly Early[] {
  if (!socket.tls || socket.quic) return [];
  // Of the name that the handshake said nothing is misdirected, so one of another name must be there; and a site that is
  // alone at its socket asks for no names.
  const misdirects = (one: Site) =>
    one.mode !== 'off' && (one !== site || one === fallback || one.host.names.length > 1);
  return sites.length > 1 && sites.some(misdirects) ? [497, 421] : [497];
}

function ownSiteAt({ name, own }: Wanted, there: SocketSites): Site | null {
  if (name === '*') return own.find((site) => there.sites.includes(site)) ?? null;
  const found = siteServing(there, name);
  return found !== null && own.includes(found.site) ? found.site : null;
}

function door({ name }: Wanted, socket: Listener, site: Site, { verdict, said, why }: SiteJudgement): Door {
  return { name, socket, site, verdict, said, why };
}

// Which door it is beside a locked one says more than how that site is set.
function inTheLight({ socket, site, verdict, said }: Door, locked: readonly Door[]): readonly Said[] {
  if (verdict !== 'open') return said;
  const code = sideDoor(socket, locked);
  if (code === null) return said;
  const first: Said = { code, where: socket.place, detail: listenerText(socket) };
  return [first, ...said.filter((one) => one.code !== 'not_asked' || site.mode !== 'off')];
}

function sideDoor(socket: Listener, locked: readonly Door[]): FindingCode | null {
  if (!socket.tls) return 'plain_http';
  if (socket.quic) return 'http3';
  if (locked.length === 0) return null;
  const samePort = locked.filter((one) => one.socket.port === socket.port);
  return socket.family === 6 && samePort.some((one) => one.socket.family === 4) ? 'ipv6_open' : 'other_port';
}

/** Other sites that read the same, whatever they are called. */
function siblings(want: Wanted, there: SocketSites, headers: ReadonlySet<string>): readonly Door[] {
  const { socket, fallback } = there;
  const own = ownSiteAt(want, there);
  const others = readersOf(there, want.content).filter((site) => site !== own && !isShadowed(site, there));
  return others.flatMap((site) => {
    if (want.own.includes(site) && want.name !== '*') return [];
    const listener = { ...listenerAt(site, socket), tls: socket.tls };
    const name = usableNames(site)[0] ?? 'name.invalid';
    const judged = judgeSite({
      site,
      name,
      socket: listener,
      content: want.content,
      early: earlyAt(site, there),
      headers,
    });
    if (judged.verdict !== 'open') {
      const isTold = judged.said.some(({ code }) => code === 'left_to_application');
      return isTold ? [door(want, listener, site, judged)] : [];
    }
    // Its own pages are as they should be: only who is turned away gets what is another's.
    const isOwn = judged.said.length > 0 && judged.said.every(({ code }) => code === 'name_mismatch');
    if (isOwn) return [door(want, listener, site, judged)];
    const which = fallback === site ? 'any other name' : (site.host.names[0] ?? 'no name');
    const code = socket.quic ? 'http3' : socket.tls ? 'open_sibling' : 'plain_http';
    const said: Said = { code, where: site.host.place, detail: `${which} at ${listenerText(socket)}` };
    const more = judged.said.filter((one) => one.code !== 'not_asked');
    return [{ ...door(want, listener, site, judged), said: [said, ...more] }];
  });
}

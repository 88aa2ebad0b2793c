import type { Claim, ConfigurationReading, NotChecked } from '../../../doctor/configuration.ts';
import type { Finding } from '../../../doctor/diagnosis/finding.ts';
import type { FindingCode } from '../../../doctor/diagnosis/findings.ts';
import type { Verdict } from '../../../domain/verdict.ts';
import { readCaddyTree } from '../../server/caddy/hosts.ts';
import { readOnce } from '../../server/config-source.ts';
import { type Listener, listenerText } from '../../server/virtual-host.ts';
import { type AuditRequest, found } from '../audit-request.ts';
import { doubtedClaims, uniqueFindings, worstClaims } from '../collected.ts';
import { isCaddyJson } from '../guess-server.ts';
import { notStarted } from '../not-started.ts';
import { FREE } from '../stranger.ts';
import { fromCaddyfile } from './from-caddyfile.ts';
import { fromJson } from './from-json.ts';
import { admission, isStrict, judge, policyFor } from './judge.ts';
import { isLoopback } from '../public-address.ts';
import type { Said } from '../said.ts';
import { type CaddyModel, type CaddyServer, namesOf } from './model.ts';
import { type CaddyLayout, layoutOf, readersOf } from './readers.ts';
import { settingsSaid } from './settings-said.ts';
import { type CaddyTrust, caddyTrust } from './trust.ts';

/** Reads a configuration of Caddy, in either language, and says who gets in where. Pure but for what `source` gives. */
export function auditCaddy(given: AuditRequest): ConfigurationReading {
  const request = { ...given, source: readOnce(given.source) };
  const model = modelOf(request);
  const layouts = new Map(model.servers.map((server) => [server, layoutOf(server)]));
  const doors = wantedNames(model, request.hosts).flatMap((name) => doorsOf(name, layouts, request));
  const reading = {
    server: 'caddy' as const,
    main: request.main,
    claims: doubtedClaims(worstClaims(doors.map(claimOf)), model.unread),
    findings: [
      ...doors.flatMap(findingsOf),
      ...model.unread.map(({ place, why }) => found('caddy', 'unread_configuration', { where: place, detail: why })),
    ],
    notChecked: notChecked(model, doors),
  };
  const stopped = doors.flatMap(({ trust }) => trust?.faults ?? []).find(({ stopsServer }) => stopsServer);
  const checked = stopped === undefined ? reading : notStarted(reading, 'Caddy', stopped.where);
  return { ...checked, findings: uniqueFindings(checked.findings) };
}

function modelOf({ main, source }: AuditRequest): CaddyModel {
  const read = source.read(main);
  return 'text' in read && isCaddyJson(read.text)
    ? fromJson(main, read.text)
    : fromCaddyfile(readCaddyTree(main, source));
}

// Those whose handshake asks for a certificate; where none does, those with TLS.
function wantedNames({ servers }: CaddyModel, given: readonly string[]): readonly string[] {
  if (given.length > 0) return given;
  const asking = servers.flatMap((server) => {
    const auths = server.policies.filter(({ auth }) => auth !== null);
    const all = namesOf(server);
    return auths.flatMap(({ names }) => (names.length > 0 ? names : all.length > 0 ? all : ['*']));
  });
  const tls = servers.filter((server) => server.tls);
  const names =
    asking.length > 0 ? asking : tls.flatMap((server) => (namesOf(server).length > 0 ? namesOf(server) : ['*']));
  return [...new Set(names)];
}

interface Door {
  readonly name: string;
  readonly socket: Listener;
  readonly verdict: Verdict;
  readonly said: readonly Said[];
  readonly where: Claim['where'];
  readonly trust: CaddyTrust | null;
}

const ANY = 'name.invalid';

function doorsOf(name: string, layouts: ReadonlyMap<CaddyServer, CaddyLayout>, request: AuditRequest): readonly Door[] {
  const servers = [...layouts.keys()];
  const asked = name === '*' ? ANY : name;
  const content = contentOf(asked, servers);
  const all = servers.flatMap((server) => server.listeners.map((socket) => ({ server, socket })));
  const own = all.filter(({ server, socket }) => serves(server, socket, asked));
  const isLocal = own.every(({ socket }) => isLoopback(socket.host));
  const reachable = all.filter(({ socket }) => isLocal || !isLoopback(socket.host));
  const ownDoors = reachable
    .filter((one) => own.some(({ server, socket }) => server === one.server && socket === one.socket))
    .map(({ server, socket }) => ownDoor(name, asked, server, socket, request));
  const locked = ownDoors.filter(({ verdict, socket }) => verdict !== 'open' && socket.tls);
  return [
    ...ownDoors.map((door) => inTheLight(door, locked)),
    ...reachable.flatMap(({ server, socket }) =>
      otherDoors({ name, asked, server, socket }, layouts.get(server) ?? NO_NAMES, content),
    ),
  ];
}

function asksFor(server: CaddyServer, name: string): boolean {
  return (policyFor(server, name)?.auth ?? null) !== null;
}

/** What the edge reads under a name. */
function contentOf(name: string, servers: readonly CaddyServer[]): ReadonlySet<string> {
  const locked = servers.filter((server) => asksFor(server, name));
  const best = locked.length > 0 ? locked : servers.filter(({ tls }) => tls);
  const reached = best.flatMap((server) =>
    server.listeners
      .slice(0, 1)
      .flatMap((socket) =>
        admission({ server, socket, name, serverName: name, content: null }, 'edge', FREE).flatMap(
          ({ kind, reaches }) => (kind === 'content' ? reaches : []),
        ),
      ),
  );
  return new Set(reached);
}

// A name that no route is for gets an empty page there.
function serves(server: CaddyServer, socket: Listener, name: string): boolean {
  if (socket.tls && asksFor(server, name)) return true;
  const ends = admission({ server, socket, name, serverName: name, content: null }, 'edge', FREE);
  return ends.some(({ kind }) => kind !== 'refused') || ends.some(({ place }) => place !== server.place);
}

function ownDoor(name: string, asked: string, server: CaddyServer, socket: Listener, request: AuditRequest): Door {
  const question = { server, socket, name: asked, serverName: asked, content: null };
  const { verdict, said, place } = judge(question);
  const policy = socket.tls ? policyFor(server, asked) : null;
  const auth = policy?.auth ?? null;
  const trust = auth === null ? null : caddyTrust(auth, request);
  const settings = policy === null || auth === null ? [] : settingsSaid(server, policy);
  const door = { name, socket, verdict, said: [...said, ...settings], where: place, trust };
  if (policy?.unclear === true && verdict === 'locked') return { ...door, verdict: 'unknown' };
  if (trust === null || verdict !== 'locked') return door;
  const passes = admission(question, 'neighbour', FREE).some(({ kind, sure }) => kind === 'content' && sure);
  if (passes && trust.faults.some(({ letsStrangersIn }) => letsStrangersIn)) return { ...door, verdict: 'open' };
  // Several sources add up: one that is of no use keeps nobody out where another one is.
  const isShut = trust.faults.some(
    ({ keepsEdgeOut, stopsServer }) => keepsEdgeOut && (stopsServer || (auth?.trusted.length ?? 0) < 2),
  );
  return isShut ? { ...door, verdict: 'broken' } : door;
}

function inTheLight(door: Door, locked: readonly Door[]): Door {
  const { socket, verdict, said } = door;
  if (verdict !== 'open') return door;
  const code = sideDoor(socket, locked);
  if (code === null) return door;
  const first: Said = { code, where: socket.place, detail: listenerText(socket) };
  return { ...door, said: [first, ...said.filter((one) => one.code !== 'not_asked')] };
}

function sideDoor(socket: Listener, locked: readonly Door[]): FindingCode | null {
  if (!socket.tls) return 'plain_http';
  if (locked.length === 0) return null;
  const samePort = locked.some((one) => one.socket.port === socket.port && one.socket.family === 4);
  return socket.family === 6 && samePort ? 'ipv6_open' : 'other_port';
}

const NO_NAMES: CaddyLayout = { names: [], readers: new Map() };

interface Whereabouts {
  readonly name: string;
  readonly asked: string;
  readonly server: CaddyServer;
  readonly socket: Listener;
}

// Other names that read the same; and this name behind another one in the handshake.
function otherDoors(at: Whereabouts, layout: CaddyLayout, content: ReadonlySet<string>): readonly Door[] {
  const { name, asked, server, socket } = at;
  const others = [...readersOf(layout, content), ANY].filter((one) => one !== asked);
  const siblings = others.flatMap((other) => {
    const { verdict, said, place } = judge({ server, socket, name: other, serverName: other, content });
    if (verdict !== 'open') return [];
    const code: FindingCode = socket.tls ? 'open_sibling' : 'plain_http';
    const which = other === ANY ? 'any other name' : other;
    const first: Said = { code, where: place, detail: `${which} at ${listenerText(socket)}` };
    const more = said.filter((one) => one.code !== 'not_asked');
    return [{ name, socket, verdict, said: [first, ...more], where: place, trust: null }];
  });
  return [...siblings, ...mismatched(at, layout)];
}

function mismatched({ name, asked, server, socket }: Whereabouts, { names }: CaddyLayout): readonly Door[] {
  if (!socket.tls || isStrict(server) || !asksFor(server, asked)) return [];
  const open = names
    .filter((one) => one !== asked && !one.includes('*'))
    .find((serverName) => judge({ server, socket, name: asked, serverName, content: null }).verdict === 'open');
  if (open === undefined) return [];
  const said: Said = {
    code: 'name_mismatch',
    where: server.place,
    detail: `${open} in the handshake, ${asked} in Host`,
  };
  return [{ name, socket, verdict: 'open', said: [said], where: server.place, trust: null }];
}

function claimOf({ name, socket, verdict, where }: Door): Claim {
  return { host: name, address: socket.host, port: socket.port, verdict, where };
}

function findingsOf({ name, said, trust }: Door): readonly Finding[] {
  const target = name === '*' ? null : name;
  return [
    ...said.map(({ code, where, detail }) => found('caddy', code, { where, detail, target })),
    ...(trust?.faults ?? []).map(({ code, where, detail }) => found('caddy', code, { where, detail })),
  ];
}

function notChecked({ servers, unread }: CaddyModel, doors: readonly Door[]): readonly NotChecked[] {
  const several = servers.some(({ policies }) => policies.filter(({ auth }) => auth !== null).length > 1);
  const unopened = new Set(doors.flatMap(({ trust }) => trust?.unread ?? []));
  return [
    ...(doors.length === 0
      ? [{ what: 'any site', why: 'no site has TLS; name the sites with --host' }]
      : [
          {
            what: "whether the edge's certificate is of the trusted authority",
            why: 'a configuration does not show it',
          },
        ]),
    ...unread.map(({ place, why }) => ({ what: `${place.file}:${place.line}`, why })),
    ...[...unopened].map((what) => ({ what, why: 'the authorities there could not be looked at here' })),
    ...(several
      ? [
          {
            what: 'whether a session of one name opens another',
            why: 'it depends on the version of Go that Caddy was built with (CVE-2025-68121)',
          },
        ]
      : []),
  ];
}

import type { ConfigurationReading, NotChecked } from '../../doctor/configuration.ts';
import type { Finding } from '../../doctor/diagnosis/finding.ts';
import { hostnamePattern } from '../../domain/ids.ts';
import { type LighttpdTree, readLighttpdTree, textOf } from '../server/lighttpd/tree.ts';
import { placeText, stopWhy } from '../server/place.ts';
import { uniqueSockets } from '../server/virtual-host.ts';
import { type AuditRequest, found } from './audit-request.ts';
import type { Caller, Fate } from './caller.ts';
import { doubtedClaims, uniqueFindings, worstClaims } from './collected.ts';
import { concrete, type Door, type Gate, judgeGate, NOTHING_MEANT } from './gate.ts';
import { askingFor, handshakeOf, lighttpdFate, pathsIn, reachesOf } from './lighttpd/request.ts';
import { isOn, membersOf, settingFor, socketOf } from './lighttpd/settings.ts';
import { type HandshakeTrust, lighttpdTrust } from './lighttpd/trust.ts';
import { tellsOfCertificate } from './telling-header.ts';

/** Reads a configuration of lighttpd: who gets in where, what is wrong, and what was not read. */
export function auditLighttpd(request: AuditRequest): ConfigurationReading {
  const tree = readLighttpdTree(request.main, request.source);
  const doors = doorsOf(tree);
  const trust = trustOf(tree, request);
  const gate = lighttpdGate(tree, doors, trust);
  const hosts = request.hosts.length > 0 ? request.hosts : hostsMeant(tree, gate);
  const judged = judgeGate(gate, hosts);
  const claims = doubtedClaims(judged.claims, tree.stops);
  const speaking = doors.filter(({ tls }) => tls);
  const own = hosts.flatMap((host) =>
    speaking.flatMap((door) => trust(concrete(host), door).findings.map((one) => ({ ...one, target: host }))),
  );
  const isOpen = claims.some(({ verdict }) => verdict !== 'locked');
  return {
    server: 'lighttpd',
    main: request.main,
    claims: worstClaims(claims),
    findings: uniqueFindings([...judged.findings, ...own, ...(isOpen ? headerFaults(tree) : []), ...unread(tree)]),
    notChecked: [...(claims.length === 0 ? [NOTHING_MEANT] : []), ...notChecked(tree)],
  };
}

/** The sockets of `server.port` and of `$SERVER["socket"]`. */
function doorsOf(tree: LighttpdTree): readonly Door[] {
  const [global] = tree.blocks;
  const of = (name: string) => global?.settings.findLast((one) => one.name === name);
  const isTls = isOn(of('ssl.engine'), false);
  const port = Number(textOf(of('server.port')?.value) ?? (isTls ? 443 : 80));
  const bind = textOf(of('server.bind')?.value) ?? '';
  const place = (of('server.port') ?? of('server.bind'))?.place ?? { file: tree.main, line: 1 };
  const six = isOn(of('server.use-ipv6'), false);
  const written = bind.includes(':') && !bind.startsWith('[') ? `[${bind}]` : bind;
  const first = bind.startsWith('/') ? null : socketOf(`${written === '' && six ? '[::]' : written}:${port}`);
  const sockets = tree.blocks.flatMap(({ guards, place: at }) =>
    guards.flatMap(({ condition }) => {
      const socket =
        condition?.subject === 'SERVER["socket"]' && condition.operator === '==' ? socketOf(condition.value) : null;
      return socket === null ? [] : [{ ...socket, place: at }];
    }),
  );
  const all = [...(first === null ? [] : [{ ...first, place }]), ...sockets].map((one) => ({
    ...one,
    tls: false,
    isDefault: false,
    quic: false,
    proxied: false,
  }));
  return uniqueSockets(all.toReversed())
    .toReversed()
    .map((door) => ({ ...door, tls: isOn(settingFor(tree, 'ssl.engine', { ...handshakeOf(null, door) }), false) }));
}

type Trusts = (serverName: string | null, door: Door) => HandshakeTrust;

function trustOf(tree: LighttpdTree, request: AuditRequest): Trusts {
  const known = new Map<string, HandshakeTrust>();
  return (serverName, door) => {
    const key = `${serverName} ${door.host} ${door.port}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const judged = lighttpdTrust(tree, handshakeOf(serverName, door), request);
    known.set(key, judged);
    return judged;
  };
}

function lighttpdGate(tree: LighttpdTree, doors: readonly Door[], trust: Trusts): Gate {
  const names = namesOf(tree);
  const isNamed = (host: string) => names.length === 0 || tree.blocks.some((block) => isFor(block, host));
  const [unread] = tree.stops;
  return {
    server: 'lighttpd',
    doors,
    names: () => names,
    paths: () => pathsIn(tree),
    content: (host, door) => {
      const request = {
        door,
        host,
        path: '/',
        method: 'GET',
        stage: 'request' as const,
        tries: 'everything' as const,
        turned: new Set<never>(),
      };
      const block = tree.blocks.findLast((one) => isFor(one, host)) ?? tree.blocks[0];
      return { reaches: reachesOf(tree, request), claimed: isNamed(host), place: block?.place ?? door.place };
    },
    fate: (caller: Caller, door: Door): Fate => {
      const fate = lighttpdFate(tree, caller, door, door.tls ? trust(caller.serverName, door).keepsOut : null);
      // What was not read may ask, or let in: only what stands before it is sure.
      if (unread === undefined || fate.kind === 'redirected') return fate;
      return { kind: 'unclear', where: unread.place, why: stopWhy(unread) };
    },
  };
}

type Block = LighttpdTree['blocks'][number];

function isFor({ guards }: Block, host: string): boolean {
  return guards.some(({ condition }) => {
    if (condition?.subject !== 'HTTP["host"]' || condition.operator.startsWith('!')) return false;
    return namesIn(condition.value, condition.operator === '=~').some(
      (name) => name === host || concrete(name) === host || (name.startsWith('*.') && host.endsWith(name.slice(1))),
    );
  });
}

/** The names that conditions on Host speak of. */
function namesOf({ blocks }: LighttpdTree): readonly string[] {
  const conditions = blocks.flatMap(({ guards }) => guards.flatMap(({ condition }) => condition ?? []));
  const found = conditions
    .filter(({ subject }) => subject === 'HTTP["host"]')
    .flatMap(({ operator, value }) => namesIn(value, operator.endsWith('~')));
  return [...new Set(found)];
}

/** Names in a pattern, as far as it lists them: `^(a\.test|www\.a\.test)$`, `(^|\.)a\.test$`. */
function namesIn(value: string, isPattern: boolean): readonly string[] {
  if (!isPattern) return hostnamePattern(value.toLowerCase()) === null ? [] : [value.toLowerCase()];
  const bare = value
    .replace(/^\(\?[a-z]+\)/, '')
    .replace(/\(\?:?:\[0-9\]\+\)\?|\(:\[0-9\]\+\)\?|\(\?::\\d\+\)\?|\\\.\?(?=\$|\(|$)/g, '')
    .replace(/^\(\^\|\\\.\)/, '')
    .replaceAll(/[\^$]/g, '');
  return bare
    .replaceAll(/\(\?:|[()]/g, '|')
    .split('|')
    .flatMap((part) => {
      const name = part
        .replaceAll(/\[[^\]]*\][+*]|\.[+*]/g, '*')
        .replaceAll('\\.', '.')
        .replace(/\?$/, '')
        .toLowerCase();
      return name.includes('.') && hostnamePattern(name) !== null ? [name] : [];
    });
}

function hostsMeant(tree: LighttpdTree, gate: Gate): readonly string[] {
  const doors = gate.doors.filter(({ tls }) => tls);
  const names = namesOf(tree);
  const all = names.length === 0 ? ['*'] : names;
  const asked = all.filter((name) =>
    doors.some((door) => {
      const { isActive, enforce, authority } = askingFor(tree, handshakeOf(concrete(name), door));
      return isActive || enforce !== undefined || authority !== undefined;
    }),
  );
  if (doors.length === 0) return [];
  return (asked.length > 0 ? asked : all).filter((name) =>
    doors.some((door) => gate.content(concrete(name), door)?.reaches.length !== 0),
  );
}

function headerFaults({ blocks }: LighttpdTree): readonly Finding[] {
  const added = blocks.flatMap(({ settings }) => settings.filter(({ name }) => name === 'setenv.add-request-header'));
  return added.flatMap(({ value, place }) =>
    membersOf(value).flatMap(({ key }) =>
      key !== null && tellsOfCertificate(key)
        ? [found('lighttpd', 'header_passed', { where: place, detail: key })]
        : [],
    ),
  );
}

function unread({ stops }: LighttpdTree): readonly Finding[] {
  return stops.map((stop) => found('lighttpd', 'unread_configuration', { where: stop.place, detail: stopWhy(stop) }));
}

function notChecked({ stops, shells, blocks }: LighttpdTree): readonly NotChecked[] {
  const lua = blocks.flatMap(({ settings }) => settings.filter(({ name }) => name.startsWith('magnet.')));
  return [
    { what: 'what runs', why: 'a configuration does not show what the server has loaded' },
    ...shells.map(({ command, place }) => ({
      what: `${placeText(place)}: ${command}`,
      why: 'commands are never run here, so what they print was not read',
    })),
    ...lua.map(({ place }) => ({ what: placeText(place), why: 'a program in Lua decides on requests there' })),
    ...stops.map((stop) => ({ what: placeText(stop.place), why: stopWhy(stop) })),
  ];
}

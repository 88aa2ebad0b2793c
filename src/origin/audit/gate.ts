import type { Claim, NotChecked } from '../../doctor/configuration.ts';
import type { Finding } from '../../doctor/diagnosis/finding.ts';
import type { FindingCode } from '../../doctor/diagnosis/findings.ts';
import type { ServerKind } from '../../doctor/diagnosis/fixes.ts';
import type { Place } from '../server/place.ts';
import type { Listener } from '../server/virtual-host.ts';
import { found } from './audit-request.ts';
import { better, type Caller, type Fate, plainCaller, rightCaller } from './caller.ts';
import type { Said } from './said.ts';

/** A socket, and whether TLS is spoken there. */
export interface Door extends Pick<Listener, 'host' | 'port' | 'family' | 'tls' | 'place'> {
  /** Only over QUIC. */
  readonly quic?: boolean;
}

/** What stands behind a name at a door, whoever asks. */
interface Content {
  readonly reaches: readonly string[];
  /** A site says that the name is its own; otherwise it only answers for names that nobody has. */
  readonly claimed: boolean;
  readonly place: Place;
}

/** A path, and the rule that speaks of it. */
export interface RuledPath {
  readonly path: string;
  readonly where: Place;
}

/** A server as its configuration describes it: who would be let in where. */
export interface Gate {
  readonly server: ServerKind;
  readonly doors: readonly Door[];
  /** Names that sites have at a door. */
  names(door: Door): readonly string[];
  content(host: string, door: Door): Content | null;
  fate(caller: Caller, door: Door): Fate;
  /** Paths that rules of their own exist for, where a name is asked for at a door. */
  paths(host: string, door: Door): readonly RuledPath[];
}

/** What is told where there is nothing to look at. */
export const NOTHING_MEANT: NotChecked = {
  what: 'whether anything is locked',
  why: 'no name was found that should be: name it with --host',
};

/** What is said of the names that should be locked. */
export interface Judged {
  readonly claims: readonly Claim[];
  readonly findings: readonly Finding[];
}

/** Lets every kind of stranger knock at every door of every name that should be locked. Pure. */
export function judgeGate(gate: Gate, hosts: readonly string[]): Judged {
  const judged = hosts.map((host) => judgeHost(gate, host, hosts));
  const findings = judged.flatMap((one) => one.findings);
  return { claims: judged.flatMap(({ claims }) => claims), findings };
}

/** A name that no site has: it stands for all of them. */
const NO_SITE = 'postern-no-such-name.invalid';

interface At {
  readonly door: Door;
  readonly content: Content;
  /** Ways in for strangers, the plainest first. */
  readonly ways: readonly Said[];
  /** What is wrong beside them, and lets nobody in by itself. */
  readonly beside: readonly Said[];
  /** Through other names of the same server; those of names that are judged themselves are not told twice. */
  readonly siblings: readonly (Said & { readonly told: boolean })[];
  readonly right: Fate;
  readonly unclear: Fate | null;
}

function judgeHost(gate: Gate, name: string, hosts: readonly string[]): Judged {
  const host = concrete(name);
  const contents = gate.doors.map((door) => ({ door, content: gate.content(host, door) }));
  const own = applicationOf(contents);
  const doors = contents.flatMap(({ door, content }) => {
    if (content === null) return [];
    const at = lookedAt(gate, { host, hosts, door, content, own });
    return isReached(at, own) ? [at] : [];
  });
  return {
    claims: doors.map((at) => claimOf(name, at)),
    findings: doors.flatMap((at) => findingsOf(gate.server, name, at, doors)),
  };
}

/** What the name stands for: where TLS is spoken and a site claims it, else wherever it is claimed, else anywhere. */
function applicationOf(
  contents: readonly { readonly door: Door; readonly content: Content | null }[],
): ReadonlySet<string> {
  const claimed = contents.filter(({ content }) => content?.claimed === true);
  const tls = claimed.filter(({ door }) => door.tls);
  const first = [tls, claimed, contents].find((some) => some.some(({ content }) => content?.reaches.length));
  return new Set((first ?? []).flatMap(({ content }) => content?.reaches ?? []));
}

interface Look {
  readonly host: string;
  readonly hosts: readonly string[];
  readonly door: Door;
  readonly content: Content;
  readonly own: ReadonlySet<string>;
}

function isReached({ content, siblings }: At, own: ReadonlySet<string>): boolean {
  return content.claimed || siblings.length > 0 || content.reaches.some((one) => own.has(one));
}

function lookedAt(gate: Gate, look: Look): At {
  const { host, door, content, own } = look;
  const plain = plainCaller(host, door);
  const asRight = rightCaller(host, door);
  const right = gate.fate(asRight, door);
  const fates = strangers(gate, look, plain).map((caller) => ({ caller, fate: fateOf(gate, caller, door) }));
  const inside = fates.flatMap(({ caller, fate }) => {
    if (fate.kind !== 'served') return [];
    return own.size > 0 && !fate.reaches.some((one) => own.has(one)) ? [] : [{ caller, fate }];
  });
  const siblings = siblingsOf(gate, look);
  const ways = inside.flatMap(({ caller, fate }) => {
    // Who names no site meets the one that is there for that: told as such.
    if (caller.host === '' && siblings.length > 0) return [];
    // Who gets in with the name as it is needs no other spelling of it.
    const isSame = (one: Caller) => one.serverName === caller.serverName && one.shows === caller.shows;
    const isNeedless = caller.host !== host && inside.some((one) => isSame(one.caller) && one.caller.host === host);
    return isNeedless ? [] : [reasonFor(caller, plain, fate, gate.paths(host, door))];
  });
  const resumed = right.kind === 'served' && door.tls ? gate.fate({ ...asRight, resumes: 'own' }, door) : null;
  const unclear = fates.find(({ caller, fate }) => fate.kind === 'unclear' && isPlainest(caller, plain))?.fate ?? null;
  return {
    door,
    content,
    ways: firstOfEach(ways.filter(({ code }) => code !== 'loose_pin')),
    beside: [
      // Nobody knows whether the authority gave somebody such a name.
      ...ways.filter(({ code }) => code === 'loose_pin').slice(0, 1),
      ...keptPath(
        gate,
        look,
        asRight,
        inside.some(({ caller }) => caller === plain),
      ),
      ...(resumed?.kind === 'refused' && resumed.because !== null ? [resumed.because] : []),
    ],
    siblings,
    right,
    unclear,
  };
}

// Whoever gets in with nothing needs neither an address nor a field.
function fateOf(gate: Gate, caller: Caller, door: Door): Fate {
  const plain = gate.fate(caller, door);
  if (plain.kind === 'served') return plain;
  return better(plain, gate.fate({ ...caller, tries: 'everything' }, door));
}

function isPlainest(caller: Caller, plain: Caller): boolean {
  return caller.serverName === plain.serverName && caller.host === plain.host && caller.path === plain.path;
}

/** A path that is kept where the rest is open: somebody meant to lock, and locked too little. */
function keptPath(gate: Gate, { host, door }: Look, right: Caller, isOpen: boolean): readonly Said[] {
  if (!isOpen || !door.tls) return [];
  const kept = gate
    .paths(host, door)
    .slice(0, MAX_PATHS)
    .find(({ path }) => {
      if (gate.fate({ ...right, path }, door).kind !== 'served') return false;
      return fateOf(gate, { ...right, shows: 'nothing', tries: 'nothing', path }, door).kind === 'refused';
    });
  return kept === undefined
    ? []
    : [{ code: 'some_paths_only', where: kept.where, detail: `only ${kept.path} is kept` }];
}

/** Every kind of stranger that is told apart, the plainest first. */
function strangers(gate: Gate, { host, door }: Look, plain: Caller): readonly Caller[] {
  const paths = gate
    .paths(host, door)
    .slice(0, MAX_PATHS)
    .map(({ path }) => ({ ...plain, path }));
  const spelled = [`${host}:${door.port}`, `${host}.`, host.toUpperCase(), ''].map((spelling) => ({
    ...plain,
    host: spelling,
  }));
  if (!door.tls) return [plain, ...paths, ...spelled];
  const others = gate
    .names(door)
    .map(concrete)
    .filter((name) => name !== host);
  const names = [...others.slice(0, MAX_NAMES), NO_SITE, null];
  const shown = ['nothing', 'self_made', 'other_authority'] as const;
  return [
    plain,
    { ...plain, shows: 'self_made' },
    { ...plain, shows: 'look_alike' },
    ...METHODS.map((method) => ({ ...plain, method })),
    ...paths,
    ...spelled,
    ...names.flatMap((serverName) => shown.map((shows) => ({ ...plain, shows, serverName }))),
    ...names.flatMap((serverName) => spelled.map((one) => ({ ...one, serverName }))),
    { ...plain, resumes: 'other' },
  ];
}

/** Beside GET: those that rules let off, or forget, most often. */
const METHODS = ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'LOCK', 'REPORT'] as const;
const MAX_NAMES = 20;
const MAX_PATHS = 20;

/** What is wrong, by how the stranger came in. */
function reasonFor(
  caller: Caller,
  plain: Caller,
  { because }: Fate & { readonly kind: 'served' },
  paths: readonly RuledPath[],
): Said {
  const { code } = because;
  const told = (other: FindingCode, detail: string): Said => ({ ...because, code: other, detail });
  if (caller.resumes === 'other') return told('foreign_session', because.detail);
  if (caller.method !== plain.method) return told('some_paths_only', `${caller.method} is open`);
  if (caller.path !== plain.path) {
    const where = paths.find(({ path }) => path === caller.path)?.where ?? because.where;
    return { ...told('some_paths_only', `${caller.path} is open`), where };
  }
  if (caller.host !== plain.host)
    return told('host_deny_list', caller.host === '' ? 'no Host' : `Host: ${caller.host}`);
  if (caller.serverName !== plain.serverName) {
    const name =
      caller.serverName === null ? 'no name' : caller.serverName === NO_SITE ? 'any name' : caller.serverName;
    return told('name_mismatch', `${name} in the handshake, ${caller.host} in Host`);
  }
  return { ...because, code };
}

// A stranger who needs no trick needs none of the others: they say the same again.
function firstOfEach(ways: readonly Said[]): readonly Said[] {
  const [first] = ways;
  if (first === undefined) return [];
  const tricks: readonly FindingCode[] = ['host_deny_list', 'name_mismatch', 'foreign_session', 'some_paths_only'];
  if (!tricks.includes(first.code)) return [first];
  return tricks.flatMap((code) => ways.find((way) => way.code === code) ?? []);
}

/** Other names at the same door through which strangers get the same application. */
function siblingsOf(gate: Gate, { host, hosts, door, own }: Look): At['siblings'] {
  const names = [...gate.names(door).slice(0, MAX_NAMES), NO_SITE].filter((name) => concrete(name) !== host);
  return names.flatMap((name) => {
    const content = gate.content(concrete(name), door);
    if (content === null || !content.reaches.some((one) => own.has(one))) return [];
    const asked = concrete(name);
    const plain = plainCaller(asked, door);
    const callers = [plain, { ...plain, shows: 'self_made' }, { ...plain, serverName: null }] as const;
    const [open] = callers.flatMap((caller) => {
      const fate = fateOf(gate, caller, door);
      return fate.kind === 'served' && fate.reaches.some((one) => own.has(one)) ? [fate] : [];
    });
    if (open === undefined) return [];
    const detail = name === NO_SITE ? 'for names that no site has' : name;
    return [{ code: 'open_sibling' as const, where: content.place, detail, told: !hosts.includes(name) }];
  });
}

/** A name that a pattern stands for. */
export function concrete(pattern: string): string {
  return pattern.replace(/^\*(?=\.)/, 'any').replaceAll(/[*?]/g, 'any');
}

function claimOf(host: string, { door, content, ways, siblings, right, unclear }: At): Claim {
  const { host: address, port } = door;
  const claim = { host, address, port, where: content.place };
  if (ways.length > 0 || siblings.length > 0) return { ...claim, verdict: 'open' };
  if (right.kind === 'refused' && right.because !== null) return { ...claim, verdict: 'broken' };
  if (unclear !== null || right.kind === 'unclear') return { ...claim, verdict: 'unknown' };
  return { ...claim, verdict: 'locked' };
}

function findingsOf(server: ServerKind, host: string, at: At, doors: readonly At[]): readonly Finding[] {
  const { door, ways, siblings, right, unclear } = at;
  const make = ({ code, where, detail }: Said) => found(server, code, { where, detail, target: host });
  const open = ways.map((way) => make({ ...way, ...byDoor(way, at, doors) }));
  const beside = siblings
    .filter(({ told }) => told)
    // A site that is open as it stands is no sibling of its own.
    .filter(({ where }) => ways.length === 0 || !isSamePlace(where, at.content.place))
    .map((one) => make(door.tls ? one : { ...one, code: 'plain_http', detail: `${doorText(door)}, ${one.detail}` }));
  const broken = right.kind === 'refused' && right.because !== null ? [make(right.because)] : [];
  const unread = [unclear, right]
    .filter((fate) => fate?.kind === 'unclear')
    .slice(0, 1)
    .map(({ where, why }) => make({ code: 'unread_configuration', where, detail: why }));
  const further = at.beside.filter(({ code }) => ways.length === 0 || code === 'some_paths_only').map(make);
  return [...open, ...beside, ...broken, ...further, ...(open.length + beside.length > 0 || !door.tls ? [] : unread)];
}

function isSamePlace(one: Place, other: Place): boolean {
  return one.file === other.file && one.line === other.line;
}

const HTTPS = 443;

function doorText({ host, port }: Door): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The door is what is wrong where the same name is locked at another one. */
function byDoor({ code, detail }: Said, { door }: At, doors: readonly At[]): Pick<Said, 'code' | 'detail'> {
  const at = doorText(door);
  if (!door.tls) return { code: 'plain_http', detail: at };
  if (door.quic === true) return { code: 'http3', detail: at };
  const locked = doors.filter((one) => one.door.tls && one.ways.length + one.siblings.length === 0);
  if (locked.length === 0) return { code, detail };
  if (door.family === 6 && locked.some((one) => one.door.port === door.port)) return { code: 'ipv6_open', detail: at };
  const isOther = locked.every((one) => one.door.port !== door.port) && door.port !== HTTPS;
  return isOther ? { code: 'other_port', detail: at } : { code, detail };
}

import { dirname, join } from 'node:path';
import { type Hostname, hostnamePattern } from '../../domain/ids.ts';
import {
  type LockDirective,
  nginxLockDirectives,
  nginxLockRules,
  type NginxLock,
} from '../generate/nginx-directives.ts';
import { type ConfigSource, globPattern } from '../server/config-source.ts';
import { commonDoors, type Surroundings } from '../server/doors.ts';
import { nginxDoors } from '../server/nginx/doors.ts';
import { type NginxHost, nginxHosts } from '../server/nginx/hosts.ts';
import { claims, defaultHost, hostServing } from '../server/nginx/serves.ts';
import { type Effective, type NginxTree, readNginxTree } from '../server/nginx/tree.ts';
import { type Listener, listenerText } from '../server/virtual-host.ts';
import { type FileChange, type InstallPlan, type InstallRefusal, refusedStop } from './plan.ts';
import type { InstallRequest, Phase } from './request.ts';
import { edited, givenWay, lineEnd, type TextEdit, wholeLines, withoutLines } from './text-edit.ts';

/** What the plan is made from: the server's main file, and where files are read. */
export interface NginxInput {
  readonly main: string;
  readonly source: ConfigSource;
  readonly listening: Surroundings['listening'];
}

/** The files of nginx that a lock changes for a phase, from the tree as it is without the lock. */
export function planNginx(input: NginxInput, request: InstallRequest, phase: Phase): InstallPlan | InstallRefusal {
  const tree = readNginxTree(input.main, withoutLock(input.source, request));
  const mainStop = tree.stops.find(({ place }) => place.file === input.main);
  if (mainStop !== undefined) return refusedStop(mainStop, byHand(request));
  const hosts = nginxHosts(tree);
  const chosen = chosenHosts(tree, hosts, request);
  if ('kind' in chosen) return chosen;
  const files: FileChange[] = [];
  const made = new Made(tree, request, phase, hosts);
  const refusal = made.lockAll(chosen.locked, chosen.plain);
  if (refusal !== null) return refusal;
  for (const [path, after] of made.files()) {
    const read = input.source.read(path);
    const before = 'text' in read ? read.text : null;
    if (before !== after) files.push({ path, before, after });
  }
  const around = { hosts, locked: chosen.locked, redirected: chosen.plain, listening: input.listening };
  return {
    kind: 'plan',
    changes: files,
    own: made.own(),
    texts: made.texts(),
    edited: made.editedFiles(),
    locked: chosen.locked,
    sockets: uniqueSockets([...chosen.locked, ...chosen.plain].flatMap(({ listeners }) => listeners)),
    doors: [...commonDoors(around), ...nginxDoors(tree, chosen.locked)],
    notes: made.notes(),
  };
}

/** Where a lock of a name keeps its files. */
export interface LockPlace {
  readonly name: string;
  readonly directory: string;
}

/** The files without what a lock of this name put into them. */
export function withoutLock(source: ConfigSource, request: LockPlace): ConfigSource {
  const isInserted = (line: string) => line.startsWith(`include "${lockDirectory(request)}/${request.name}.`);
  return {
    ...source,
    read: (path) => {
      const read = source.read(path);
      return 'text' in read ? { text: withoutLines(read.text, request.name, isInserted) } : read;
    },
    list: (pattern) => source.list(pattern).filter((path) => !path.endsWith(`/${dropInName(request)}`)),
  };
}

function lockDirectory({ directory }: LockPlace): string {
  return join(directory, 'nginx');
}

function dropInName({ name }: LockPlace): string {
  return `postern-${name}.conf`;
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

/** What people write where a server block is for names that nobody claims. */
function isNoName(pattern: string): boolean {
  return pattern === '_' || pattern === '';
}

function asked(pattern: string, { hostnames }: InstallRequest): boolean {
  return (
    hostnames.some((name) => name === pattern) ||
    (pattern.startsWith('~') && hostnames.some((name) => claims(pattern, name)))
  );
}

function uniqueSockets(listeners: readonly Listener[]): readonly Listener[] {
  const real = listeners.filter(({ quic }) => !quic);
  return [...new Map(real.map((one) => [`${one.family} ${listenerText(one)}`, one])).values()];
}

function refused(
  code: InstallRefusal['code'],
  place: InstallRefusal['place'],
  detail: string,
  request: InstallRequest,
): InstallRefusal {
  return { kind: 'refused', code, place, detail, byHand: byHand(request) };
}

/** What to put into a server block where the command does not. */
function byHand(request: InstallRequest): readonly string[] {
  const lock = lockOf(request, 'enforce', { names: request.hostnames, overridesTrusted: true });
  return [...nginxLockDirectives(lock).map(directiveText), ...nginxLockRules(lock)];
}

function lockOf(
  { bundle, pins, crl }: InstallRequest,
  mode: Phase['kind'],
  rest: Pick<NginxLock, 'names' | 'overridesTrusted'>,
): NginxLock {
  return { bundle, pins, crl, mode, ...rest };
}

function directiveText({ name, value }: LockDirective): string {
  return `${name} ${value};`;
}

/** Collects the files of one plan. */
class Made {
  readonly #tree: NginxTree;
  readonly #request: InstallRequest;
  readonly #phase: Phase;
  readonly #hosts: readonly NginxHost[];
  readonly #edits = new Map<string, TextEdit[]>();
  readonly #own = new Map<string, string>();
  readonly #notes: string[] = [];

  constructor(tree: NginxTree, request: InstallRequest, phase: Phase, hosts: readonly NginxHost[]) {
    this.#tree = tree;
    this.#request = request;
    this.#phase = phase;
    this.#hosts = hosts;
  }

  lockAll(locked: readonly NginxHost[], plain: readonly NginxHost[]): InstallRefusal | null {
    const turns = [
      ...locked.map((host) => () => this.#lock(host)),
      ...(this.#phase.kind === 'enforce' ? plain.map((host) => () => this.#redirect(host)) : []),
    ];
    for (const turn of turns) {
      const refusal = turn();
      if (refusal !== null) return refusal;
    }
    if (this.#phase.kind === 'enforce') this.#rejectOthers(locked);
    return null;
  }

  files(): ReadonlyMap<string, string> {
    const changed = [...this.#edits].map(
      ([path, edits]) => [path, edited(this.#tree.texts.get(path) ?? '', edits)] as const,
    );
    return new Map([...this.#own, ...changed]);
  }

  own(): readonly string[] {
    return [...this.#own.keys()];
  }

  texts(): ReadonlyMap<string, string> {
    return new Map([...this.#own].map(([path, text]) => [path, Buffer.from(text, 'latin1').toString('utf8')]));
  }

  editedFiles(): readonly string[] {
    return [...this.#edits.keys()];
  }

  notes(): readonly string[] {
    return this.#notes;
  }

  #lock(host: NginxHost): InstallRefusal | null {
    const names = this.#namesToCheck(host);
    const overridesTrusted = [...host.http, ...(host.block.inner ?? [])].some((one) => one.name === TRUSTED);
    const lock = lockOf(this.#request, this.#phase.kind, { names, overridesTrusted });
    const directives: string[] = [];
    for (const directive of nginxLockDirectives(lock)) {
      const settled = this.#giveWay(host, directive);
      if (typeof settled === 'object') return settled;
      if (settled === 'ours') directives.push(directiveText(directive));
    }
    const plain = host.listeners.some(({ tls }) => !tls);
    return this.#include(host, [
      ...directives,
      ...(plain && this.#phase.kind === 'enforce' ? redirection() : []),
      ...nginxLockRules(lock),
      ...this.#proof(),
    ]);
  }

  #redirect(host: NginxHost): InstallRefusal | null {
    return this.#include(host, redirection());
  }

  #proof(): readonly string[] {
    const { proof } = this.#phase;
    if (proof === null) return [];
    return [
      '# While the lock is proven: what this server thinks of the certificate.',
      `if ($uri = "${proof.path}") { return 200 "${proof.word} $ssl_client_verify"; }`,
    ];
  }

  // The default server of a socket is the one that verifies where no name is given: there is no other to be confused with.
  #namesToCheck(host: NginxHost): readonly Hostname[] | null {
    const names = host.names
      .filter((text) => !isNoName(text))
      .flatMap((text) => (text.startsWith('.') ? [text.slice(1), `*${text}`] : [text]));
    const parsed = names.map((text) => hostnamePattern(text));
    const known = parsed.filter((name) => name !== null);
    if (known.length === parsed.length && known.length > 0) return known;
    const tls = host.listeners.filter((one) => one.tls);
    if (names.length > 0 && !tls.every((socket) => defaultHost(this.#hosts, socket) === host)) {
      this.#notes.push('A name that is a pattern keeps nginx from comparing it with the name in the handshake.');
    }
    return null;
  }

  /** Whether the lock's directive is to be written; where another one stands, that gives way if it can. */
  #giveWay(host: NginxHost, directive: LockDirective): 'ours' | 'theirs' | InstallRefusal {
    const inBlock = host.block.source.block;
    for (const found of (host.block.inner ?? []).filter(({ name }) => name === directive.name)) {
      if (found.args.join(' ') === directive.value.replace(/^"(.*)"$/, '$1')) return 'theirs';
      const direct = found.place.file === host.place.file && inBlock?.directives.includes(found.source) === true;
      if (!direct) {
        if (directive.vital) return refused('set_elsewhere', found.place, found.name, this.#request);
        this.#notes.push(
          `${found.name} stays as it is in ${found.place.file}:${found.place.line}, where others share it.`,
        );
        return 'theirs';
      }
      const refusal = this.#comment(found);
      if (refusal !== null) return refusal;
    }
    return 'ours';
  }

  #comment({ place, source, name }: Effective): InstallRefusal | null {
    const text = this.#tree.texts.get(place.file) ?? '';
    const lines = wholeLines(text, source.start, source.end);
    if (lines === null) return refused('not_alone', place, name, this.#request);
    const mark = givenWay(this.#request.name);
    const commented = text.slice(lines.start, lines.end).replace(/^(?=.)/gm, mark);
    this.#edit(place.file, { ...lines, text: commented });
    return null;
  }

  #include(host: NginxHost, lines: readonly string[]): InstallRefusal | null {
    if (lines.length === 0) return null;
    const { file } = host.place;
    const text = this.#tree.texts.get(file) ?? '';
    const open = host.block.source.block?.open ?? 0;
    const newline = text.indexOf('\n', open);
    if (newline < 0 || !/^[ \t\r]*(?:#.*)?$/.test(text.slice(open, newline))) {
      return refused('no_room', host.place, '', this.#request);
    }
    const count = this.#own.size;
    const name = `${this.#request.name}.${count === 0 ? 'conf' : `${count + 1}.conf`}`;
    const path = join(lockDirectory(this.#request), name);
    const indent = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', open - 1) + 1))?.[0] ?? '';
    const line = `${indent}    include "${path}";${lineEnd(text, open)}`;
    this.#edit(file, { start: newline + 1, end: newline + 1, text: line });
    this.#own.set(path, ownText(this.#request, lines));
    return null;
  }

  #edit(path: string, edit: TextEdit): void {
    this.#edits.set(path, [...(this.#edits.get(path) ?? []), edit]);
  }

  // Where one of the locked hosts was the default, names that nobody claims met the lock; now they meet no host at all.
  #rejectOthers(locked: readonly NginxHost[]): void {
    const tls = uniqueSockets(locked.flatMap(({ listeners }) => listeners)).filter((one) => one.tls);
    const sockets = tls.filter((socket) => {
      const host = defaultHost(this.#hosts, socket);
      const said = this.#hosts.some(({ listeners }) =>
        listeners.some((one) => one.isDefault && listenerText(one) === listenerText(socket)),
      );
      return (
        host !== null &&
        locked.includes(host) &&
        !said &&
        this.#request.hostnames.every((name) => host.names.some((pattern) => claims(pattern, name)))
      );
    });
    const place = this.#tree.dropIns.find(({ pattern }) =>
      globPattern(lastPart(pattern)).test(dropInName(this.#request)),
    );
    const [host] = locked;
    if (sockets.length === 0 || place === undefined || host === undefined) return;
    const path = join(dirname(place.pattern), dropInName(this.#request));
    const kept = (host.block.inner ?? []).filter(({ name }) => DECIDED_BY_DEFAULT.has(name));
    this.#own.set(
      path,
      ownText(this.#request, [
        '# Names that nobody claims, and no name at all, meet no virtual host.',
        'server {',
        ...sockets.map((socket) => `    listen ${listenerText(socket)} ssl default_server;`),
        '    server_name _;',
        '    ssl_reject_handshake on;',
        ...kept.map(({ name, args }) => `    ${name} ${args.join(' ')};`),
        '    ssl_session_tickets off;',
        '    ssl_session_cache off;',
        '    return 421;',
        '}',
      ]),
    );
  }
}

const TRUSTED = 'ssl_trusted_certificate';
/** What the default server of a socket decides for all of it. */
const DECIDED_BY_DEFAULT: ReadonlySet<string> = new Set(['ssl_protocols', 'ssl_prefer_server_ciphers']);

function lastPart(pattern: string): string {
  return pattern.slice(pattern.lastIndexOf('/') + 1);
}

function redirection(): readonly string[] {
  return [
    '# Plain HTTP carries no certificate: it redirects and does nothing else.',
    'if ($scheme = http) { return 301 https://$host$request_uri; }',
  ];
}

function ownText({ name, zone, hostnames }: InstallRequest, lines: readonly string[]): string {
  const text = [
    `# Lock of ${hostnames.join(', ')} (zone ${zone}). Made by: postern origin install`,
    `# Not to be edited; undone by: postern origin uninstall ${name}`,
    ...lines,
    '',
  ].join('\n');
  return Buffer.from(text, 'utf8').toString('latin1');
}

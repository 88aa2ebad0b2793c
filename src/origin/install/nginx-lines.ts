import { dirname, join } from 'node:path';
import { type Hostname, hostnamePattern } from '../../domain/ids.ts';
import { refusingListen, refusingServer } from '../../domain/nginx-refusing-server.ts';
import type { ConfigPath } from '../config-path.ts';
import {
  type LockDirective,
  nginxLockDirectives,
  nginxLockRules,
  type NginxLock,
} from '../generate/nginx-directives.ts';
import { lockLogFormat } from '../generate/nginx-lock-log.ts';
import { globPattern } from '../server/config-source.ts';
import { placeText } from '../server/place.ts';
import type { NginxHost } from '../server/nginx/hosts.ts';
import { claims, defaultHost } from '../server/nginx/serves.ts';
import type { Effective, NginxTree } from '../server/nginx/tree.ts';
import { type Listener, listenerText, uniqueSockets } from '../server/virtual-host.ts';
import { type Chosen, isNoName } from './chosen-hosts.ts';
import type { InstallRefusal } from './plan.ts';
import { formatPlace, serverLogs, watchLogFile } from './nginx-watch-log.ts';
import { type LockPlace, ownPath, PlanFiles } from './plan-files.ts';
import type { InstallRequest, Phase } from './request.ts';
import { givenWay, lineEnd, wholeLines } from './text-edit.ts';
import { type Answering, unmatchedUncounted } from './unmatched-names.ts';

/** Puts the lock into server blocks. */
export class NginxLines {
  readonly #tree: NginxTree;
  readonly #request: InstallRequest;
  readonly #phase: Phase;
  readonly #hosts: readonly NginxHost[];
  readonly #accessLog: string;
  /** Where callers are logged while watching; `null` where they are not. */
  #logs: ConfigPath | null = null;
  readonly #refusing: Listener[] = [];
  readonly files: PlanFiles;

  constructor(
    tree: NginxTree,
    request: InstallRequest,
    phase: Phase,
    { hosts, accessLog }: { readonly hosts: readonly NginxHost[]; readonly accessLog: string },
  ) {
    this.#tree = tree;
    this.#request = request;
    this.#phase = phase;
    this.#hosts = hosts;
    this.#accessLog = accessLog;
    this.files = new PlanFiles(request, tree.texts);
  }

  lockAll({ locked, plain }: Chosen<NginxHost>, neighbours: readonly Answering<NginxHost>[]): InstallRefusal | null {
    const first = Math.min(...locked.map((host) => this.#hosts.indexOf(host)));
    const format = formatPlace(this.#tree, this.#request, first);
    this.#logs = this.#logPlace(format);
    const turns = [
      ...locked.map((host) => () => this.#lock(host)),
      // While watching too, so that only the lock's own files differ between the two.
      ...plain.map((host) => () => this.#redirect(host)),
    ];
    for (const turn of turns) {
      const refusal = turn();
      if (refusal !== null) return refusal;
    }
    // Behind the files that are numbered.
    if (format !== null && this.#logs !== null) this.files.own(format, lockLogFormat(this.#request));
    return this.#rejectOthers(locked, neighbours);
  }

  /** Sockets on which names are refused that no site has. */
  get refusing(): readonly Listener[] {
    return this.#refusing;
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
    const logs = this.#logLines(host);
    if ('kind' in logs) return logs;
    return this.#include(host, [
      ...directives,
      ...logs,
      ...(plain && this.#phase.kind === 'enforce' ? redirection() : []),
      ...nginxLockRules(lock),
      ...this.#proof(),
    ]);
  }

  /** Where callers are logged, where the format of the log can stand in front of all hosts; else nobody is. */
  #logPlace(format: string | null): ConfigPath | null {
    const { logs } = this.#request;
    if (logs === null || format === null) {
      const why =
        logs === null ? 'no directory for logs is known (--log-dir)' : 'no include stands in front of the site';
      this.#noteWatching(`Who comes without a certificate is not logged: ${why}.`);
      return null;
    }
    this.#noteWatching(`Callers other than the edge: grep -v 'verify="SUCCESS"' ${watchLogFile(this.#request, logs)}`);
    return logs;
  }

  #logLines(host: NginxHost): readonly string[] | InstallRefusal {
    const logs = this.#logs;
    if (logs === null) return [];
    const known = { texts: this.#tree.texts, accessLog: this.#accessLog };
    const { watch, enforce, off, past } = serverLogs(host, { ...this.#request, logs }, known);
    for (const place of past) this.#noteWatching(`access_log at ${place} keeps requests there out of that log.`);
    if (off !== null && !this.#isDirect(host, off)) {
      this.#noteWatching(`access_log off at ${placeText(off.place)} keeps everybody out of that log.`);
      return [];
    }
    const refusal = off === null ? null : this.#comment(off);
    return refusal ?? (this.#phase.kind === 'watch' ? watch : enforce);
  }

  #noteWatching(text: string): void {
    if (this.#phase.kind === 'watch' && !this.files.notes.includes(text)) this.files.notes.push(text);
  }

  #isDirect({ place, block }: NginxHost, found: Effective): boolean {
    return found.place.file === place.file && block.source.block?.directives.includes(found.source) === true;
  }

  #redirect(host: NginxHost): InstallRefusal | null {
    return this.#include(host, this.#phase.kind === 'enforce' ? redirection() : [WATCHING]);
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
      this.files.notes.push('A name that is a pattern keeps nginx from comparing it with the name in the handshake.');
    }
    return null;
  }

  /** Whether the lock's directive is to be written; where another one stands, that gives way if it can. */
  #giveWay(host: NginxHost, directive: LockDirective): 'ours' | 'theirs' | InstallRefusal {
    for (const found of (host.block.inner ?? []).filter(({ name }) => name === directive.name)) {
      if (found.args.join(' ') === directive.value.replace(/^"(.*)"$/, '$1')) return 'theirs';
      if (!this.#isDirect(host, found)) {
        if (directive.vital) return refused('set_elsewhere', found.place, found.name, this.#request);
        this.files.notes.push(
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
    const text = this.files.textOf(place.file);
    const lines = wholeLines(text, source.start, source.end);
    if (lines === null) return refused('not_alone', place, name, this.#request);
    const mark = givenWay(this.#request.name);
    const commented = text.slice(lines.start, lines.end).replace(/^(?=.)/gm, mark);
    this.files.edit(place.file, { ...lines, text: commented });
    return null;
  }

  #include(host: NginxHost, lines: readonly string[]): InstallRefusal | null {
    if (lines.length === 0) return null;
    const { file } = host.place;
    const text = this.files.textOf(file);
    const open = host.block.source.block?.open ?? 0;
    const newline = text.indexOf('\n', open);
    if (newline < 0 || !/^[ \t\r]*(?:#.*)?$/.test(text.slice(open, newline))) {
      return refused('no_room', host.place, '', this.#request);
    }
    const path = ownPath(this.#request, 'nginx', this.files.ownCount);
    const indent = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', open - 1) + 1))?.[0] ?? '';
    const line = `${indent}    include "${path}";${lineEnd(text, open)}`;
    this.files.edit(file, { start: newline + 1, end: newline + 1, text: line });
    this.files.own(path, lines);
    return null;
  }

  // Where one of the locked hosts was the default, names that nobody claims met the lock; now they meet no host at all.
  // Where a neighbour is, they go on meeting it, unless the owner agreed that they meet none either.
  #rejectOthers(locked: readonly NginxHost[], neighbours: readonly Answering<NginxHost>[]): InstallRefusal | null {
    const agreed = this.#request.defaultServer ? neighbours : [];
    const said = agreed.find(({ socket }) => this.#isSaid(socket));
    if (said !== undefined) return refused('default_said', said.host.place, listenerText(said.socket), this.#request);
    const tls = uniqueSockets(locked.flatMap(({ listeners }) => listeners)).filter((one) => one.tls);
    const sockets = [
      ...tls.filter((socket) => this.#wasDefault(locked, socket)),
      ...agreed.map(({ socket }) => socket),
    ];
    if (sockets.length === 0) return null;
    const place = this.#tree.dropIns.find(({ pattern }) =>
      globPattern(lastPart(pattern)).test(dropInName(this.#request)),
    );
    if (place === undefined) {
      const detail = 'no include with a wildcard stands in http { }';
      return agreed.length === 0 ? null : refused('no_default_server', null, detail, this.#request);
    }
    const path = join(dirname(place.pattern), dropInName(this.#request));
    for (const neighbour of agreed) this.#noteWatching(unmatchedUncounted(neighbour));
    if (this.#phase.kind === 'watch') this.files.own(path, [WATCHING]);
    else this.files.own(path, [NOBODYS, ...this.#refusingServers(sockets)]);
    this.#refusing.push(...sockets);
    return null;
  }

  // The default server of a socket decides on the TLS versions of all: each takes over what was decided there.
  #refusingServers(sockets: readonly Listener[]): readonly string[] {
    const hosts = [...new Set(sockets.map((socket) => defaultHost(this.#hosts, socket)))];
    return hosts.flatMap((host) =>
      refusingServer(
        sockets
          .filter((socket) => defaultHost(this.#hosts, socket) === host)
          .map((socket) => refusingListen(listenerText(socket))),
        (host?.block.inner ?? [])
          .filter(({ name }) => DECIDED_BY_DEFAULT.has(name))
          .map(({ name, args }) => `${name} ${args.join(' ')};`),
      ),
    );
  }

  #wasDefault(locked: readonly NginxHost[], socket: Listener): boolean {
    const host = defaultHost(this.#hosts, socket);
    return (
      host !== null &&
      locked.includes(host) &&
      !this.#isSaid(socket) &&
      this.#request.hostnames.every((name) => host.names.some((pattern) => claims(pattern, name)))
    );
  }

  #isSaid(socket: Listener): boolean {
    return this.#hosts.some(({ listeners }) =>
      listeners.some((one) => one.isDefault && listenerText(one) === listenerText(socket)),
    );
  }
}

const NOBODYS = '# Names that nobody claims, and no name at all, meet no virtual host.';
const WATCHING = '# Watching: nobody is refused.';
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

/** Name of the file beside other sites. */
export function dropInName({ name }: LockPlace): string {
  return `postern-${name}.conf`;
}

/** A refusal, with what to do by hand. */
function refused(
  code: InstallRefusal['code'],
  place: InstallRefusal['place'],
  detail: string,
  request: InstallRequest,
): InstallRefusal {
  return { kind: 'refused', code, place, detail, byHand: byHand(request) };
}

/** What to put into a server block where the command does not. */
export function byHand(request: InstallRequest): readonly string[] {
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

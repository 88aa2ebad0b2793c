import { below } from '../config-path.ts';
import { sessionsCross, trustFile, trustWord } from '../generate/caddy.ts';
import { verdictHeaders } from '../generate/caddy-handlers.ts';
import { watchLogName } from '../generate/names.ts';
import type { ConfigSource } from '../server/config-source.ts';
import { commonDoors, type Door, type Surroundings } from '../server/doors.ts';
import {
  type CaddyEffective,
  type CaddyHost,
  caddyHostServing,
  caddyOptions,
  caddyHosts,
  type CaddyTree,
  readCaddyTree,
} from '../server/caddy/hosts.ts';
import { placeText } from '../server/place.ts';
import type { Listener } from '../server/virtual-host.ts';
import { isAtLeast, type ServerVersion } from '../server-version.ts';
import { chosenHosts } from './chosen-hosts.ts';
import { type InstallPlan, type InstallRefusal, refusedStop } from './plan.ts';
import { finishedPlan, type LockPlace, ours, ownPath, PlanFiles, sourceWithout } from './plan-files.ts';
import type { InstallRequest, Phase } from './request.ts';
import { givenWay, lineEnd } from './text-edit.ts';

/** What the plan is made from. */
export interface CaddyInput {
  readonly main: string;
  readonly version: ServerVersion;
  readonly source: ConfigSource;
  readonly listening: Surroundings['listening'];
}

/** The files of Caddy that a lock changes for a phase, from the tree as it is without the lock. */
export function planCaddy(input: CaddyInput, request: InstallRequest, phase: Phase): InstallPlan | InstallRefusal {
  const cannot = [
    ...(request.crl === null ? [] : ['revocation lists']),
    ...(request.pins.length === 0 ? [] : ['pinned certificates']),
  ];
  if (cannot.length > 0) return { kind: 'refused', code: 'cannot', place: null, detail: cannot.join(', '), byHand: [] };
  const tree = readCaddyTree(input.main, withoutCaddyLock(input.source, request));
  const mainStop = tree.stops.find(({ place }) => place.file === input.main);
  if (mainStop !== undefined) return refusedStop(mainStop, byHand(input, request));
  const moved = request.verifiedHeader === null ? undefined : caddyOptions(tree).find(movesHeader);
  if (moved !== undefined) {
    return { kind: 'refused', code: 'moved_header', place: moved.place, detail: moved.words.join(' '), byHand: [] };
  }
  if (request.defaultServer)
    return { kind: 'refused', code: 'no_default_server', place: null, detail: 'Caddy', byHand: [] };
  const hosts = caddyHosts(tree);
  const serving = (name: string, socket: Listener) => caddyHostServing(hosts, name, socket);
  const chosen = chosenHosts(
    { hosts, stops: tree.stops, serving, claims: (pattern, name) => pattern === name },
    request,
  );
  if ('code' in chosen) return { kind: 'refused', ...chosen, byHand: byHand(input, request) };
  const other = sessionsCross(input.version) ? trustingOthers(hosts, chosen.locked, request) : undefined;
  if (other !== undefined) {
    const detail = `Caddy ${input.version.join('.')}`;
    return { kind: 'refused', code: 'sessions_cross', place: other.place, detail, byHand: [] };
  }
  const lines = new CaddyLines(tree, input, request, phase);
  for (const host of chosen.locked) {
    const refusal = lines.lock(host);
    if (refusal !== null) return refusal;
  }
  for (const host of chosen.plain) lines.tellPlain(host);
  lines.importTrust();
  const around = { server: 'caddy', hosts, locked: chosen.locked, redirected: [], listening: input.listening } as const;
  const doors = [
    ...commonDoors(around),
    ...tree.stops.map(({ place }): Door => ({ server: 'caddy', code: 'unread', place, at: '' })),
  ];
  return finishedPlan({ files: lines.files, source: input.source, chosen, doors });
}

/** The files without what a lock of this name put into them. */
export function withoutCaddyLock(source: ConfigSource, { name }: LockPlace): ConfigSource {
  return sourceWithout(source, name, (line) => line.endsWith(ours(name)));
}

/** Directives that hand a request on, or hold others that do; and the one that sets headers, which stands in front of them. */
const HANDING_ON = new Set(['request_header', 'reverse_proxy', 'php_fastcgi', 'handle', 'handle_path', 'route']);

function movesHeader({ words }: CaddyEffective): boolean {
  return words[0] === 'order' && HANDING_ON.has(words[1] ?? '');
}

/** A site of the same Caddy that asks for certificates of other CAs than those of the bundle. */
function trustingOthers(
  hosts: readonly CaddyHost[],
  locked: readonly CaddyHost[],
  { bundle }: InstallRequest,
): CaddyHost | undefined {
  const file = trustFile(bundle);
  return hosts.find((host) => {
    if (locked.includes(host)) return false;
    const asking = (host.block.inner ?? [])
      .filter(({ words }) => words[0] === 'tls')
      .flatMap(({ inner }) => inner ?? [])
      .filter(({ words }) => words[0] === 'client_auth');
    // The CAs of the same bundle come from the file that is made of it, and nothing but them.
    return asking.some(({ inner }) => {
      const trusted = (inner ?? []).flatMap(trustLines);
      return trusted.length === 0 || trusted.some(({ place }) => place.file !== file);
    });
  });
}

function trustLines(line: CaddyEffective): readonly CaddyEffective[] {
  const [word = ''] = line.words;
  if (word === 'trust_pool' && line.inner !== null) return line.inner;
  return word.startsWith('trust') ? [line] : [];
}

class CaddyLines {
  readonly #tree: CaddyTree;
  readonly #input: CaddyInput;
  readonly #request: InstallRequest;
  readonly #phase: Phase;
  readonly files: PlanFiles;

  constructor(tree: CaddyTree, input: CaddyInput, request: InstallRequest, phase: Phase) {
    this.#tree = tree;
    this.#input = input;
    this.#request = request;
    this.#phase = phase;
    this.files = new PlanFiles(request, tree.texts);
  }

  lock(host: CaddyHost): InstallRefusal | null {
    const found = (host.block.inner ?? []).filter(({ words }) => words[0] === 'tls');
    const [tls, second] = found;
    const auth = clientAuth(this.#input.version, this.#request, this.#phase.kind);
    const beside = [...this.#told(), ...this.#watchLog(host), ...this.#proof()];
    if (tls === undefined) return this.#import(host, ['tls {', ...auth.map(indented), '}', ...beside]);
    const direct = tls.place.file === host.place.file && host.block.source.block?.lines.includes(tls.source) === true;
    if (second !== undefined || !direct) {
      return {
        kind: 'refused',
        code: 'set_elsewhere',
        place: (second ?? tls).place,
        detail: 'tls',
        byHand: byHand(this.#input, this.#request),
      };
    }
    return this.#intoTls(tls, auth) ?? (beside.length === 0 ? null : this.#import(host, beside));
  }

  /** A site for plain HTTP that leads to the same application must not be where a caller tells it that he was verified. */
  tellPlain(host: CaddyHost): void {
    const { verifiedHeader } = this.#request;
    if (verifiedHeader !== null)
      this.#import(host, verdictHeaders(verifiedHeader, 'NONE', { directive: 'request_header' }));
  }

  // Whoever has a fingerprint was verified, in both modes; over plain HTTP nobody has one.
  #told(): readonly string[] {
    const { verifiedHeader } = this.#request;
    if (verifiedHeader === null) return [];
    return [
      'map {http.request.tls.client.fingerprint} {postern_told} {',
      '\t~.+ SUCCESS',
      '\tdefault NONE',
      '}',
      ...verdictHeaders(verifiedHeader, '{postern_told}', { directive: 'request_header' }),
    ];
  }

  // A site has one log: where it has it already, that tells the same.
  #watchLog({ block }: CaddyHost): readonly string[] {
    const own = (block.inner ?? []).find(({ words }) => words[0] === 'log');
    const { logs } = this.#request;
    const file = logs === null ? null : below(logs, watchLogName(this.#request));
    if (own !== undefined) {
      this.#note(
        `Who comes stands in the site's own log (${placeText(own.place)}): without "client_serial" nobody showed a certificate.`,
      );
      return [];
    }
    if (this.#phase.kind === 'enforce') return ['# While watching, here is a log of who comes.'];
    this.#note(
      file === null
        ? `Callers without a certificate: journalctl -u caddy | grep http.log.access | grep -v '"client_serial"'`
        : `Callers without a certificate: grep -v '"client_serial"' ${file}`,
    );
    return ['log {', file === null ? '\toutput stderr' : `\toutput file "${file}"`, '\tformat json', '}'];
  }

  #note(text: string): void {
    if (this.#phase.kind === 'watch' && !this.files.notes.includes(text)) this.files.notes.push(text);
  }

  /** The snippets of the bundle come before the first site, behind the global options. */
  importTrust(): void {
    const { main, own } = this.#tree;
    const first = own.find(({ words }) => words.length > 0);
    const text = this.files.textOf(main);
    const at = first?.start ?? text.length;
    this.files.edit(main, {
      start: at,
      end: at,
      text: `import "${trustFile(this.#request.bundle)}" ${this.#mark(text, at)}`,
    });
  }

  #mark(text: string, at: number): string {
    return `${ours(this.#request.name)}${lineEnd(text, at)}`;
  }

  #import(host: CaddyHost, lines: readonly string[]): InstallRefusal | null {
    const { file } = host.place;
    const at = host.block.source.block?.open ?? 0;
    const path = ownPath(this.#request, 'caddy', this.files.ownCount);
    this.files.edit(file, {
      start: at,
      end: at,
      text: `\timport "${path}" ${this.#mark(this.files.textOf(file), at)}`,
    });
    this.files.own(path, lines);
    return null;
  }

  #intoTls({ place, source }: CaddyEffective, auth: readonly string[]): InstallRefusal | null {
    const text = this.files.textOf(place.file);
    const path = ownPath(this.#request, 'caddy', this.files.ownCount);
    const line = text.slice(source.start, source.end);
    const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
    const end = lineEnd(text, source.start);
    const mark = ` ${ours(this.#request.name)}${end}`;
    const importing = `${indent}\timport "${path}"${mark}`;
    if (source.block === null) {
      const bare = line.replace(/\r?\n$/, '');
      const words = bare.replace(/\s+#.*$/, '');
      const given = `${givenWay(this.#request.name)}${bare}${line.slice(bare.length) === '' ? '\n' : line.slice(bare.length)}`;
      this.files.edit(place.file, {
        start: source.start,
        end: source.end,
        text: `${given}${words} {${mark}${importing}${indent}}${mark}`,
      });
    } else {
      for (const old of source.block.lines.filter(({ words }) => words[0] === 'client_auth')) {
        const commented = text.slice(old.start, old.end).replace(/^(?=.)/gm, givenWay(this.#request.name));
        this.files.edit(place.file, { start: old.start, end: old.end, text: commented });
      }
      this.files.edit(place.file, { start: source.block.open, end: source.block.open, text: importing });
    }
    this.files.own(path, auth);
    return null;
  }

  #proof(): readonly string[] {
    const { proof } = this.#phase;
    if (proof === null) return [];
    return [
      '# While the lock is proven: whether a certificate was shown that this server accepts.',
      `handle ${proof.path} {`,
      '\tmap {http.request.tls.client.fingerprint} {postern_verdict} {',
      '\t\t~.+ SUCCESS',
      '\t\tdefault NONE',
      '\t}',
      `\trespond "${proof.word} {postern_verdict}"`,
      '}',
      ...(isAtLeast(this.#input.version, LOG_SKIP)
        ? [`log_skip ${proof.path}`]
        : isAtLeast(this.#input.version, SKIP_LOG)
          ? [`skip_log ${proof.path}`]
          : []),
    ];
  }
}

function indented(line: string): string {
  return `\t${line}`;
}

/** `trust_pool`; `trusted_ca_cert` is on its way out from then on. */
const TRUST_POOL: ServerVersion = [2, 8, 0];

/** Since when a request can be kept out of the log, and since when that has its present name. */
const SKIP_LOG: ServerVersion = [2, 6, 0];
const LOG_SKIP: ServerVersion = [2, 8, 0];

function clientAuth(version: ServerVersion, { bundle }: InstallRequest, mode: Phase['kind']): readonly string[] {
  const word = trustWord(bundle);
  const trusted = isAtLeast(version, TRUST_POOL)
    ? ['\ttrust_pool inline {', `\t\timport postern_pool_${word}`, '\t}']
    : [`\timport postern_trust_${word}`];
  // Caddy has no mode that asks, verifies and refuses nobody: while watching, only wrong certificates are refused.
  return ['client_auth {', `\tmode ${mode === 'enforce' ? 'require_and_verify' : 'verify_if_given'}`, ...trusted, '}'];
}

/** What to put into a site where the command does not. */
function byHand({ version }: CaddyInput, request: InstallRequest): readonly string[] {
  return [
    `import "${trustFile(request.bundle)}"`,
    'tls {',
    ...clientAuth(version, request, 'enforce').map(indented),
    '}',
  ];
}

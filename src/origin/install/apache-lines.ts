import { type Hostname, hostnamePattern } from '../../domain/ids.ts';
import { below } from '../config-path.ts';
import {
  apacheLockDirectives,
  apacheLockHeaders,
  apacheLockRules,
  apachePlainHeaders,
} from '../generate/apache-directives.ts';
import { watchLogFormat } from '../generate/apache-told.ts';
import { siteId, siteWord, watchLogName } from '../generate/names.ts';
import type { ApacheHost } from '../server/apache/hosts.ts';
import type { ApacheEffective, ApacheTree } from '../server/apache/tree.ts';
import { type Listener, listenerText } from '../server/virtual-host.ts';
import type { Chosen, NotChosen } from './chosen-hosts.ts';
import { lineEnd } from './text-edit.ts';
import { type Answering, unmatchedUncounted } from './unmatched-names.ts';
import { ownPath, PlanFiles } from './plan-files.ts';
import type { InstallRequest, Phase } from './request.ts';

/** Puts the lock at the end of virtual hosts, where it replaces what stands before it. */
export class ApacheLines {
  readonly #request: InstallRequest;
  readonly #phase: Phase;
  readonly #tree: ApacheTree;
  readonly #refusing: Listener[] = [];
  readonly files: PlanFiles;

  constructor(tree: ApacheTree, request: InstallRequest, phase: Phase) {
    this.#tree = tree;
    this.#request = request;
    this.#phase = phase;
    this.files = new PlanFiles(request, tree.texts);
  }

  lockAll({ locked, plain }: Chosen<ApacheHost>, neighbours: readonly Answering<ApacheHost>[]): NotChosen | null {
    for (const host of locked) this.#lock(host);
    // While watching too, so that only the lock's own files differ between the two.
    const told = toldOf(this.#request);
    const served = told === null ? [WATCHING] : apachePlainHeaders(told);
    for (const host of plain) this.#include(host, this.#phase.kind === 'enforce' ? redirection() : served);
    return this.#request.defaultServer ? this.#refuseOthers(neighbours) : null;
  }

  /** Sockets on which names are refused that no site has. */
  get refusing(): readonly Listener[] {
    return this.#refusing;
  }

  // The first of the virtual hosts of a socket answers for names that nobody claims: one that refuses comes before it.
  #refuseOthers(neighbours: readonly Answering<ApacheHost>[]): NotChosen | null {
    for (const host of new Set(neighbours.map((one) => one.host))) {
      const plain = host.listeners.find(({ tls }) => !tls);
      if (plain !== undefined) {
        const detail = `the first <VirtualHost> is for ${listenerText(plain)} too, without TLS`;
        return { code: 'no_default_server', place: host.place, detail };
      }
      const lines = this.#phase.kind === 'enforce' ? refusingHost(host) : [WATCHING];
      this.#includeAt(host, host.block.source.start, lines, '');
    }
    if (this.#phase.kind === 'watch') for (const neighbour of neighbours) this.#note(unmatchedUncounted(neighbour));
    this.#refusing.push(...neighbours.map(({ socket }) => socket));
    return null;
  }

  #lock(host: ApacheHost): void {
    const { bundle, crl, pins } = this.#request;
    const mode = this.#phase.kind;
    const lock = { mode, pins, names: namesToCheck(host), told: toldOf(this.#request) };
    const given = new Set(['sslcacertificatefile', 'sslverifyclient', 'sslverifydepth', 'sslcarevocationfile']);
    for (const { name, place } of host.block.inner ?? []) {
      if (given.has(name)) this.files.notes.push(`${name} at ${place.file}:${place.line} is replaced by the lock's.`);
    }
    this.#include(host, [
      ...apacheLockDirectives({ bundle, crl, mode }),
      ...apacheLockRules(lock),
      ...apacheLockHeaders(lock),
      ...(mode === 'watch' ? this.#watchLog(host) : []),
      ...this.#proof(),
    ]);
  }

  // A virtual host with a log of its own writes to no other: what it wrote to before is repeated.
  #watchLog({ block }: ApacheHost): readonly string[] {
    const { logs, hostnames } = this.#request;
    if (logs === null) {
      this.#note('Who comes without a certificate is not logged: no directory for logs is known (--log-dir).');
      return [];
    }
    const word = siteWord({ hostnames }, []);
    const file = below(logs, watchLogName({ hostnames }));
    const inherited = (block.inner ?? []).some(isLog) ? [] : this.#tree.effective.filter(isLog).map(written);
    this.#note(`Callers other than the edge: grep -v 'verify="SUCCESS"' ${file}`);
    this.#note('Apache refuses a certificate that is expired, revoked or not for clients even while watching.');
    return [
      '<IfModule log_config_module>',
      ...[
        ...inherited,
        watchLogFormat(word),
        '# The lock proves itself without being counted.',
        `CustomLog "${file}" postern_watch_${word} "expr=%{REQUEST_URI} !~ m#^/\\.well-known/postern-proof-#"`,
      ].map((line) => `  ${line}`),
      '</IfModule>',
    ];
  }

  #note(text: string): void {
    if (!this.files.notes.includes(text)) this.files.notes.push(text);
  }

  // The answer stands in a location of its own, so that it is given only where all that is asked is fulfilled.
  #proof(): readonly string[] {
    const { proof } = this.#phase;
    if (proof === null) return [];
    return [
      '# While the lock is proven: what this server thinks of the certificate.',
      `<Location "${proof.path}">`,
      `  ErrorDocument 410 "${proof.word} %{SSL_CLIENT_VERIFY}"`,
      `  Redirect 410 "${proof.path}"`,
      '</Location>',
    ];
  }

  #include(host: ApacheHost, lines: readonly string[]): void {
    this.#includeAt(host, host.block.source.section?.close ?? 0, lines, '    ');
  }

  #includeAt(host: ApacheHost, at: number, lines: readonly string[], deeper: string): void {
    const { file } = host.place;
    const text = this.files.textOf(file);
    const { start } = host.block.source;
    const path = ownPath(this.#request, 'apache', this.files.ownCount);
    const indent = /^[ \t]*/.exec(text.slice(start))?.[0] ?? '';
    this.files.edit(file, { start: at, end: at, text: `${indent}${deeper}Include "${path}"${lineEnd(text, start)}` });
    this.files.own(path, lines);
  }
}

/** What the first virtual host of a socket decides for all of it, or shows to those who name nobody. */
const KEPT: ReadonlySet<string> = new Set([
  'sslengine',
  'sslcertificatefile',
  'sslcertificatekeyfile',
  'sslcertificatechainfile',
  'sslprotocol',
  'sslciphersuite',
  'sslhonorcipherorder',
]);

function refusingHost({ block }: ApacheHost): readonly string[] {
  return [
    '# Names that nobody claims, and no name at all, meet no site: the first of a socket answers for them.',
    `<VirtualHost ${block.args.join(' ')}>`,
    '  ServerName postern-unmatched.invalid',
    ...(block.inner ?? []).filter(({ name }) => KEPT.has(name)).map((one) => `  ${one.name} ${restOf(one)}`),
    '  SSLSessionTickets off',
    '  <Location "/">',
    '    Require all denied',
    '  </Location>',
    '</VirtualHost>',
  ];
}

function restOf({ source }: ApacheEffective): string {
  return Buffer.from(source.rest, 'latin1').toString('utf8').trim();
}

function toldOf({ verifiedHeader: header, hostnames }: InstallRequest) {
  return header === null ? null : { header, variable: `postern_folded_${siteId({ hostnames }, [])}` };
}

function isLog({ name }: ApacheEffective): boolean {
  return name === 'customlog' || name === 'transferlog';
}

function written(one: ApacheEffective): string {
  return `${one.name === 'customlog' ? 'CustomLog' : 'TransferLog'} ${restOf(one)}`;
}

// A pattern that the host has beside names cannot be put into the comparison exactly: then it is left out.
function namesToCheck({ names }: ApacheHost): readonly Hostname[] | null {
  const parsed = names.map((text) => hostnamePattern(text));
  const known = parsed.filter((name) => name !== null);
  return known.length === parsed.length && known.length > 0 ? known : null;
}

const WATCHING = '# Watching: nobody is refused.';

function redirection(): readonly string[] {
  return [
    '# Plain HTTP carries no certificate: it redirects and does nothing else.',
    '<Location "/">',
    '  Redirect 301 "https://%{HTTP_HOST}%{REQUEST_URI}"',
    '</Location>',
  ];
}

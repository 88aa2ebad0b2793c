import { type Hostname, hostname, hostnamePattern } from '../domain/ids.ts';
import { type ConfigPath, configPath } from './config-path.ts';
import { isWildcard, type ListenAddress, listenAddresses, socketText } from './listen-address.ts';
import { type Pin, pinOf } from './pin.ts';
import { type OriginProblem, type OriginProblemCode, originProblem } from './problems.ts';
import { type ServerVersion, serverVersion } from './server-version.ts';
import { type Content, upstream } from './upstream.ts';
import { DEFAULT_VERIFIED_HEADER, type VerifiedHeader, verifiedHeader } from './verified-header.ts';

/** What a person asked for, as text from flags, a file or an API. Nothing in it has been checked. */
export interface OriginRequest {
  readonly zone: string;
  /** Names that the origin answers for: those in Host, and those that the edge sends as SNI where they differ. */
  readonly hostnames: readonly string[];
  readonly bundle: { readonly kind: 'zone' | 'shared'; readonly path: string; readonly pins?: readonly string[] };
  /** File with the revocation lists of all CAs in the bundle. */
  readonly crl?: string | undefined;
  /** `http://HOST:PORT` or `unix:/path`. */
  readonly upstream?: string | undefined;
  readonly root?: string | undefined;
  /** `HOST:PORT` for TLS; default all addresses, port 443. */
  readonly listen?: readonly string[] | undefined;
  /** `HOST:PORT` that only redirect to HTTPS; default `off`. */
  readonly listenHttp?: readonly string[] | 'off' | undefined;
  readonly serverCert?: string | undefined;
  readonly serverKey?: string | undefined;
  readonly verifiedHeader?: string | undefined;
  readonly mode?: 'enforce' | 'watch' | undefined;
  readonly alsoTrust?: string | undefined;
  readonly serverVersion?: string | undefined;
  readonly form?: 'complete' | 'fragment' | undefined;
  /** Where a complete server keeps its process id, logs and temporary files; default the system's places (root). */
  readonly runtimeDirectory?: string | undefined;
}

/** Whose pulls are let in: everybody under the zone's own CA, or exactly these certificates of the shared one. */
type Trust =
  | { readonly kind: 'zone'; readonly bundle: ConfigPath }
  | { readonly kind: 'shared'; readonly bundle: ConfigPath; readonly pins: readonly [Pin, ...Pin[]] };

/** What a generator takes. Every text in it is safe inside double quotes of nginx and Apache. */
export interface OriginRequirement {
  readonly zone: Hostname;
  readonly hostnames: readonly [Hostname, ...Hostname[]];
  readonly trust: Trust;
  /** The revocation lists; `null` where revocation is not checked. */
  readonly crl: ConfigPath | null;
  readonly content: Content;
  readonly listen: readonly [ListenAddress, ...ListenAddress[]];
  readonly listenHttp: readonly ListenAddress[];
  readonly serverCert: ConfigPath;
  readonly serverKey: ConfigPath;
  readonly verifiedHeader: VerifiedHeader;
  readonly mode: 'enforce' | 'watch';
  readonly serverVersion: ServerVersion | null;
  readonly form: 'complete' | 'fragment';
  readonly runtimeDirectory: ConfigPath | null;
}

/** Carries a refusal out of the field parsers; never leaves this file. */
class Refusal extends Error {
  readonly problem: OriginProblem;
  constructor(problem: OriginProblem) {
    super(problem.code);
    this.problem = problem;
  }
}

/** The checked requirement, or the first field that is to blame. */
export function originRequirement(request: OriginRequest): OriginRequirement | OriginProblem {
  try {
    return checked(request);
  } catch (error) {
    if (error instanceof Refusal) return error.problem;
    throw error;
  }
}

function checked(request: OriginRequest): OriginRequirement {
  if (request.alsoTrust !== undefined) refuse('also_trust_unsupported', 'alsoTrust', request.alsoTrust);
  const zone = hostname(request.zone) ?? refuse('bad_hostname', 'zone', request.zone);
  const hostnames = names(request.hostnames);
  const listen = sockets('listen', request.listen ?? [':443']);
  const listenHttp =
    request.listenHttp === undefined || request.listenHttp === 'off' ? [] : sockets('listenHttp', request.listenHttp);
  const twice = listenHttp.find((http) => listen.some((tls) => covers(tls, http) || covers(http, tls)));
  if (twice !== undefined) refuse('same_listen', 'listenHttp', socketText(twice));
  const version = request.serverVersion;
  const header = request.verifiedHeader ?? DEFAULT_VERIFIED_HEADER;
  return {
    zone,
    hostnames,
    trust: trust(request.bundle),
    crl: request.crl === undefined ? null : path('crl', request.crl),
    content: content(request),
    listen,
    listenHttp,
    ...serverCertificate(request, hostnames[0]),
    verifiedHeader: verifiedHeader(header) ?? refuse('bad_header', 'verifiedHeader', header),
    mode: request.mode ?? 'enforce',
    serverVersion:
      version === undefined ? null : (serverVersion(version) ?? refuse('bad_server_version', 'serverVersion', version)),
    form: request.form ?? 'complete',
    runtimeDirectory:
      request.runtimeDirectory === undefined ? null : path('runtimeDirectory', request.runtimeDirectory),
  };
}

function refuse(code: OriginProblemCode, field: string, found: string): never {
  throw new Refusal(originProblem(code, field, found));
}

function path(field: string, text: string): ConfigPath {
  return configPath(text) ?? refuse('bad_path', field, text);
}

function names(texts: readonly string[]): readonly [Hostname, ...Hostname[]] {
  const parsed = texts.map((text) => hostnamePattern(text) ?? refuse('bad_hostname', 'hostnames', text));
  const [first, ...rest] = [...new Set(parsed)];
  return first === undefined ? refuse('bad_hostname', 'hostnames', '') : [first, ...rest];
}

function sockets(field: string, texts: readonly string[]): readonly [ListenAddress, ...ListenAddress[]] {
  const all = texts.flatMap((text) => listenAddresses(text) ?? refuse('bad_listen', field, text));
  const unique = [...new Map(all.map((address) => [socketText(address), address])).values()];
  // Apache cannot bind an address beside the wildcard that covers it; nginx would not either.
  const [first, ...rest] = unique.filter((one) => !unique.some((other) => other !== one && covers(other, one)));
  return first === undefined ? refuse('bad_listen', field, '') : [first, ...rest];
}

function covers(wide: ListenAddress, narrow: ListenAddress): boolean {
  if (wide.port !== narrow.port || wide.family !== narrow.family) return false;
  return wide.host === narrow.host || isWildcard(wide);
}

function trust(bundle: OriginRequest['bundle']): Trust {
  const file = path('bundle.path', bundle.path);
  if (bundle.kind === 'zone') return { kind: 'zone', bundle: file };
  const pins = (bundle.pins ?? []).map((pem) => pinOf(pem) ?? refuse('bad_pin', 'bundle.pins', pem));
  const [first, ...rest] = pins;
  if (first === undefined) return refuse('shared_not_accepted', 'bundle.pins', '');
  return { kind: 'shared', bundle: file, pins: [first, ...rest] };
}

function content(request: OriginRequest): Content {
  if (request.root !== undefined) {
    if (request.upstream !== undefined) refuse('two_contents', 'root', request.root);
    return { kind: 'static', root: path('root', request.root) };
  }
  const text = request.upstream ?? DEFAULT_UPSTREAM;
  return upstream(text) ?? refuse('bad_upstream', 'upstream', text);
}

/** Where an application is expected when nobody says. */
const DEFAULT_UPSTREAM = 'http://127.0.0.1:3000';

function serverCertificate(
  { serverCert, serverKey }: OriginRequest,
  first: Hostname,
): Pick<OriginRequirement, 'serverCert' | 'serverKey'> {
  if (serverCert !== undefined && serverKey !== undefined) {
    return { serverCert: path('serverCert', serverCert), serverKey: path('serverKey', serverKey) };
  }
  if (serverCert !== undefined) refuse('half_server_certificate', 'serverKey', '');
  if (serverKey !== undefined) refuse('half_server_certificate', 'serverCert', '');
  // Where certbot puts them, the commonest place on Debian and RHEL.
  const directory = `/etc/letsencrypt/live/${first.replace(/^\*\./, '')}`;
  return {
    serverCert: path('serverCert', `${directory}/fullchain.pem`),
    serverKey: path('serverKey', `${directory}/privkey.pem`),
  };
}

import { type Hostname, hostname, hostnamePattern, isWithin } from '../domain/ids.ts';
import { type ConfigPath, configPath } from './config-path.ts';
import { type Pin, pinOf } from './pin.ts';
import { refuse } from './problems.ts';
import { type Content, upstream } from './upstream.ts';
import type { Via } from './via-header.ts';
import { DEFAULT_VERIFIED_HEADER, type VerifiedHeader, verifiedHeader } from './verified-header.ts';

/** An application or a directory of files. */
export interface ContentRequest {
  /** `http://HOST:PORT` or `unix:/path`. */
  readonly upstream?: string | undefined;
  readonly root?: string | undefined;
}

/** The files of a certificate for servers; those of the server where left out. */
export interface CertificateRequest {
  readonly serverCert?: string | undefined;
  readonly serverKey?: string | undefined;
}

/** Hostnames of one zone that share trust, content and mode. Nothing in it has been checked. */
export interface SiteRequest extends ContentRequest, CertificateRequest {
  readonly zone: string;
  /** Names that the origin answers for: those in Host, and those that the edge sends as SNI where they differ. */
  readonly hostnames: readonly string[];
  readonly bundle: { readonly kind: 'zone' | 'shared'; readonly path: string; readonly pins?: readonly string[] };
  /** File with the revocation lists of all CAs in the bundle. */
  readonly crl?: string | undefined;
  readonly mode?: 'enforce' | 'watch' | undefined;
  readonly verifiedHeader?: string | undefined;
  /** File with the owner's own CA, whose callers are let in at a listener of their own. */
  readonly alsoTrust?: string | undefined;
  /** File with the revocation lists of that CA. */
  readonly alsoTrustCrl?: string | undefined;
}

/** Another name on the same listener that stays open to everybody. */
export interface OpenNameRequest extends ContentRequest, CertificateRequest {
  readonly hostname: string;
}

/** Whose pulls are let in: everybody under the zone's own CA, or exactly these certificates of the shared one. */
type Trust =
  | { readonly kind: 'zone'; readonly bundle: ConfigPath }
  | { readonly kind: 'shared'; readonly bundle: ConfigPath; readonly pins: readonly [Pin, ...Pin[]] };

/** What the edge verifies. */
export interface ServerCertificate {
  readonly serverCert: ConfigPath;
  readonly serverKey: ConfigPath;
}

/** A checked site. Every text in it is safe inside double quotes of nginx and Apache. */
export interface Site extends ServerCertificate {
  readonly zone: Hostname;
  readonly hostnames: readonly [Hostname, ...Hostname[]];
  readonly trust: Trust;
  /** The revocation lists; `null` where revocation is not checked. */
  readonly crl: ConfigPath | null;
  readonly content: Content;
  readonly mode: 'enforce' | 'watch';
  readonly verifiedHeader: VerifiedHeader;
  readonly alsoTrust: ConfigPath | null;
  readonly alsoTrustCrl: ConfigPath | null;
  /** Whom its listener lets in, where the application is told; `null` where there is no other than the edge. */
  readonly via: Via | null;
}

/** A checked open name. */
export interface OpenName extends ServerCertificate {
  readonly hostname: Hostname;
  readonly content: Content;
}

// What one server takes without a thought; a mistake in a list of names should not become a file of gigabytes.
const MAX_SITES = 100;
const MAX_NAMES = 1000;

/** The sites of a request. Refuses. */
export function sitesOf(requests: readonly SiteRequest[], server: CertificateRequest): readonly [Site, ...Site[]] {
  if (requests.length > MAX_SITES) refuse('too_many', 'sites', String(requests.length));
  const via: Via | null = requests.some(({ alsoTrust }) => alsoTrust !== undefined) ? 'edge' : null;
  const [first, ...rest] = requests.map((request) => ({ ...site(request, server), via }));
  return first === undefined ? refuse('bad_hostname', 'hostnames', '') : [first, ...rest];
}

/** The open names of a request, beside its sites. Refuses, also where a name would be both or decided twice. */
export function openNamesOf(
  requests: readonly OpenNameRequest[],
  sites: readonly Site[],
  server: CertificateRequest,
): readonly OpenName[] {
  if (requests.length > MAX_NAMES) refuse('too_many', 'openNames', String(requests.length));
  const open = requests.map((request) => openName(request, server));
  const all = [
    ...sites.map(({ hostnames }) => ({ field: 'hostnames', hostnames })),
    ...open.map((one) => ({ field: 'openNames', hostnames: [one.hostname] })),
  ];
  const seen = new Set<Hostname>();
  for (const { field, hostnames } of all) {
    const twice = hostnames.find((name) => seen.has(name));
    if (twice !== undefined) refuse('same_hostname', field, twice);
    for (const name of hostnames) seen.add(name);
  }
  if (seen.size > MAX_NAMES) refuse('too_many', 'hostnames', String(seen.size));
  mixed(all);
  return open;
}

// Servers take the first block that fits, so a block with wildcards stands after those whose names it covers. One
// that holds wildcards and is itself covered would have to stand on both sides.
function mixed(all: readonly { readonly field: string; readonly hostnames: readonly Hostname[] }[]): void {
  for (const one of all) {
    if (!one.hostnames.some(isWildcardName)) continue;
    const found = one.hostnames.find(
      (name) =>
        !isWildcardName(name) && all.some((other) => other !== one && other.hostnames.some((w) => covers(w, name))),
    );
    if (found !== undefined) refuse('mixed_wildcard', one.field, found);
  }
}

/** Whether a name is `*.something`. */
export function isWildcardName(name: Hostname): boolean {
  return name.startsWith('*.');
}

/** Whether the wildcard stands for the name, or for all that the name stands for. */
export function covers(wildcard: Hostname, name: Hostname): boolean {
  if (!isWildcardName(wildcard) || wildcard === name) return false;
  const base = wildcard.slice(2) as Hostname;
  const plain = (isWildcardName(name) ? name.slice(2) : name) as Hostname;
  return isWithin(plain, base) && plain !== base;
}

function site(request: SiteRequest, server: CertificateRequest): Omit<Site, 'via'> {
  const hostnames = names(request.hostnames);
  const header = request.verifiedHeader ?? DEFAULT_VERIFIED_HEADER;
  return {
    zone: hostname(request.zone) ?? refuse('bad_hostname', 'zone', request.zone),
    hostnames,
    trust: trust(request.bundle),
    crl: request.crl === undefined ? null : path('crl', request.crl),
    content: content(request),
    ...certificate(request, server, hostnames[0]),
    mode: request.mode ?? 'enforce',
    verifiedHeader: verifiedHeader(header) ?? refuse('bad_header', 'verifiedHeader', header),
    alsoTrust: request.alsoTrust === undefined ? null : path('alsoTrust', request.alsoTrust),
    alsoTrustCrl: request.alsoTrustCrl === undefined ? null : path('alsoTrustCrl', request.alsoTrustCrl),
  };
}

function openName(request: OpenNameRequest, server: CertificateRequest): OpenName {
  const name = hostnamePattern(request.hostname) ?? refuse('bad_hostname', 'openNames', request.hostname);
  return { hostname: name, content: content(request), ...certificate(request, server, name) };
}

function names(texts: readonly string[]): readonly [Hostname, ...Hostname[]] {
  const parsed = texts.map((text) => hostnamePattern(text) ?? refuse('bad_hostname', 'hostnames', text));
  const [first, ...rest] = [...new Set(parsed)];
  return first === undefined ? refuse('bad_hostname', 'hostnames', '') : [first, ...rest];
}

/** The path of a field. Refuses. */
export function path(field: string, text: string): ConfigPath {
  return configPath(text) ?? refuse('bad_path', field, text);
}

function trust(bundle: SiteRequest['bundle']): Trust {
  const file = path('bundle.path', bundle.path);
  if (bundle.kind === 'zone') return { kind: 'zone', bundle: file };
  const pins = (bundle.pins ?? []).map((pem) => pinOf(pem) ?? refuse('bad_pin', 'bundle.pins', pem));
  const [first, ...rest] = pins;
  if (first === undefined) return refuse('shared_not_accepted', 'bundle.pins', '');
  return { kind: 'shared', bundle: file, pins: [first, ...rest] };
}

/** Where an application is expected when nobody says. */
const DEFAULT_UPSTREAM = 'http://127.0.0.1:3000';

function content(request: ContentRequest): Content {
  if (request.root !== undefined) {
    if (request.upstream !== undefined) refuse('two_contents', 'root', request.root);
    return { kind: 'static', root: path('root', request.root) };
  }
  const text = request.upstream ?? DEFAULT_UPSTREAM;
  return upstream(text) ?? refuse('bad_upstream', 'upstream', text);
}

function certificate(own: CertificateRequest, server: CertificateRequest, first: Hostname): ServerCertificate {
  const { serverCert, serverKey } = own.serverCert === undefined && own.serverKey === undefined ? server : own;
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

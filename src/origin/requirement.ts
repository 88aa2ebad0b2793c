import type { ConfigPath } from './config-path.ts';
import { isWildcard, type ListenAddress, listenAddresses, socketText } from './listen-address.ts';
import { type OriginProblem, orProblem, refuse } from './problems.ts';
import { type ServerVersion, serverVersion } from './server-version.ts';
import {
  type CertificateRequest,
  type OpenName,
  type OpenNameRequest,
  openNamesOf,
  path,
  type Site,
  type SiteRequest,
  sitesOf,
} from './site.ts';
import { VIA_HEADER } from './via-header.ts';

/** What a person asked for, as text from flags, a file or an API. Nothing in it has been checked. */
export interface OriginRequest extends CertificateRequest {
  readonly sites: readonly SiteRequest[];
  /** Other names on the same listener that stay open: every other one is refused. */
  readonly openNames?: readonly OpenNameRequest[] | undefined;
  /** `HOST:PORT` for TLS; default all addresses, port 443. */
  readonly listen?: readonly string[] | undefined;
  /** `HOST:PORT` for callers of the owner's own CA, who come in nowhere else; wanted with `alsoTrust` alone. */
  readonly alsoListen?: readonly string[] | undefined;
  /** `HOST:PORT` that only redirect to HTTPS; default `off`. */
  readonly listenHttp?: readonly string[] | 'off' | undefined;
  readonly serverVersion?: string | undefined;
  readonly form?: 'complete' | 'fragment' | undefined;
  /** Where a complete server keeps its process id, logs and temporary files; default the system's places (root). */
  readonly runtimeDirectory?: string | undefined;
}

/** What a generator takes. Every text in it is safe inside double quotes of nginx and Apache. */
export interface OriginRequirement {
  readonly sites: readonly [Site, ...Site[]];
  readonly openNames: readonly OpenName[];
  readonly listen: readonly [ListenAddress, ...ListenAddress[]];
  readonly listenHttp: readonly ListenAddress[];
  /** Empty where nobody but the edge is let in. */
  readonly alsoListen: readonly ListenAddress[];
  readonly serverVersion: ServerVersion | null;
  readonly form: 'complete' | 'fragment';
  readonly runtimeDirectory: ConfigPath | null;
}

/** The checked requirement, or the first field that is to blame. */
export function originRequirement(request: OriginRequest): OriginRequirement | OriginProblem {
  return orProblem(() => checked(request));
}

function checked(request: OriginRequest): OriginRequirement {
  const sites = sitesOf(request.sites, request);
  const listen = sockets('listen', request.listen ?? [':443']);
  const listenHttp =
    request.listenHttp === undefined || request.listenHttp === 'off' ? [] : sockets('listenHttp', request.listenHttp);
  const twice = listenHttp.find((http) => listen.some((tls) => covers(tls, http) || covers(http, tls)));
  if (twice !== undefined) refuse('same_listen', 'listenHttp', socketText(twice));
  const alsoListen = ownSockets(request, sites, [...listen, ...listenHttp]);
  const version = request.serverVersion;
  return {
    sites,
    openNames: openNamesOf(request.openNames ?? [], sites, request),
    listen,
    listenHttp,
    alsoListen,
    serverVersion:
      version === undefined ? null : (serverVersion(version) ?? refuse('bad_server_version', 'serverVersion', version)),
    form: request.form ?? 'complete',
    runtimeDirectory:
      request.runtimeDirectory === undefined ? null : path('runtimeDirectory', request.runtimeDirectory),
  };
}

// What the two listeners trust must differ in every respect: file, socket, and header of the verdict.
function ownSockets(
  { alsoListen = [] }: OriginRequest,
  sites: readonly Site[],
  taken: readonly ListenAddress[],
): readonly ListenAddress[] {
  const own = sites.filter(({ alsoTrust }) => alsoTrust !== null);
  const stray = sites.find(({ alsoTrust, alsoTrustCrl }) => alsoTrust === null && alsoTrustCrl !== null);
  if (stray !== undefined) refuse('also_crl_alone', 'alsoTrustCrl', stray.alsoTrustCrl ?? '');
  const [first] = alsoListen;
  if (own.length === 0) return first === undefined ? [] : refuse('also_listen_alone', 'alsoListen', first);
  if (first === undefined) refuse('also_trust_alone', 'alsoListen', '');
  const same = own.find(({ alsoTrust }) => sites.some(({ trust }) => trust.bundle === alsoTrust));
  if (same !== undefined) refuse('same_ca', 'alsoTrust', same.trust.bundle);
  const header = sites.find(({ verifiedHeader }) => verifiedHeader.toLowerCase() === VIA_HEADER.toLowerCase());
  if (header !== undefined) refuse('header_is_via', 'verifiedHeader', header.verifiedHeader);
  const found = sockets('alsoListen', alsoListen);
  const twice = found.find((one) => taken.some((other) => collide(one, other)));
  return twice === undefined ? found : refuse('also_listen_taken', 'alsoListen', socketText(twice));
}

// Also across the families: a wildcard of IPv6 may take what comes over IPv4.
function collide(one: ListenAddress, other: ListenAddress): boolean {
  if (one.port !== other.port) return false;
  return isWildcard(one) || isWildcard(other) || canonical(one) === canonical(other);
}

/** One spelling for all of an IPv6 address, and IPv4 for one that holds such an address. */
function canonical({ family, host }: ListenAddress): string {
  if (family === 4) return host;
  const spelt = new URL(`http://[${host}]/`).hostname;
  const mapped = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(spelt);
  if (mapped === null) return spelt;
  const [high, low] = mapped.slice(1).map((part) => Number.parseInt(part, 16));
  return [high, low].flatMap((part = 0) => [part >> 8, part & 0xff]).join('.');
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

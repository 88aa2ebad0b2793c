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

/** What a person asked for, as text from flags, a file or an API. Nothing in it has been checked. */
export interface OriginRequest extends CertificateRequest {
  readonly sites: readonly SiteRequest[];
  /** Other names on the same listener that stay open: every other one is refused. */
  readonly openNames?: readonly OpenNameRequest[] | undefined;
  /** `HOST:PORT` for TLS; default all addresses, port 443. */
  readonly listen?: readonly string[] | undefined;
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
  const version = request.serverVersion;
  return {
    sites,
    openNames: openNamesOf(request.openNames ?? [], sites, request),
    listen,
    listenHttp,
    serverVersion:
      version === undefined ? null : (serverVersion(version) ?? refuse('bad_server_version', 'serverVersion', version)),
    form: request.form ?? 'complete',
    runtimeDirectory:
      request.runtimeDirectory === undefined ? null : path('runtimeDirectory', request.runtimeDirectory),
  };
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

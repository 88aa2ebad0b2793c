import { type Hostname, hostnamePattern } from '../../domain/ids.ts';
import { type FirstProblem, firstProblem } from '../first-problem.ts';
import type { PolicyFiles } from '../policy-files.ts';
import { DEFAULT_VERIFIED_HEADER, type VerifiedHeader, verifiedHeader } from '../verified-header.ts';
import { type Application, application } from './application.ts';
import { type GuardProblem, type GuardProblemCode, guardProblem } from './problems.ts';

/** Names that share a policy, an application and a certificate, as their owner says it. Paths of files, none of them read. */
export interface SiteRequest extends PolicyFiles {
  /** Names in Host; the handshake must have named the same. */
  readonly hostnames: readonly string[];
  /** Names that the edge sends in the handshake in place of those: the `server_name` of records. */
  readonly serverNames?: readonly string[] | undefined;
  readonly upstream: string;
  readonly verifiedHeader?: string | undefined;
  readonly serverCert: string;
  readonly serverKey: string;
  /** The signed manifest of the bundle, and its signature: who obeys openings needs both. */
  readonly manifest?: string | undefined;
  readonly signature?: string | undefined;
}

/** A checked site. */
export interface Site {
  readonly hostnames: readonly [Hostname, ...Hostname[]];
  readonly serverNames: readonly Hostname[];
  readonly application: Application;
  readonly verifiedHeader: VerifiedHeader;
  readonly credential: { readonly certificate: string; readonly key: string };
  readonly policy: PolicyFiles;
  readonly manifest: { readonly text: string; readonly signature: string } | null;
}

const parsing: FirstProblem<GuardProblem> = firstProblem();

/** The checked site, or the first field that is to blame. Files are looked at when it is locked. */
export function guardSite(request: SiteRequest): Site | GuardProblem {
  return parsing.orProblem(() => checked(request));
}

/** The first name that two sites claim, or `null`. */
export function claimedTwice(sites: readonly Site[]): GuardProblem | null {
  const seen = new Set<Hostname>();
  for (const [index, { hostnames, serverNames }] of sites.entries()) {
    for (const name of new Set([...hostnames, ...serverNames])) {
      if (seen.has(name)) return guardProblem('name_twice', `sites[${index}].hostnames`, name);
      seen.add(name);
    }
  }
  return null;
}

function checked(request: SiteRequest): Site {
  const hostnames = request.hostnames.map((text) => name('hostnames', text));
  const serverNames = (request.serverNames ?? []).map((text) => name('server_names', text));
  const [first, ...rest] = hostnames;
  if (first === undefined) return refuse('no_names', 'hostnames');
  const header = request.verifiedHeader ?? DEFAULT_VERIFIED_HEADER;
  const { manifest, signature } = request;
  return {
    hostnames: [first, ...rest],
    serverNames,
    application: application(request.upstream) ?? refuse('bad_upstream', 'upstream', request.upstream),
    verifiedHeader: verifiedHeader(header) ?? refuse('bad_header', 'verified_header', header),
    credential: { certificate: request.serverCert, key: request.serverKey },
    policy: policyOf(request, [...hostnames, ...serverNames]),
    // Both are fetched from addresses that differ in this ending only.
    manifest: manifest === undefined ? null : { text: manifest, signature: signature ?? `${manifest}.sig` },
  };
}

function policyOf(request: SiteRequest, names: readonly Hostname[]): PolicyFiles {
  const { zone, mode, bundle, kind, pins, subjects, uris, crl, alsoTrust, alsoTrustCrl } = request;
  return { zone, hostnames: names, mode, bundle, kind, pins, subjects, uris, crl, alsoTrust, alsoTrustCrl };
}

function name(field: string, text: string): Hostname {
  return hostnamePattern(text) ?? refuse('bad_hostname', field, text);
}

function refuse(code: GuardProblemCode, field: string, found = ''): never {
  return parsing.refuse(guardProblem(code, field, found));
}

/** The authorities and identities that Postern makes for itself: root, intermediate, and the leafs that pulls show. */

import { type Hostname, hostname, type Instant, instant, type ZoneId } from '../domain/ids.ts';
import type { X509Facts } from '../domain/certificate.ts';
import type { PermittedNames } from './extensions.ts';
import {
  type Authority,
  createAuthority,
  type Issued,
  issueForKey,
  issueLeaf,
  type Validity,
  validFor,
} from './issue.ts';
import { generateKey, type KeyType } from './keys.ts';
import { PkiError } from './pki-error.ts';
import { PROFILES } from './profiles.ts';
import { reread } from './read.ts';

/** A two-step authority: the root may go offline, the intermediate issues. */
export interface PullAuthority {
  readonly root: Authority;
  readonly intermediate: Authority;
}

/** What the authorities of an installation have in common. */
export interface AuthorityRequest {
  /** A name unique to this installation, in the form of a hostname: the host of every URI it certifies. */
  readonly installation: string;
  readonly now: Instant;
  /** Of the intermediate, and of the root where that has no kind of its own. */
  readonly keyType?: KeyType;
  readonly rootKeyType?: KeyType;
}

export interface IdentityRequest {
  /** Who the edge is in these pulls: `zoneUri` or `sharedUri`. */
  readonly uri: string;
  /** Also named, where origins compare DNS names; wildcards too. Must lie in the zone. */
  readonly dnsNames?: readonly Hostname[];
  readonly now: Instant;
  /** Milliseconds; 30 days where left out, held between a day and a year and to the authority's own end. */
  readonly lifetime?: number;
  readonly keyType?: KeyType;
  readonly crlUrl?: string;
  readonly ocspUrl?: string;
}

const DAY = 86_400_000;
const YEAR = 365 * DAY;
const ROOT_LIFETIME = 10 * YEAR;
const INTERMEDIATE_LIFETIME = 5 * YEAR;
const LEAF_LIFETIME = { least: DAY, usual: 30 * DAY, most: YEAR };
const ORGANIZATION = 'Postern';
// RFC 5280 appendix A.1: ub-common-name.
const MAX_COMMON_NAME = 64;

/** The authority of one zone. Its intermediate can only name this installation's URIs and this zone's hostnames. */
export function createZoneAuthority(
  request: AuthorityRequest & { readonly zone: ZoneId; readonly zoneName: Hostname },
): Promise<PullAuthority> {
  return pullAuthority(request, [request.zoneName, request.zone], zoneNames(request));
}

/** Another intermediate below the root of a zone, with the same constraints. */
export async function createZoneIntermediate(
  root: Authority,
  request: AuthorityRequest & { readonly zone: ZoneId; readonly zoneName: Hostname },
): Promise<Authority> {
  return intermediateBelow(root, request, [request.zoneName, request.zone], zoneNames(request));
}

function zoneNames({ installation, zoneName }: { readonly installation: string; readonly zoneName: Hostname }) {
  return { uriHosts: [installationHost(installation)], dnsNames: [zoneName] };
}

/** The authority that all zones of an installation share. Not constrained: it vouches for the edge, not for a zone. */
export function createSharedAuthority(request: AuthorityRequest): Promise<PullAuthority> {
  return pullAuthority(request, [installationHost(request.installation), 'all zones'], null);
}

/** Another intermediate below the shared root. */
export function createSharedIntermediate(root: Authority, request: AuthorityRequest): Promise<Authority> {
  return intermediateBelow(root, request, [installationHost(request.installation), 'all zones'], null);
}

/** A new identity for pulls, with a key of its own. */
export async function issueIdentity(authority: Authority, request: IdentityRequest): Promise<Issued> {
  const { uri, dnsNames = [], now, lifetime, keyType, crlUrl, ocspUrl } = request;
  const wished = validFor(now, leafLifetime(lifetime));
  return issueLeaf(authority, {
    profile: PROFILES.pullLeaf,
    subject: { organization: ORGANIZATION, commonName: commonName('pull', [uri.split('/').at(-1) ?? '', 'identity']) },
    key: await generateKey(keyType),
    validity: withinAuthority(authority, wished),
    names: [{ kind: 'uri', value: uri }, ...dnsNames.map((value) => ({ kind: 'dns', value }) as const)],
    ...(crlUrl === undefined ? {} : { crlUrl }),
    ...(ocspUrl === undefined ? {} : { ocspUrl }),
  });
}

const SIGNER_LIFETIME = 60 * DAY;

interface SignerRequest {
  readonly installation: string;
  readonly zone: ZoneId;
  readonly now: Instant;
}

/** A key for one signature under what is said of a zone's bundle, certified by its root. */
export async function issueBundleSigner(root: Authority, request: SignerRequest): Promise<Authority> {
  return bundleSigner(root, request, { uri: zoneUri(request.installation, request.zone), lifetime: SIGNER_LIFETIME });
}

/** The same for many signatures, while the key of the root is away. Its name says so: origins believe less of it. */
export async function issueSignerAhead(
  root: Authority,
  { until, ...request }: SignerRequest & { readonly until: Instant },
): Promise<Authority> {
  const uri = zoneUri(request.installation, request.zone) + AHEAD;
  return bundleSigner(root, request, { uri, lifetime: until - request.now });
}

async function bundleSigner(
  root: Authority,
  { zone, now }: SignerRequest,
  { uri, lifetime }: { readonly uri: string; readonly lifetime: number },
): Promise<Authority> {
  return issueLeaf(root, {
    profile: PROFILES.bundleSigner,
    subject: { organization: ORGANIZATION, commonName: commonName('bundle of', [zone, zone]) },
    key: await generateKey(),
    validity: withinAuthority(root, validFor(now, lifetime)),
    names: [{ kind: 'uri', value: uri }],
  });
}

const AHEAD = '/ahead';
const SIGNER_URI = /^postern:\/\/[^/]+\/zone\/([0-9a-f]{32})(\/ahead)?$/;

/** For which zone a certificate may sign what is said of bundles, and whether it was certified ahead; `null` for none. */
export function signsBundlesOf({ uris }: X509Facts): { readonly zone: string; readonly ahead: boolean } | null {
  const [uri, ...others] = uris;
  const [, zone, ahead] = (others.length === 0 && SIGNER_URI.exec(uri ?? '')) || [];
  return zone === undefined ? null : { zone, ahead: ahead !== undefined };
}

/** A root as an older one vouches for it: who has only that one believes what the new one signs. */
export function issueCrossRoot(old: Authority, root: X509Facts, now: Instant): X509Facts {
  const { der } = reread(root);
  const validity = withinAuthority(old, validFor(now, SIGNER_LIFETIME));
  return issueForKey(old, der.spki, { profile: PROFILES.crossRoot, subject: der.subject, validity }).certificate;
}

// What outlives its issuer is refused by everybody from that moment on.
function withinAuthority({ certificate }: Authority, wished: Validity): Validity {
  return { ...wished, notAfter: instant(Math.min(wished.notAfter, certificate.notAfter)) };
}

/** `postern://<installation>/zone/<id>`: the name under which origins know a zone's pulls. */
export function zoneUri(installation: string, zone: ZoneId): string {
  return `postern://${installationHost(installation)}/zone/${zone}`;
}

/** `postern://<installation>/shared`: the name of the identity that all zones share. */
export function sharedUri(installation: string): string {
  return `postern://${installationHost(installation)}/shared`;
}

async function pullAuthority(
  request: AuthorityRequest,
  names: readonly [string, string],
  permitted: PermittedNames | null,
): Promise<PullAuthority> {
  const { now, keyType, rootKeyType = keyType } = request;
  const root = createAuthority({
    profile: PROFILES.pullRoot,
    subject: { organization: ORGANIZATION, commonName: commonName('pull root', names) },
    key: await generateKey(rootKeyType),
    validity: validFor(now, ROOT_LIFETIME),
  });
  return { root, intermediate: await intermediateBelow(root, request, names, permitted) };
}

async function intermediateBelow(
  root: Authority,
  { now, keyType }: AuthorityRequest,
  names: readonly [string, string],
  permitted: PermittedNames | null,
): Promise<Authority> {
  const wished = validFor(now, INTERMEDIATE_LIFETIME);
  return createAuthority({
    issuer: root,
    profile: PROFILES.pullIntermediate,
    subject: { organization: ORGANIZATION, commonName: commonName('pull intermediate', names) },
    key: await generateKey(keyType),
    validity: withinAuthority(root, wished),
    ...(permitted === null ? {} : { permitted }),
  });
}

function leafLifetime(wished: number | undefined): number {
  return Math.min(Math.max(wished ?? LEAF_LIFETIME.usual, LEAF_LIFETIME.least), LEAF_LIFETIME.most);
}

// The most telling name that fits: OpenSSL holds names that look like hostnames against the DNS constraint, so a few
// words stand before them.
function commonName(role: string, names: readonly [string, string]): string {
  const [long, short] = names.map((name) => `${role} ${name}`);
  return (long !== undefined && long.length <= MAX_COMMON_NAME ? long : (short ?? role)).slice(0, MAX_COMMON_NAME);
}

// The host must survive as URI constraint, where RFC 5280 §4.2.1.10 knows only names.
function installationHost(installation: string): Hostname {
  const host = hostname(installation);
  if (host === null) throw new PkiError('name_invalid', `not the host of an installation: ${installation}`);
  return host;
}

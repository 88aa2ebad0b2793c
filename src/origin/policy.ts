/** Whom an origin lets in: from the texts that its owner names to the policy that `admit` takes. */

import type { AdmitPolicy } from '../domain/admit.ts';
import type { X509Facts } from '../domain/certificate.ts';
import { type Fingerprint, fingerprint, type Hostname, hostnamePattern, type Instant } from '../domain/ids.ts';
import { readBundle } from '../pki/bundle.ts';
import { anchorFault, withoutRoot } from '../pki/chain.ts';
import { PkiError } from '../pki/pki-error.ts';
import { reread } from '../pki/read.ts';
import { type RevocationLists, revocationLists } from '../pki/revocation-lists.ts';
import { type FirstProblem, firstProblem } from './first-problem.ts';
import { type PolicyField, type PolicyProblem, type PolicyProblemCode, policyProblem } from './policy-problems.ts';
import type { PolicyRequest } from './policy-request.ts';

/** A checked policy, with the CAs from which `peer.ts` builds paths. */
export interface LockPolicy {
  readonly kind: 'policy';
  readonly zone: Hostname | null;
  readonly trust: 'zone' | 'shared';
  readonly admit: AdmitPolicy;
  readonly edge: Callers;
  /** `null` where nobody but the edge is let in. */
  readonly own: Callers | null;
}

/** The CAs of one kind of callers. */
export interface Callers {
  readonly cas: readonly X509Facts[];
  /** Those of them at which paths end: the others lead to one of these. */
  readonly anchors: readonly X509Facts[];
  readonly lists: RevocationLists | null;
}

const MOST = { names: 1_000, demands: 100 } as const;

const parsing: FirstProblem<PolicyProblem> = firstProblem();

/** The policy, or the first field that is to blame. A policy that could let nobody in is a problem too. */
export function lockPolicy(request: PolicyRequest, now: Instant): LockPolicy | PolicyProblem {
  return parsing.orProblem(() => checked(request, now));
}

/** Names alone, for a lock whose proxy judges certificates. */
export function servedNames(
  request: Pick<PolicyRequest, 'zone' | 'hostnames'>,
): { readonly kind: 'names'; readonly zone: Hostname | null; readonly names: AdmitPolicy['names'] } | PolicyProblem {
  return parsing.orProblem(() => ({ kind: 'names', zone: zoneOf(request), names: namesOf(request) }));
}

/** All CAs that may begin a caller's path, as PEM: what TLS announces and verifies by. */
export function caPem({ edge, own }: LockPolicy): string {
  return [...edge.cas, ...(own?.cas ?? [])].map(({ pem }) => pem).join('');
}

function checked(request: PolicyRequest, now: Instant): LockPolicy {
  const { alsoTrust, kind = 'zone' } = request;
  const edge = callers('bundle', request.bundle, request.crl, now);
  const own = alsoTrust === undefined ? null : callers('alsoTrust', alsoTrust, request.alsoTrustCrl, now);
  if (own === null && request.alsoTrustCrl !== undefined) refuse('crl_without_ca', 'alsoTrustCrl');
  apart(edge, own);
  rooted(own);
  const { pins, subjects, uris } = demands(request);
  if (kind === 'shared' && pins === null && subjects === null && uris === null) refuse('shared_unpinned', 'pins');
  return {
    kind: 'policy',
    zone: zoneOf(request),
    trust: kind,
    edge,
    own,
    admit: {
      mode: request.mode ?? 'enforce',
      anchors: prints(edge.anchors),
      pins,
      subjects,
      uris,
      listed: edge.lists !== null,
      own: own === null ? null : { anchors: prints(own.anchors), listed: own.lists !== null },
      names: namesOf(request),
    },
  };
}

function zoneOf({ zone }: Pick<PolicyRequest, 'zone'>): Hostname | null {
  return zone === undefined ? null : name('zone', zone);
}

function namesOf({ hostnames }: Pick<PolicyRequest, 'hostnames'>): AdmitPolicy['names'] {
  return set('hostnames', hostnames, MOST.names, (text) => name('hostnames', text));
}

function demands({ pins, subjects, uris }: PolicyRequest): Pick<AdmitPolicy, 'pins' | 'subjects' | 'uris'> {
  return {
    pins: set('pins', pins, MOST.demands, (text) => fingerprint(text) ?? refuse('bad_pin', 'pins', text)),
    subjects: set('subjects', subjects, MOST.demands, subject),
    uris: set('uris', uris, MOST.demands, (text) =>
      /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(text) ? text : refuse('bad_uri', 'uris', text),
    ),
  };
}

/** `null` for no demand. An empty list would let nobody in, and is taken for the slip that it is. */
function set<T>(
  field: PolicyField,
  texts: readonly string[] | undefined,
  most: number,
  parse: (text: string) => T,
): ReadonlySet<T> | null {
  if (texts === undefined) return null;
  if (texts.length === 0) return refuse('empty_list', field);
  if (texts.length > most) return refuse('too_many', field, String(texts.length));
  return new Set(texts.map(parse));
}

function name(field: PolicyField, text: string): Hostname {
  return hostnamePattern(text) ?? refuse('bad_hostname', field, text);
}

// OpenSSL and Node write the same parts with and without a space behind the comma. A comma inside a value is escaped.
function subject(text: string): string {
  const parts = text.trim().split(/(?<!\\)[,\n]\s*/);
  return parts.every((part) => /^[A-Za-z0-9.]+=./.test(part))
    ? parts.join(', ')
    : refuse('bad_subject', 'subjects', text);
}

function callers(field: 'bundle' | 'alsoTrust', text: string, crl: string | undefined, now: Instant): Callers {
  if (text.trim() === '') refuse('empty', field);
  const cas = read(field, () => readBundle(text));
  const anchors = cas.filter((ca) => isTop(ca, cas));
  const faults = anchors.map((ca) => anchorFault(ca, 'client', now));
  // One that has ended does no harm beside one that has not: it stays in bundles until a rotation is over.
  if (faults.every((fault) => fault !== null)) {
    refuse(faults.includes('expired') ? 'expired' : 'unfit_ca', field, anchors[0]?.subject);
  }
  return { cas, anchors, lists: crl === undefined ? null : lists(`${field}`, crl, cas) };
}

function lists(of: 'bundle' | 'alsoTrust', text: string, cas: readonly X509Facts[]): RevocationLists {
  const field = of === 'bundle' ? 'crl' : 'alsoTrustCrl';
  if (text.trim() === '') refuse('empty', field);
  const found = read(field, () => revocationLists(text, cas));
  return found.size === 0 ? refuse('crl_of_nobody', field) : found;
}

/** Nobody else in the bundle has the name of its issuer, or it is its own. */
function isTop(ca: X509Facts, cas: readonly X509Facts[]): boolean {
  const { issuer, subject } = reread(ca).der;
  return issuer.equals(subject) || !cas.some((one) => reread(one).der.subject.equals(issuer));
}

/** A CA that is among both. By key, since certificates of the same CA differ. */
export function sharedCa(edge: readonly X509Facts[], own: readonly X509Facts[]): X509Facts | null {
  const keys = new Set(edge.map(({ spki }) => spki));
  return own.find(({ spki }) => keys.has(spki)) ?? null;
}

/** A CA of both would make the one's callers the other's. */
function apart(edge: Callers, own: Callers | null): void {
  const both = sharedCa(edge.cas, own?.cas ?? []);
  if (both !== null) refuse('same_ca', 'alsoTrust', both.subject);
}

/** The handshake would refuse all callers below a CA whose root is missing, whatever is thought of them afterwards. */
function rooted(own: Callers | null): void {
  const stray = withoutRoot(own?.cas ?? []);
  if (stray !== null) refuse('no_root', 'alsoTrust', strayText(stray));
}

/** A CA whose issuer is missing, in words. */
export function strayText({ subject, issuer }: X509Facts): string {
  return `${subject}, certified by ${issuer}`;
}

const CODES: Partial<Record<PkiError['code'], PolicyProblemCode>> = {
  pem_too_large: 'too_large',
  pem_too_many_blocks: 'too_many',
  pem_empty: 'no_pem',
  bundle_not_a_ca: 'not_a_ca',
  bundle_private_key: 'private_key',
};

function read<T>(field: PolicyField, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PkiError) return refuse(CODES[error.code] ?? 'unparsable', field, error.message);
    throw error;
  }
}

function prints(cas: readonly X509Facts[]): ReadonlySet<Fingerprint> {
  return new Set(cas.map(({ fingerprint: print }) => print));
}

function refuse(code: PolicyProblemCode, field: PolicyField, found = ''): never {
  return parsing.refuse(policyProblem(code, field, found));
}

import type { ClientCertificate, X509Facts } from './certificate.ts';
import type { Circumstances } from './circumstances.ts';
import { zoneCertificate } from './compile.ts';
import type { CertificateId, Fingerprint, Instant } from './ids.ts';
import { tooMany } from './limits.ts';
import { type Problem, problem } from './problems.ts';
import { awaited, isRunning } from './rotation.ts';
import { caPairs } from './trust.ts';
import type { Zone } from './zone.ts';
import { issuingCa, type ZoneCa, zoneCas } from './zone-cas.ts';

/** Why a certificate was revoked, with its code (RFC 5280 §5.3.1). Those that Postern gives: none of them can be undone. */
export const REVOCATION_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
} as const;

export type RevocationReason = keyof typeof REVOCATION_REASONS;

/** A certificate that a CA of a zone issued and nobody shall believe any more. For good: there is no way back. */
export interface Revocation {
  /** The certificate of the CA that issued it. */
  readonly issuer: Fingerprint;
  /** As in `X509Facts`: hex without leading zeros. */
  readonly serial: string;
  /** `null` where the zone knows only the number. */
  readonly certificate: CertificateId | null;
  readonly subject: string | null;
  readonly reason: RevocationReason;
  readonly at: Instant;
  /** The end of the certificate; where that is not known, that of its CA, which no certificate outlives. */
  readonly notAfter: Instant;
}

/** Which certificate is meant: one that the zone holds, or one that its CA issued and that was found elsewhere. */
export type RevocationTarget =
  | { readonly kind: 'certificate'; readonly id: CertificateId }
  | { readonly kind: 'serial'; readonly serial: string };

/** What somebody wants revoked, and why. */
export interface RevocationWish {
  readonly target: RevocationTarget;
  readonly reason: RevocationReason;
  /** Also where the zone presents it now: then its pulls are refused until there is another one. */
  readonly force: boolean;
}

/** The key of a revocation in its zone: a serial number says nothing without its issuer (RFC 5280 §4.1.2.2). */
export function revocationKey({ issuer, serial }: Pick<Revocation, 'issuer' | 'serial'>): string {
  return `${issuer} ${serial}`;
}

/** The revocation of what is meant, where it is revoked. */
export function revocationOf(zone: Zone, target: RevocationTarget): Revocation | undefined {
  const found = find(zone, target);
  return 'code' in found ? undefined : zone.revocations.get(revocationKey(found));
}

/** Revokes a certificate. What is revoked already stays as it is, with its first reason and date. */
export function revokeCertificate(zone: Zone, wish: RevocationWish, world: Circumstances): Zone | Problem {
  const found = find(zone, wish.target);
  if ('code' in found) return found;
  if (zone.revocations.has(revocationKey(found))) return zone;
  const certificate = found.certificate === null ? undefined : zone.certificates.get(found.certificate);
  // By force neither: its origins would be left with a certificate that nobody has the key of any more.
  const brought = certificate !== undefined && isRunning(zone.rotation) && awaited(zone.rotation, certificate.id);
  if (certificate !== undefined && (brought || !wish.force)) {
    const by = presentedBy(zone, certificate);
    if (by !== null) return problem('revoke_presented', by);
  }
  return withRevocation(withoutThose(zone, [certificate], world), { ...found, reason: wish.reason }, world);
}

/**
 * Revokes an intermediate that does not issue any more. Its root says so: whoever checks a whole path refuses all that
 * stands below it.
 */
export function revokeIntermediate(
  zone: Zone,
  { intermediate, reason }: { readonly intermediate: X509Facts; readonly reason: RevocationReason },
  world: Circumstances,
): Zone | Problem {
  // Not by its name: during a rotation two roots have the same.
  const pair = caPairs(zone).find((one) => one.intermediate.fingerprint === intermediate.fingerprint);
  const root = zoneCas(zone).find(({ role, certificate }) =>
    pair === undefined
      ? role === 'root' && certificate.subject === intermediate.issuer
      : certificate.fingerprint === pair.root.fingerprint,
  );
  if (root === undefined) return problem('not_issued_here', intermediate.subject);
  if (zone.revocations.has(revocationKey(named(root, intermediate, null)))) return zone;
  const below = [...zone.certificates.values()].filter(({ chain }) => includes(chain, intermediate));
  const shown = below.find((one) => one.wish.kind === 'deploy' && presentedBy(zone, one) !== null);
  if (issuingCa(zone).fingerprint === intermediate.fingerprint || shown !== undefined) {
    return problem('authority_in_use', intermediate.subject);
  }
  return withRevocation(withoutThose(zone, below, world), { ...named(root, intermediate, null), reason }, world);
}

/** Whether a certificate, or an issuer that comes along with it, was revoked by a CA of the zone. */
export function isRevoked(zone: Zone, { leaf, chain }: Pick<ClientCertificate, 'leaf' | 'chain'>): boolean {
  if (zone.revocations.size === 0) return false;
  const cas = zoneCas(zone).map(({ certificate }) => certificate);
  return [leaf, ...chain].some((one) =>
    [...chain, ...cas].some(
      ({ subject, fingerprint: issuer }) =>
        subject === one.issuer && zone.revocations.has(revocationKey({ issuer, serial: one.serial })),
    ),
  );
}

/**
 * Whether an entry may leave the list: its certificate has ended, and a list that was signed after that end held it (RFC
 * 5280 §3.3). `listed` is the thisUpdate of a list that holds it.
 */
export function hasServed({ notAfter, at }: Revocation, listed: Instant): boolean {
  return notAfter < listed && at < listed;
}

/**
 * The number that the list of a CA of this zone has named for longest, and names still: whoever uses lists at all refuses
 * it. `null` where nothing revoked has not ended.
 */
export function longestRevoked({ revocations }: Zone, issuer: Fingerprint, now: Instant): string | null {
  const own = [...revocations.values()].filter((one) => one.issuer === issuer && one.notAfter > now);
  return own.toSorted((one, other) => one.at - other.at)[0]?.serial ?? null;
}

/** Lets go of revocations that have served. */
export function forgetRevocations(zone: Zone, keys: readonly string[]): Zone {
  const revocations = new Map(zone.revocations);
  const gone = keys.filter((key) => revocations.delete(key));
  return gone.length === 0 ? zone : { ...zone, revocations };
}

type Found = Pick<Revocation, 'issuer' | 'serial' | 'certificate' | 'subject' | 'notAfter'>;

function find(zone: Zone, target: RevocationTarget): Found | Problem {
  return target.kind === 'certificate' ? findById(zone, target.id) : findBySerial(zone, target.serial);
}

function findById(zone: Zone, id: CertificateId): Found | Problem {
  const certificate = zone.certificates.get(id);
  if (certificate === undefined) return problem('certificate_not_found', id);
  const issuer = issuerOf(zone, certificate);
  if (issuer !== undefined) return named(issuer, certificate.leaf, id);
  // What the store knows of it stays where its CA is gone: then nobody trusts it any more.
  const why = certificate.source === 'uploaded' ? 'it was uploaded' : 'its CA is not in use any more';
  return problem('not_issued_here', why);
}

function findBySerial(zone: Zone, serial: string): Found | Problem {
  const authority = zoneCas(zone).find(({ certificate }) => certificate.serial === serial);
  if (authority !== undefined) return problem('authority_in_use', authority.certificate.subject);
  for (const certificate of zone.certificates.values()) {
    if (certificate.leaf.serial === serial) return findById(zone, certificate.id);
  }
  const { fingerprint: issuer, notAfter } = issuingCa(zone);
  return { issuer, serial, certificate: null, subject: null, notAfter };
}

/** The CA of this zone that issued a certificate of it; `undefined` where that was somebody else. */
export function issuerOf(zone: Zone, { source, chain }: ClientCertificate): ZoneCa | undefined {
  const [issuer] = chain;
  if (source !== 'managed' || issuer === undefined) return undefined;
  return zoneCas(zone).find(({ certificate }) => certificate.fingerprint === issuer.fingerprint);
}

function named({ certificate: { fingerprint: issuer } }: ZoneCa, leaf: X509Facts, id: CertificateId | null): Found {
  const { serial, subject, notAfter } = leaf;
  return { issuer, serial, certificate: id, subject, notAfter };
}

/** Who presents a certificate now, in words; `null` where nobody does. */
export function presentedBy(zone: Zone, { id }: ClientCertificate): string | null {
  if (zoneCertificate(zone)?.id === id) return `it is the identity of the zone level of ${zone.name}`;
  const { rotation } = zone;
  if (isRunning(rotation) && rotation.successions.some(({ to }) => to === id)) {
    return `the rotation ${rotation.id} brings it to the origins: undo that first, force does not help`;
  }
  const user = [...zone.associations.values()].find((one) => one.kind === 'present' && one.certificate === id);
  return user === undefined ? null : `by ${user.hostname}`;
}

function includes(chain: readonly X509Facts[], { fingerprint }: X509Facts): boolean {
  return chain.some((one) => one.fingerprint === fingerprint);
}

// Whose certificate is revoked presents none until there is another: a pull is refused sooner than made with none, or
// with one that its origin refuses.
function withoutThose(
  zone: Zone,
  ended: readonly (ClientCertificate | undefined)[],
  { now, revision }: Circumstances,
): Zone {
  const wish = { kind: 'delete', at: now, revision } as const;
  const deployed = ended.filter((one) => one !== undefined).filter((one) => one.wish.kind === 'deploy');
  if (deployed.length === 0) return zone;
  const certificates = new Map(zone.certificates);
  for (const one of deployed) certificates.set(one.id, { ...one, wish });
  return { ...zone, certificates };
}

function withRevocation(zone: Zone, draft: Omit<Revocation, 'at'>, { now, limits }: Circumstances): Zone | Problem {
  if (zone.revocations.size >= limits.revocationsPerZone) {
    return tooMany('revocations', 'revocationsPerZone', limits);
  }
  const revocation = { ...draft, at: now };
  return { ...zone, revocations: new Map(zone.revocations).set(revocationKey(revocation), revocation) };
}

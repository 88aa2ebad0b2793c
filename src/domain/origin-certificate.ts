import type { X509Facts } from './certificate.ts';
import { type Circumstances, zoneBelow } from './circumstances.ts';
import { type Fingerprint, type Hostname, type Instant, isWithin } from './ids.ts';
import { tooMany } from './limits.ts';
import { type Problem, problem } from './problems.ts';
import type { Zone } from './zone.ts';

/** What kind of key the certificate is for. */
export const ORIGIN_REQUEST_TYPES = ['origin-rsa', 'origin-ecc'] as const;
/** How long it may be valid, in days. */
export const ORIGIN_VALIDITIES = [7, 30, 90, 365, 730, 1095, 5475] as const;

/** A server certificate that the installation's Origin CA issued for origins of one zone. Its key is the owner's. */
export interface OriginCertificate {
  /** The serial number in decimal, as at Cloudflare. */
  readonly id: string;
  readonly certificate: X509Facts;
  readonly csr: string;
  readonly hostnames: readonly Hostname[];
  readonly requestType: (typeof ORIGIN_REQUEST_TYPES)[number];
  /** Days. */
  readonly requestedValidity: (typeof ORIGIN_VALIDITIES)[number];
  readonly issuedAt: Instant;
  readonly revokedAt: Instant | null;
}

/** Takes note of a certificate that was issued. One zone's certificate names no other zone's hosts. */
export function addOriginCertificate(zone: Zone, certificate: OriginCertificate, world: Circumstances): Zone | Problem {
  for (const [index, name] of certificate.hostnames.entries()) {
    const below = isWithin(name, zone.name) ? zoneBelow(zone, name, world)?.name : 'another zone or none';
    if (below !== undefined) return problem('origin_hostname_refused', `${name} is in ${below}`, `/hostnames/${index}`);
  }
  if (zone.originCertificates.size >= world.limits.originCertificatesPerZone) {
    return tooMany('certificates of the Origin CA', 'originCertificatesPerZone', world.limits);
  }
  return withCertificate(zone, certificate);
}

/** From now on strict pulls of the zone refuse an origin that shows this certificate. */
export function revokeOriginCertificate(zone: Zone, id: string, { now }: Circumstances): Zone | Problem {
  const known = zone.originCertificates.get(id);
  if (known === undefined) return problem('certificate_not_found', id);
  if (known.revokedAt !== null) return problem('origin_certificate_revoked', id);
  return withCertificate(zone, { ...known, revokedAt: now });
}

/** What strict pulls must not accept although the Origin CA has signed it. */
export function revokedOrigins({ originCertificates }: Zone): readonly Fingerprint[] {
  return [...originCertificates.values()].flatMap(({ certificate, revokedAt }) =>
    revokedAt === null ? [] : [certificate.fingerprint],
  );
}

function withCertificate(zone: Zone, certificate: OriginCertificate): Zone {
  return { ...zone, originCertificates: new Map(zone.originCertificates).set(certificate.id, certificate) };
}

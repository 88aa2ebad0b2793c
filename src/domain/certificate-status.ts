import type { Instant } from './ids.ts';
import { issuerOf, type Revocation, revocationKey } from './revocation.ts';
import type { Zone } from './zone.ts';
import { type ZoneCa, zoneCas } from './zone-cas.ts';

/**
 * What a CA of a zone knows of one of its certificates. `good` only for one that it has issued and that has not ended: to
 * call every number good that is not revoked would vouch for certificates that nobody issued.
 */
export function certificateStatus(
  zone: Zone,
  ca: ZoneCa,
  { serial, now }: { readonly serial: string; readonly now: Instant },
): Revocation | 'good' | 'unknown' {
  const issuer = ca.certificate.fingerprint;
  const revocation = zone.revocations.get(revocationKey({ issuer, serial }));
  if (revocation !== undefined) return revocation;
  for (const certificate of zone.certificates.values()) {
    const { leaf } = certificate;
    if (leaf.serial !== serial || leaf.notAfter < now) continue;
    if (issuerOf(zone, certificate)?.certificate.fingerprint === issuer) return 'good';
  }
  const below = zoneCas(zone).some(
    ({ role, certificate }) =>
      role === 'intermediate' &&
      certificate.serial === serial &&
      certificate.issuer === ca.certificate.subject &&
      certificate.notAfter >= now,
  );
  return below ? 'good' : 'unknown';
}

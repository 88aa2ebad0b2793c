import { type ClientCertificate, chainPem } from '../domain/certificate.ts';
import type { CustomCertificate } from '../domain/custom-certificate.ts';
import type { CertificateId, ZoneId } from '../domain/ids.ts';
import type { Zone } from '../domain/zone.ts';
import type { PrivateKey } from '../pki/keys.ts';
import type { FeedMessage } from '../wire/feed.ts';
import type { VisitorCertificate } from './visitor-certificates.ts';

/** A client certificate with its key, for edges. */
export function keyMessage(id: CertificateId, chain: string, key: PrivateKey): FeedMessage {
  return { kind: 'key', certificate: id, chain, key: key.reveal() };
}

/** The visitor certificate that the local CA issued for a zone, with its key, for edges. */
export function visitorMessage(zone: ZoneId, certificate: VisitorCertificate, key: PrivateKey): FeedMessage {
  return { kind: 'visitor_certificate', zone, certificate: null, ...certificate, key: key.reveal() };
}

/** An uploaded visitor certificate with its key, for edges. */
export function customMessage(zone: ZoneId, { id, leaf, chain }: CustomCertificate, key: PrivateKey): FeedMessage {
  return {
    kind: 'visitor_certificate',
    zone,
    certificate: id,
    names: leaf.dnsNames.map((name) => name.toLowerCase()),
    notBefore: leaf.notBefore,
    notAfter: leaf.notAfter,
    chain: chainPem(leaf, chain),
    key: key.reveal(),
  };
}

/** What edges forget once they have `after` in force. */
export function dropsBetween(before: Zone | null, after: Zone | null): readonly FeedMessage[] {
  if (before === null) return [];
  const dropped: FeedMessage[] = droppedCertificates(before, after).map(({ id }) => {
    return { kind: 'key_dropped', certificate: id };
  });
  const zone = before.id;
  for (const { id } of droppedCustom(before, after)) {
    dropped.push({ kind: 'visitor_certificate_dropped', zone, certificate: id });
  }
  if (after === null) dropped.push({ kind: 'visitor_certificate_dropped', zone, certificate: null });
  return dropped;
}

/** Certificates that could be presented before and cannot be after. */
export function droppedCertificates(before: Zone | null, after: Zone | null): readonly ClientCertificate[] {
  if (before === null || before.certificates === after?.certificates) return [];
  return [...before.certificates.values()].filter(
    ({ id, wish }) => wish.kind === 'deploy' && after?.certificates.get(id)?.wish.kind !== 'deploy',
  );
}

/** Uploaded visitor certificates that were there before and are not after. */
export function droppedCustom(before: Zone | null, after: Zone | null): readonly CustomCertificate[] {
  if (before === null || before.customCertificates === after?.customCertificates) return [];
  return [...before.customCertificates.values()].filter(({ id }) => after?.customCertificates.has(id) !== true);
}

import { z } from 'zod';
import { type ClientCertificate, chainPem, type X509Facts } from '../domain/certificate.ts';
import { DEPLOYMENT_STATUSES, deploymentStatus } from '../domain/deployment.ts';
import type { Instant } from '../domain/ids.ts';
import type { Association, TrustedCa, Zone } from '../domain/zone.ts';
import { CERTIFICATE_ID, CERTIFICATE_PEM, HOST, SECOND, SHA256, TIME, type View } from './answer-fields.ts';
import { signatureName } from './signature-name.ts';
import { moment, type Progress, second } from './views.ts';

/** Client certificates, what names them, and the CAs of origins, as the API shows them. */

export const STATUS = z.enum(DEPLOYMENT_STATUSES).meta({
  description: 'Derived from what every edge has acknowledged.',
  examples: ['active'],
});

const CERTIFICATE_FACTS = {
  certificate: CERTIFICATE_PEM,
  expires_on: SECOND,
  issuer: z.string().meta({ examples: ['CN=Example Client CA'] }),
  serial_number: z
    .string()
    .regex(/^\d+$/)
    .meta({ description: 'Decimal.', examples: ['31415926535897932384'] }),
  signature: z.string().meta({ examples: ['ECDSAWithSHA256'] }),
};

export const CERTIFICATE = z
  .strictObject({
    id: CERTIFICATE_ID,
    ...CERTIFICATE_FACTS,
    source: z
      .enum(['uploaded', 'managed'])
      .meta({ description: 'Who made it: its owner, or the authority of the zone.' }),
    status: STATUS,
    uploaded_on: TIME,
    enabled: z.boolean().optional().meta({ description: 'The switch of the zone level; only at that level.' }),
  })
  .meta({
    id: 'ClientCertificate',
    description: 'A certificate that the edge shows to origins. Its key is never answered.',
  });

/** A client certificate; its key has no view. Those of the zone level echo that level's switch. */
export function certificateView(
  certificate: ClientCertificate,
  zone: Zone,
  { applied, now }: Progress,
): View<typeof CERTIFICATE> {
  return {
    id: certificate.id,
    ...certificateFacts(certificate),
    source: certificate.source,
    status: deploymentStatus(certificate.wish, applied, now),
    uploaded_on: moment(certificate.uploadedAt),
    ...(certificate.level === 'zone' ? { enabled: zone.settings.zonePull } : {}),
  };
}

function certificateFacts({ leaf, chain, sent }: ClientCertificate) {
  return {
    certificate: sent ?? chainPem(leaf, chain),
    expires_on: second(leaf.notAfter),
    issuer: leaf.issuer,
    serial_number: decimalSerial(leaf),
    signature: signatureName(leaf),
  };
}

export const ZONE_PULL_SETTING = z
  .strictObject({ enabled: z.boolean() })
  .meta({ id: 'ZonePullSetting', description: 'Whether the zone level of origin pulls is on.' });

export const ASSOCIATION = z
  .strictObject({
    hostname: HOST,
    cert_id: CERTIFICATE_ID,
    enabled: z.boolean().meta({ description: 'false is a veto: no certificate, whatever the zone says.' }),
    status: STATUS,
    created_at: TIME,
    updated_at: TIME,
    ...z
      .strictObject({
        ...CERTIFICATE_FACTS,
        cert_status: STATUS,
        cert_uploaded_on: TIME,
        cert_updated_at: TIME,
      })
      .partial().shape,
  })
  .meta({ id: 'Association', description: 'What a hostname presents, with the facts of the certificate it names.' });

/** What a hostname presents, with the facts of the certificate it names. */
export function associationView(association: Association, zone: Zone, progress: Progress): View<typeof ASSOCIATION> {
  const certificate = zone.certificates.get(association.certificate);
  const wish = { kind: 'deploy', at: association.updatedAt, revision: association.revision } as const;
  return {
    hostname: association.hostname,
    cert_id: association.certificate,
    enabled: association.kind === 'present',
    status: deploymentStatus(wish, progress.applied, progress.now),
    created_at: moment(association.createdAt),
    updated_at: moment(association.updatedAt),
    ...(certificate === undefined ? {} : associatedCertificate(certificate, progress)),
  };
}

/** What came of one wish of a bulk association: one that was given back to the zone has no association any more. */
export const ASSOCIATION_OUTCOME = z
  .union([
    ASSOCIATION,
    z.strictObject({
      // Terraform looks for the very text that it sent.
      hostname: z.string().meta({ description: 'As it was sent.', examples: ['www.example.test'] }),
      cert_id: CERTIFICATE_ID,
      enabled: z.null(),
      status: z.enum(['deleted', 'pending_deletion']),
    }),
  ])
  .meta({ id: 'AssociationOutcome', description: 'An association, or that it was given back to the zone.' });

function associatedCertificate(certificate: ClientCertificate, { applied, now }: Progress) {
  return {
    ...certificateFacts(certificate),
    cert_status: deploymentStatus(certificate.wish, applied, now),
    cert_uploaded_on: moment(certificate.uploadedAt),
    cert_updated_at: moment(certificate.wish.at),
  };
}

export const TRUSTED_CA = z
  .strictObject({
    id: CERTIFICATE_ID,
    certificate: CERTIFICATE_PEM,
    expires_on: SECOND,
    subject: CERTIFICATE_FACTS.issuer,
    issuer: CERTIFICATE_FACTS.issuer,
    fingerprint: SHA256,
    signature: CERTIFICATE_FACTS.signature,
    status: z.enum(['active', 'expired']),
    updated_at: TIME,
    uploaded_on: TIME,
  })
  .meta({ id: 'TrustedCa', description: "A CA that strict verification of the zone's origins trusts." });

/** A CA that this zone's origins are verified against. */
export function trustedCaView(ca: TrustedCa, now: Instant): View<typeof TRUSTED_CA> {
  return {
    id: ca.id,
    certificate: ca.sent,
    expires_on: second(ca.certificate.notAfter),
    subject: ca.certificate.subject,
    issuer: ca.certificate.issuer,
    fingerprint: ca.certificate.fingerprint,
    signature: signatureName(ca.certificate),
    status: now > ca.certificate.notAfter ? 'expired' : 'active',
    updated_at: moment(ca.uploadedAt),
    uploaded_on: moment(ca.uploadedAt),
  };
}

/** A serial number as Cloudflare's API writes it. */
export function decimalSerial({ serial }: X509Facts): string {
  return BigInt(`0x${serial}`).toString();
}

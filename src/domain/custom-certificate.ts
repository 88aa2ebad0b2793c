import type { X509Facts } from './certificate.ts';
import type { CertificateId, Instant, Revision } from './ids.ts';
import type { Zone } from './zone.ts';

/** How Cloudflare would complete a chain. Kept and echoed; here the issuers are sent as they were uploaded. */
export const BUNDLE_METHODS = ['ubiquitous', 'optimal', 'force'] as const;
/** At Cloudflare whether visitors without SNI are served as well; `legacy_custom` outranks `sni_custom`. */
export const CUSTOM_TYPES = ['legacy_custom', 'sni_custom'] as const;

/** A server certificate that an owner brought for the visitors of a zone. Its key is in the vault under the same id. */
export interface CustomCertificate {
  readonly id: CertificateId;
  readonly leaf: X509Facts;
  /** The issuers that came along, nearest first. */
  readonly chain: readonly X509Facts[];
  readonly sent: string;
  readonly bundleMethod: (typeof BUNDLE_METHODS)[number];
  readonly type: (typeof CUSTOM_TYPES)[number];
  /** Where several hold a name, the higher number is shown. */
  readonly priority: number;
  readonly uploadedAt: Instant;
  readonly modifiedAt: Instant;
  /** The revision that put its present form in force; its status is derived from that. */
  readonly revision: Revision;
}

/** The ids of a zone's certificates in the order in which edges prefer them. */
export function preferredFirst({ customCertificates }: Zone): readonly CertificateId[] {
  return [...customCertificates.values()].toSorted(outranks).map(({ id }) => id);
}

function outranks(a: CustomCertificate, b: CustomCertificate): number {
  if (a.type !== b.type) return a.type === 'legacy_custom' ? -1 : 1;
  return b.priority - a.priority || b.revision - a.revision;
}

/** What the API calls the state of a certificate, from what the edges acknowledged. */
export function customStatus(
  { leaf, revision }: CustomCertificate,
  applied: Revision,
  now: Instant,
): 'active' | 'pending' | 'expired' {
  if (now > leaf.notAfter) return 'expired';
  return applied >= revision ? 'active' : 'pending';
}

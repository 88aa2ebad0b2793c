import type { CertificateId, Fingerprint, Instant, Revision } from './ids.ts';

/** What a certificate says of itself. Facts only: never a key. */
export interface X509Facts {
  readonly fingerprint: Fingerprint;
  /** Distinguished name on one line, as Node prints it, joined by `, `. */
  readonly subject: string;
  readonly issuer: string;
  /** Lower-case hex without leading zeros. */
  readonly serial: string;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  readonly isCa: boolean;
  /** `null` when the extension is absent (RFC 5280 §4.2.1.3). */
  readonly keyUsage: readonly string[] | null;
  /** Short names (`clientAuth`) or OIDs; `null` when the extension is absent (RFC 5280 §4.2.1.12). */
  readonly extendedKeyUsage: readonly string[] | null;
  readonly dnsNames: readonly string[];
  readonly uris: readonly string[];
  /** `ec:P-256`, `rsa:2048`, `ed25519` … */
  readonly keyType: string;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly spki: string;
  readonly pem: string;
}

/** Which setting decides: a hostname's own beats its zone's, the zone's beats the installation's. */
export type Level = 'hostname' | 'zone' | 'global';

/**
 * A client certificate that the edge may present, by its facts. The key travels apart, by id: naming an identity is
 * safe in a log, a snapshot or an API answer.
 */
export interface Identity {
  readonly certificate: CertificateId;
  readonly fingerprint: Fingerprint;
  readonly notAfter: Instant;
}

/** A certificate that a zone holds: made by its own authority, or brought by its owner. Never changed, only replaced. */
export interface ClientCertificate {
  readonly id: CertificateId;
  readonly level: 'zone' | 'hostname';
  readonly source: 'managed' | 'uploaded';
  readonly leaf: X509Facts;
  readonly chain: readonly X509Facts[];
  /** The PEM exactly as it was sent, for clients compare byte for byte; `null` where it is what `chainPem` writes. */
  readonly sent: string | null;
  readonly uploadedAt: Instant;
  readonly wish: Wish;
}

/** What its owner wants done with a certificate, since which revision. The status that people see is derived from it. */
export type Wish =
  | { readonly kind: 'deploy'; readonly at: Instant; readonly revision: Revision }
  | { readonly kind: 'delete'; readonly at: Instant; readonly revision: Revision };

/** The identity of a certificate. */
export function identityOf(certificate: ClientCertificate): Identity {
  const { fingerprint, notAfter } = certificate.leaf;
  return { certificate: certificate.id, fingerprint, notAfter };
}

/** PEM as TLS sends it: leaf first, then its issuers. */
export function chainPem(leaf: X509Facts, chain: readonly X509Facts[]): string {
  return [leaf, ...chain].map(({ pem }) => pem).join('');
}

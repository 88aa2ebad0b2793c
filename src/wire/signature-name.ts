import { X509Certificate } from 'node:crypto';
import type { X509Facts } from '../domain/certificate.ts';

/** Names as Go's x509 package and cfssl write them, which is what Cloudflare's API answers with. */
const NAMES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'MD5WithRSA',
  '1.2.840.113549.1.1.5': 'SHA1WithRSA',
  '1.2.840.113549.1.1.10': 'SHA256WithRSAPSS',
  '1.2.840.113549.1.1.11': 'SHA256WithRSA',
  '1.2.840.113549.1.1.12': 'SHA384WithRSA',
  '1.2.840.113549.1.1.13': 'SHA512WithRSA',
  '1.2.840.10045.4.1': 'ECDSAWithSHA1',
  '1.2.840.10045.4.3.2': 'ECDSAWithSHA256',
  '1.2.840.10045.4.3.3': 'ECDSAWithSHA384',
  '1.2.840.10045.4.3.4': 'ECDSAWithSHA512',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
};

// Lists show the same certificates again and again; the facts never change.
const known = new WeakMap<X509Facts, string>();

/** The signature algorithm of a certificate by its usual name; the OID where it has none. */
export function signatureName(certificate: X509Facts): string {
  const found = known.get(certificate);
  if (found !== undefined) return found;
  const { signatureAlgorithmOid } = new X509Certificate(certificate.pem);
  const name = NAMES[signatureAlgorithmOid] ?? signatureAlgorithmOid;
  known.set(certificate, name);
  return name;
}

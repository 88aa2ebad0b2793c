/** Object identifiers of RFC 5280 and the names by which people know them. */

export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  authorityKeyIdentifier: '2.5.29.35',
  authorityInformationAccess: '1.3.6.1.5.5.7.1.1',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** RFC 5280 §4.2.2.1, RFC 6960 §4.2.1 and §4.4.1. */
export const OCSP_ACCESS = '1.3.6.1.5.5.7.48.1';
export const OCSP_BASIC = '1.3.6.1.5.5.7.48.1.1';
export const OCSP_NONCE = '1.3.6.1.5.5.7.48.1.2';

/** In the order of their bits (RFC 5280 §4.2.1.3). */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsage = (typeof KEY_USAGES)[number];

const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  anyExtendedKeyUsage: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
  documentSigning: '1.3.6.1.5.5.7.3.36',
};
const SHORT_NAMES = new Map(Object.entries(EXTENDED_KEY_USAGES).map(([name, dotted]) => [dotted, name]));

/** `clientAuth` → its OID; an OID stays as it is. */
export function extendedKeyUsageOid(name: string): string {
  return EXTENDED_KEY_USAGES[name] ?? name;
}

/** An OID → `clientAuth`, or the OID itself where it has no short name here. */
export function extendedKeyUsageName(dotted: string): string {
  return SHORT_NAMES.get(dotted) ?? dotted;
}

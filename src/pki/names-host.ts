import type { X509Certificate } from 'node:crypto';
import type { Hostname } from '../domain/ids.ts';

// RFC 9525 §6.3: a wildcard is a whole label and stands for exactly one; a common name says nothing.
const NAME_CHECK = { subject: 'never', partialWildcards: false, multiLabelWildcards: false } as const;

/** Whether a server that shows this certificate may say to be this host. */
export function namesHost(certificate: X509Certificate, host: Hostname): boolean {
  return certificate.checkHost(host, NAME_CHECK) !== undefined;
}

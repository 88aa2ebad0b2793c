/** Trust bundles: the file that an origin installs to know whose pulls to accept. */

import { createHash } from 'node:crypto';
import type { X509Facts } from '../domain/certificate.ts';
import type { Fingerprint } from '../domain/ids.ts';
import { isPrivateLabel } from './keys.ts';
import { readPem } from './pem.ts';
import { PkiError } from './pki-error.ts';
import { loadCertificates } from './read.ts';

/**
 * The bundle as PEM, each certificate under a comment that says which it is. The same certificates always give the same
 * text, so that its hash can serve as ETag.
 */
export function writeBundle(certificates: readonly X509Facts[]): string {
  return certificates.map((certificate) => `${commentFor(certificate)}${certificate.pem}`).join('\n');
}

/**
 * The CAs of a bundle, duplicates dropped. Throws `PkiError` for an empty text, for anything that is not a CA
 * certificate, and for a private key: a bundle is public. An origin keeps its last good bundle then.
 */
export function readBundle(text: string): readonly X509Facts[] {
  const key = readPem(text).findIndex(({ label }) => isPrivateLabel(label));
  if (key >= 0) throw new PkiError('bundle_private_key', '', key + 1);
  const found = new Map<Fingerprint, X509Facts>();
  for (const [index, certificate] of loadCertificates(text).entries()) {
    if (!certificate.isCa) throw new PkiError('bundle_not_a_ca', certificate.subject, index + 1);
    found.set(certificate.fingerprint, certificate);
  }
  return [...found.values()];
}

/** SHA-256 of the text in UTF-8, lower-case hex: the bundle's ETag, and what `sha256sum` prints. */
export function bundleSha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function commentFor({ subject, fingerprint, notAfter }: X509Facts): string {
  const until = new Date(notAfter).toISOString().slice(0, 10);
  return `# ${subject}\n# SHA-256 ${fingerprint}\n# valid until ${until}\n`;
}

import { createHash, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import type { X509Facts } from '../../domain/certificate.ts';

/** Files in which systems keep the authorities of the web. */
const SYSTEM_BUNDLES: ReadonlySet<string> = new Set([
  '/etc/ssl/certs',
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/ssl/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/etc/pki/tls/cert.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/usr/local/share/certs/ca-root-nss.crt',
]);

/** Whether a path is where a system keeps the authorities of the web, whatever it holds today. */
export function isSystemBundle(path: string): boolean {
  return SYSTEM_BUNDLES.has(path.replace(/\/$/, ''));
}

/** Whether browsers trust its key, or a name that they trust issued it. */
export function isPublicAuthority({ spki, issuer }: X509Facts): boolean {
  const { keys, names } = roots();
  return keys.has(spki) || names.has(issuer);
}

interface Roots {
  readonly keys: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

// The same list as browsers', as this Node has it. Read when first needed: it takes some 20 ms.
const roots = once((): Roots => {
  const read = rootCertificates.map((pem) => new X509Certificate(pem));
  return {
    keys: new Set(read.map(({ publicKey }) => sha256(publicKey.export({ type: 'spki', format: 'der' })))),
    // As `X509Facts` writes names.
    names: new Set(read.map(({ subject }) => subject.replaceAll('\n', ', '))),
  };
});

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

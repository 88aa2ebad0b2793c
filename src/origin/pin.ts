import { createHash, X509Certificate } from 'node:crypto';

/** One certificate that a shared lock accepts, in the two forms in which servers can compare it. Lower-case hex. */
export interface Pin {
  /** SHA-1 of the DER: nginx's `$ssl_client_fingerprint`, the only one it has. */
  readonly derSha1: string;
  /** SHA-1 of the PEM text as OpenSSL writes it: Apache can hash `SSL_CLIENT_CERT`, but has no fingerprint. */
  readonly pemSha1: string;
  /** SHA-256 of the DER, for people. */
  readonly derSha256: string;
}

/** The pin of a certificate in PEM, or `null` when the text holds none. Only the first certificate counts. */
export function pinOf(pem: string): Pin | null {
  const certificate = readCertificate(pem);
  if (certificate === null) return null;
  const hash = (algorithm: 'sha1' | 'sha256', data: string | Buffer) =>
    createHash(algorithm).update(data).digest('hex');
  return {
    derSha1: hash('sha1', certificate.raw),
    pemSha1: hash('sha1', certificate.toString()),
    derSha256: hash('sha256', certificate.raw),
  };
}

function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

/** A client certificate in a header field, from whoever verified it in the handshake (RFC 9440 §2.1). */

import { readPem } from '../pki/pem.ts';
import { PkiError } from '../pki/pki-error.ts';

/** RFC 9440's name. */
export const CLIENT_CERT = 'Client-Cert';

// Node takes 16 KiB for all fields together.
const MOST_CHARACTERS = 12_000;
// RFC 8941 §3.3.5, without the parameters that Client-Cert does not have.
const BYTE_SEQUENCE = /^:((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?):$/;

/** The value that says which certificate was shown. */
export function clientCertField(der: Uint8Array): string {
  return `:${Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64')}:`;
}

/**
 * The certificate's bytes; `null` for anything else. Besides RFC 9440's form that of nginx (`$ssl_client_escaped_cert`, PEM
 * with its odd characters escaped), since nginx cannot write the other.
 */
export function readClientCert(value: string): Buffer | null {
  if (value.length > MOST_CHARACTERS) return null;
  const [, base64] = BYTE_SEQUENCE.exec(value) ?? [];
  if (base64 !== undefined) return base64 === '' ? null : Buffer.from(base64, 'base64');
  return value.startsWith('-----BEGIN%20CERTIFICATE-----') ? readEscaped(value) : null;
}

function readEscaped(value: string): Buffer | null {
  try {
    const [block, ...others] = readPem(decodeURIComponent(value));
    return block?.label === 'CERTIFICATE' && others.length === 0 ? block.der : null;
  } catch (error) {
    if (error instanceof PkiError || error instanceof URIError) return null;
    throw error;
  }
}

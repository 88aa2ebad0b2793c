import { expectTag, members, readDer, TAG } from '../../pki/der-read.ts';

// [15] EXPLICIT, the twelfth or so member of what OpenSSL writes of a session (i2d_SSL_SESSION).
const MAX_EARLY_DATA = 0xaf;

/**
 * Whether the ticket in a session allows early data (RFC 8446 §4.6.1). Node's API does not say, but what it hands out as a
 * session is OpenSSL's own structure in DER; `null` where that cannot be read.
 */
export function allowsEarlyData(session: Uint8Array): boolean | null {
  try {
    const found = members(expectTag(readDer(session), TAG.sequence)).find(({ tag }) => tag === MAX_EARLY_DATA);
    const [bytes] = found === undefined ? [] : members(found);
    return bytes !== undefined && readEarlyData(bytes.body) > 0;
  } catch {
    return null;
  }
}

function readEarlyData(body: Buffer): number {
  // Up to 0xffffffff, which takes a fifth octet.
  return body.length > 0 && body.length <= 5 ? body.readUIntBE(0, body.length) : 0;
}

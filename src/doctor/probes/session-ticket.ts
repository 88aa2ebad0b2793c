import { expectTag, members, readDer, TAG } from '../../pki/der-read.ts';

// What newer versions of Node put before a session: this, the octets of a length, and the name of the server. They pass over
// a session that was made under another name.
const WRAPPED = Buffer.from('\0nodejs:tls:session:1\0', 'latin1');
const SEQUENCE = 0x30;

/**
 * The session as OpenSSL writes it (i2d_SSL_SESSION), without what Node says of its name: that is what must be free to
 * differ. Null for something else.
 */
export function rawSession(given: Buffer): Buffer | null {
  if (given[0] === SEQUENCE) return given;
  const end = WRAPPED.length + 2;
  if (given.length < end || !given.subarray(0, WRAPPED.length).equals(WRAPPED)) return null;
  const raw = given.subarray(end + given.readUInt16BE(WRAPPED.length));
  return raw[0] === SEQUENCE ? raw : null;
}

// [15] EXPLICIT, the twelfth or so member of what OpenSSL writes of a session (i2d_SSL_SESSION).
const MAX_EARLY_DATA = 0xaf;

/**
 * Whether the ticket in a session allows early data (RFC 8446 §4.6.1). Node's API does not say, but it hands out
 * OpenSSL's own structure in DER; `null` where that cannot be read.
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

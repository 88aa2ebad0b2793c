import { createDecipheriv, createHmac } from 'node:crypto';

/** One record of TLS (RFC 8446 §5.1) as it came. */
export interface TlsRecord {
  readonly type: number;
  /** Type, version and length as they came: what authenticated encryption covers besides the content (§5.2). */
  readonly head: Buffer;
  readonly content: Buffer;
}

export const RECORD = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

const HEAD = 5;
// RFC 8446 §5.2: 2^14 octets, and 256 for what encryption adds.
const MAX_RECORD = 16_384 + 256;

/** The whole records at the beginning of the bytes; it stops where something else begins. */
export function* records(bytes: Buffer): Generator<TlsRecord> {
  for (let at = 0; at + HEAD <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 3);
    const type = bytes[at] ?? 0;
    const end = at + HEAD + length;
    if (type < RECORD.changeCipherSpec || type > RECORD.applicationData || length > MAX_RECORD || end > bytes.length)
      return;
    yield { type, head: bytes.subarray(at, at + HEAD), content: bytes.subarray(at + HEAD, end) };
    at = end;
  }
}

/** One message of a handshake (RFC 8446 §4). */
export interface HandshakeMessage {
  readonly type: number;
  readonly body: Buffer;
}

/** The whole messages at the beginning of the bytes of several records, which may cut them anywhere. */
export function* messages(bytes: Buffer): Generator<HandshakeMessage> {
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUIntBE(at + 1, 3);
    if (end > bytes.length) return;
    yield { type: bytes[at] ?? 0, body: bytes.subarray(at + 4, end) };
    at = end;
  }
}

interface Cipher {
  readonly name: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
  readonly keyBytes: number;
  readonly hash: 'sha256' | 'sha384';
}

// RFC 8446 appendix B.4; the suites with CCM are offered by nobody who connects with Node.
const SUITES: ReadonlyMap<number, Cipher> = new Map([
  [0x1301, { name: 'aes-128-gcm', keyBytes: 16, hash: 'sha256' }],
  [0x1302, { name: 'aes-256-gcm', keyBytes: 32, hash: 'sha384' }],
  [0x1303, { name: 'chacha20-poly1305', keyBytes: 32, hash: 'sha256' }],
]);

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Opens the records that a server protects with one secret, in their order (RFC 8446 §5.2, §7.3). */
export class RecordOpener {
  readonly #cipher: Cipher;
  readonly #key: Buffer;
  readonly #iv: Buffer;
  #sequence = 0n;

  private constructor(cipher: Cipher, secret: Buffer) {
    this.#cipher = cipher;
    this.#key = expandLabel(cipher.hash, secret, 'key', cipher.keyBytes);
    this.#iv = expandLabel(cipher.hash, secret, 'iv', IV_BYTES);
  }

  /** Null for a suite that is not known. */
  static of(suite: number, secret: Buffer): RecordOpener | null {
    const cipher = SUITES.get(suite);
    return cipher === undefined ? null : new RecordOpener(cipher, secret);
  }

  /** What is inside, with its true type; null where it was protected with another key, or tampered with. */
  open({ head, content }: TlsRecord): { readonly type: number; readonly content: Buffer } | null {
    const end = content.length - TAG_BYTES;
    if (end < 1) return null;
    const nonce = Buffer.from(this.#iv);
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(IV_BYTES - 8) ^ this.#sequence, IV_BYTES - 8);
    const cipher = { key: this.#key, nonce, head, sealed: content.subarray(0, end), tag: content.subarray(end) };
    const inner = unsealed(this.#cipher.name, cipher);
    if (inner === null) return null;
    this.#sequence += 1n;
    // §5.4: the type is the last octet that is not padding.
    let last = inner.length - 1;
    while (last >= 0 && inner[last] === 0) last -= 1;
    return last < 0 ? null : { type: inner[last] ?? 0, content: inner.subarray(0, last) };
  }
}

interface Sealed {
  readonly key: Buffer;
  readonly nonce: Buffer;
  readonly head: Buffer;
  readonly sealed: Buffer;
  readonly tag: Buffer;
}

function unsealed(name: Cipher['name'], { key, nonce, head, sealed, tag }: Sealed): Buffer | null {
  try {
    // One name at a time: Node types what each can do.
    const options = { authTagLength: TAG_BYTES } as const;
    const decipher =
      name === 'chacha20-poly1305'
        ? createDecipheriv(name, key, nonce, options).setAAD(head, { plaintextLength: sealed.length })
        : createDecipheriv(name, key, nonce, options).setAAD(head);
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch {
    return null;
  }
}

/** RFC 8446 §7.1, for up to 32 octets: one block of HKDF-Expand (RFC 5869 §2.3) is enough. */
function expandLabel(hash: Cipher['hash'], secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([Buffer.of(0, length, name.length), name, Buffer.of(0)]);
  return createHmac(hash, secret).update(info).update(Buffer.of(1)).digest().subarray(0, length);
}

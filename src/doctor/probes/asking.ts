import { DerError } from '../../pki/der-read.ts';
import { nameText } from '../../pki/name-text.ts';
import type { Asking } from '../observation.ts';
import { messages, RECORD, RecordOpener, records, type TlsRecord } from './tls-records.ts';

/** What the first flight of a server says: which version, and whether it asks for a certificate. */
export interface Flight {
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  /** Null where the flight broke off before that was to be seen, and where a session is resumed. */
  readonly asks: Asking | null;
  /** The names of the authorities in DER, as many as were read. */
  readonly names: readonly Buffer[];
}

/** Bytes of a flight that are looked at. */
export const MAX_FLIGHT = 262_144;
/** No server cuts its flight into more; each is another pass over what is there. */
const MAX_RECORDS = 1_000;
const MAX_NAMES = 1_000;
/** Names that are told. */
const MAX_TOLD = 20;

const MESSAGE = { serverHello: 2, certificate: 11, certificateRequest: 13, serverHelloDone: 14, finished: 20 } as const;
const EXTENSION = { signatureAlgorithms: 13, preSharedKey: 41, supportedVersions: 43, authorities: 47 } as const;
const TLS_1_2 = 0x0303;
const TLS_1_3 = 0x0304;

// RFC 8446 §4.1.3: what looks like a ServerHello with this for its random asks for another ClientHello.
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

/**
 * Reads what a server sent until it was through. In TLS 1.2 that is in the clear; in 1.3 `secret` opens it, the
 * SERVER_HANDSHAKE_TRAFFIC_SECRET of the connection (RFC 8446 §7.1). Null for bytes in which no version can be found.
 */
export function readFlight(heard: Buffer, secret: Buffer | null): Flight | null {
  const reader = new FlightReader(secret);
  let taken = 0;
  for (const record of records(heard)) {
    taken += 1;
    if (taken > MAX_RECORDS || reader.take(record)) break;
  }
  return reader.flight;
}

class FlightReader {
  readonly #secret: Buffer | null;
  #clear: Buffer[] = [];
  #hello: ServerHello | null = null;
  #opener: RecordOpener | null = null;
  #opened: Buffer[] = [];
  #asked: Omit<Flight, 'version'> | null = null;

  constructor(secret: Buffer | null) {
    this.#secret = secret;
  }

  get flight(): Flight | null {
    if (this.#hello === null) return null;
    return { version: this.#hello.version, ...(this.#asked ?? { asks: null, names: [] }) };
  }

  /** True once nothing more can be learned. */
  take(record: TlsRecord): boolean {
    if (record.type === RECORD.handshake && this.#opener === null) {
      this.#clear.push(record.content);
      return this.#readClear();
    }
    if (record.type !== RECORD.applicationData || this.#opener === null) {
      // In TLS 1.2 everything after this is encrypted (RFC 5246 §7.1); in 1.3 it says nothing (RFC 8446 §5).
      return record.type === RECORD.changeCipherSpec && this.#hello?.version === 'TLSv1.2';
    }
    const inner = this.#opener.open(record);
    if (inner === null) return true;
    if (inner.type === RECORD.handshake) this.#opened.push(inner.content);
    return this.#readOpened();
  }

  #readClear(): boolean {
    for (const { type, body } of messages(Buffer.concat(this.#clear))) {
      if (type === MESSAGE.serverHello) {
        const hello = readServerHello(body);
        if (hello === null) return true;
        if (hello === 'retry') continue;
        this.#hello = hello;
        if (hello.version === 'TLSv1.3') return this.#openWith(hello);
      } else if (type === MESSAGE.certificateRequest) {
        this.#asked = readRequest12(body);
        return true;
      } else if (type === MESSAGE.serverHelloDone) {
        this.#asked = NOTHING;
        return true;
      }
    }
    return false;
  }

  #openWith({ suite }: ServerHello): boolean {
    this.#opener = this.#secret === null ? null : RecordOpener.of(suite, this.#secret);
    return this.#opener === null;
  }

  #readOpened(): boolean {
    for (const { type, body } of messages(Buffer.concat(this.#opened))) {
      if (type === MESSAGE.certificateRequest) {
        this.#asked = readRequest13(body);
        return true;
      }
      // RFC 8446 §4.4: the request comes before the certificate, and never where a session is resumed.
      if (type === MESSAGE.certificate || type === MESSAGE.finished) {
        this.#asked = type === MESSAGE.certificate ? NOTHING : null;
        return true;
      }
    }
    return false;
  }
}

const NOTHING: Omit<Flight, 'version'> = { asks: { kind: 'nothing' }, names: [] };

interface ServerHello {
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  readonly suite: number;
}

function readServerHello(body: Buffer): ServerHello | 'retry' | null {
  const at = new Cursor(body);
  const legacy = at.number(2);
  const random = at.bytes(32);
  at.vector(1);
  const suite = at.number(2);
  at.bytes(1);
  const versions = extensions(at.rest() === 0 ? Buffer.alloc(0) : at.vector(2)).get(EXTENSION.supportedVersions);
  if (!at.sound) return null;
  if (random.equals(RETRY)) return 'retry';
  if (versions !== undefined)
    return versions.length === 2 && versions.readUInt16BE() === TLS_1_3 ? { version: 'TLSv1.3', suite } : null;
  return legacy === TLS_1_2 ? { version: 'TLSv1.2', suite } : null;
}

/** RFC 5246 §7.4.4. */
function readRequest12(body: Buffer): Omit<Flight, 'version'> {
  const at = new Cursor(body);
  at.vector(1);
  const schemes = at.vector(2);
  const names = at.vector(2);
  return asking(schemes, names);
}

/** RFC 8446 §4.3.2, §4.2.4. */
function readRequest13(body: Buffer): Omit<Flight, 'version'> {
  const at = new Cursor(body);
  at.vector(1);
  const found = extensions(at.vector(2));
  return asking(
    new Cursor(found.get(EXTENSION.signatureAlgorithms) ?? Buffer.alloc(0)).vector(2),
    new Cursor(found.get(EXTENSION.authorities) ?? Buffer.alloc(0)).vector(2),
  );
}

function asking(schemes: Buffer, authorities: Buffer): Omit<Flight, 'version'> {
  const at = new Cursor(authorities);
  const names: Buffer[] = [];
  while (at.sound && at.rest() > 0 && names.length < MAX_NAMES) names.push(at.vector(2));
  const told = names.slice(0, MAX_TOLD).map(nameOrHex);
  const numbers = Array.from({ length: Math.min(MAX_SCHEMES, schemes.length >> 1) }, (_none, index) =>
    schemes.readUInt16BE(2 * index),
  );
  return {
    asks: { kind: 'certificate', authorities: told, count: names.length, schemes: numbers.map(schemeName) },
    names,
  };
}

const MAX_HEX = 60;

function nameOrHex(der: Buffer): string {
  try {
    return nameText(der);
  } catch (error) {
    if (error instanceof DerError) return `#${der.toString('hex', 0, MAX_HEX)}`;
    throw error;
  }
}

const MAX_SCHEMES = 64;

// RFC 8446 §4.2.3 and what IANA has added, and those of RFC 5246 §7.4.1.4.1 that are still to be seen.
const SCHEMES: ReadonlyMap<number, string> = new Map([
  [0x0401, 'rsa_pkcs1_sha256'],
  [0x0501, 'rsa_pkcs1_sha384'],
  [0x0601, 'rsa_pkcs1_sha512'],
  [0x0403, 'ecdsa_secp256r1_sha256'],
  [0x0503, 'ecdsa_secp384r1_sha384'],
  [0x0603, 'ecdsa_secp521r1_sha512'],
  [0x0804, 'rsa_pss_rsae_sha256'],
  [0x0805, 'rsa_pss_rsae_sha384'],
  [0x0806, 'rsa_pss_rsae_sha512'],
  [0x0807, 'ed25519'],
  [0x0808, 'ed448'],
  [0x0809, 'rsa_pss_pss_sha256'],
  [0x080a, 'rsa_pss_pss_sha384'],
  [0x080b, 'rsa_pss_pss_sha512'],
  [0x081a, 'ecdsa_brainpoolP256r1tls13_sha256'],
  [0x081b, 'ecdsa_brainpoolP384r1tls13_sha384'],
  [0x081c, 'ecdsa_brainpoolP512r1tls13_sha512'],
  [0x0904, 'mldsa44'],
  [0x0905, 'mldsa65'],
  [0x0906, 'mldsa87'],
  [0x0201, 'rsa_pkcs1_sha1'],
  [0x0203, 'ecdsa_sha1'],
  [0x0301, 'rsa_pkcs1_sha224'],
  [0x0303, 'ecdsa_sha224'],
  [0x0202, 'dsa_sha1'],
  [0x0302, 'dsa_sha224'],
  [0x0402, 'dsa_sha256'],
  [0x0502, 'dsa_sha384'],
  [0x0602, 'dsa_sha512'],
]);

function schemeName(scheme: number): string {
  return SCHEMES.get(scheme) ?? `0x${scheme.toString(16).padStart(4, '0')}`;
}

const MAX_EXTENSIONS = 64;

function extensions(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  const at = new Cursor(bytes);
  while (at.sound && at.rest() > 0 && found.size < MAX_EXTENSIONS) {
    const type = at.number(2);
    const value = at.vector(2);
    if (at.sound) found.set(type, value);
  }
  return found;
}

/** Takes fields from the front of some bytes. Beyond their end it gives emptiness, and is not sound any more. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;
  sound = true;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  rest(): number {
    return this.#bytes.length - this.#at;
  }

  number(octets: number): number {
    const taken = this.bytes(octets);
    return taken.length === 0 ? 0 : taken.readUIntBE(0, octets);
  }

  bytes(count: number): Buffer {
    if (count > this.rest()) {
      this.sound = false;
      this.#at = this.#bytes.length;
      return Buffer.alloc(0);
    }
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** What follows a length of so many octets (RFC 8446 §3.4). */
  vector(octets: number): Buffer {
    return this.bytes(this.number(octets));
  }
}

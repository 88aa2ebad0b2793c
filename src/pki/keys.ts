/** Private keys: made, read, written, and compared with certificates. */

import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { X509Facts } from '../domain/certificate.ts';
import { bitString, contextConstructed, integer, octetString, oid, sequence } from './der.ts';
import { readPem, writePem } from './pem.ts';
import { PkiError } from './pki-error.ts';
import { Secret } from './secret.ts';

/** A private key as PKCS#8 PEM. A bare `new Secret(pem)` will do for a key that `importKey` has seen before. */
export type PrivateKey = Secret<string>;

/** The keys that the product makes itself. */
export const KEY_TYPES = ['ec:P-256', 'ec:P-384', 'rsa:2048', 'rsa:3072', 'rsa:4096'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

const generate = promisify(generateKeyPair);

// An authority signs many certificates with one key, and parsing it takes longer than signing.
const handles = new WeakMap<PrivateKey, KeyObject>();
/** SubjectPublicKeyInfo, DER. */
const publicHalves = new WeakMap<PrivateKey, Buffer>();

// What Node calls a curve → what everybody else does (FIPS 186-5).
const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** A new key, made in the threadpool: RSA takes from 50 ms to seconds. P-256 takes less than the way there and back. */
export async function generateKey(type: KeyType = 'ec:P-256'): Promise<PrivateKey> {
  if (type === 'ec:P-256') return newP256Key();
  const [family, size = ''] = type.split(':');
  const { privateKey } =
    family === 'ec'
      ? await generate('ec', { namedCurve: size })
      : await generate('rsa', { modulusLength: Number(size), publicExponent: 0x10001 });
  const secret = pkcs8(privateKey);
  handles.set(secret, privateKey);
  return secret;
}

const EC_PUBLIC_KEY = '1.2.840.10045.2.1';
const P256_OCTETS = 32;
// RFC 5480 §2.1.1.
const P256 = sequence(oid(EC_PUBLIC_KEY), oid('1.2.840.10045.3.1.7'));
const P384 = sequence(oid(EC_PUBLIC_KEY), oid('1.3.132.0.34'));

/**
 * A key on P-256 and its texts, written from its numbers (RFC 5480 §2, RFC 5915 §3). OpenSSL's encoders take three times
 * what making the key takes, and a handle on it as long again, which counts where certificates are issued by the thousand.
 */
function newP256Key(): PrivateKey {
  const pair = createECDH('prime256v1');
  const point = pair.generateKeys();
  // Node leaves out leading zeros; RFC 5915 §3 wants all octets.
  const number = pair.getPrivateKey();
  const scalar = Buffer.alloc(P256_OCTETS);
  scalar.set(number, P256_OCTETS - number.length);
  const publicBits = bitString(point);
  const own = sequence(integer(1), octetString(scalar), contextConstructed(1, publicBits));
  const secret = new Secret(writePem('PRIVATE KEY', sequence(integer(0), P256, octetString(own))));
  publicHalves.set(secret, sequence(P256, publicBits));
  return secret;
}

/**
 * The one private key in a PEM text: PKCS#8, or the older EC and RSA forms. Other blocks (certificates, EC PARAMETERS)
 * are passed over. Throws `PkiError`, for an encrypted key too.
 */
export function importKey(pem: string): PrivateKey {
  const blocks = readPem(pem);
  const keys = blocks.filter(({ label }) => isPrivateLabel(label));
  const [key] = keys;
  if (key === undefined) throw new PkiError('key_missing');
  const block = blocks.indexOf(key) + 1;
  if (keys.length > 1) throw new PkiError('key_several');
  if (key.encrypted) throw new PkiError('key_encrypted', '', block);
  try {
    return pkcs8(createPrivateKey({ key: key.der, format: 'der', type: derType(key.label) }));
  } catch {
    // OpenSSL's own words name library functions, and might one day quote the key.
    throw new PkiError('key_unparsable', '', block);
  }
}

/** Node's handle on the key, for signing. Throws `PkiError` where the secret is no private key. */
export function keyObject(key: PrivateKey): KeyObject {
  const known = handles.get(key);
  if (known !== undefined) return known;
  try {
    const handle = createPrivateKey(key.reveal());
    handles.set(key, handle);
    return handle;
  } catch {
    throw new PkiError('key_unparsable');
  }
}

/** Whether the certificate was made for this key. */
export function keyMatches(key: PrivateKey, certificate: X509Facts): boolean {
  return createHash('sha256').update(publicSpki(key)).digest('hex') === certificate.spki;
}

/** The SubjectPublicKeyInfo of the key's public half, DER. */
export function publicSpki(key: PrivateKey): Buffer {
  const known = publicHalves.get(key);
  if (known !== undefined) return known;
  const spki = createPublicKey(keyObject(key)).export({ format: 'der', type: 'spki' });
  publicHalves.set(key, spki);
  return spki;
}

/** The same from the AlgorithmIdentifier of a public key; `null` where that does not tell. */
export function keyTypeOfAlgorithm(algorithm: Buffer): string | null {
  if (algorithm.equals(P256)) return 'ec:P-256';
  return algorithm.equals(P384) ? 'ec:P-384' : null;
}

// Asking OpenSSL for the details of a key takes as long as signing with it, and issuers sign by the thousand.
const keyTypes = new WeakMap<KeyObject, string>();

/** `ec:P-256`, `rsa:2048`, `ed25519` …: Node's words where there is no shorter one. */
export function keyTypeOf(key: KeyObject): string {
  const known = keyTypes.get(key);
  if (known !== undefined) return known;
  const type = askedKeyType(key);
  keyTypes.set(key, type);
  return type;
}

function askedKeyType(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const family = key.asymmetricKeyType ?? 'unknown';
  if (namedCurve !== undefined) return `${family}:${CURVES[namedCurve] ?? namedCurve}`;
  return modulusLength === undefined ? family : `${family}:${modulusLength}`;
}

/** Whether a PEM block of this label holds a private key. */
export function isPrivateLabel(label: string): boolean {
  return /(?:^| )PRIVATE KEY$/.test(label);
}

function pkcs8(privateKey: KeyObject): PrivateKey {
  return new Secret(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
}

function derType(label: string): 'pkcs8' | 'sec1' | 'pkcs1' {
  if (label === 'EC PRIVATE KEY') return 'sec1';
  return label === 'RSA PRIVATE KEY' ? 'pkcs1' : 'pkcs8';
}

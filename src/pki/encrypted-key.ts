/** Private keys under a passphrase: EncryptedPrivateKeyInfo (RFC 5958 §3) with PBES2 (RFC 8018 §6.2). */

import { createCipheriv, createDecipheriv, createPrivateKey, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { integer, nullValue, octetString, oid, sequence } from './der.ts';
import { type DerElement, DerError, expectTag, members, readDer, readOid, readSmallInteger, TAG } from './der-read.ts';
import { importKey, keyObject, type PrivateKey } from './keys.ts';
import { readPem, writePem } from './pem.ts';
import { PkiError } from './pki-error.ts';
import type { Secret } from './secret.ts';

const LABEL = 'ENCRYPTED PRIVATE KEY';
const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const AES_256_CBC = '2.16.840.1.101.3.4.1.42';
// Node's own export of keys takes 2048 rounds, which is no obstacle today: so the derivation is done here.
const ROUNDS = 600_000;
/** What others may have taken. More would keep a thread busy for a minute. */
const MOST_ROUNDS = 10_000_000;
const KEY_LENGTH = 32;
const BLOCK = 16;

const DIGESTS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
const HMAC_SHA256 = '1.2.840.113549.2.9';

const derive = promisify(pbkdf2);

/** The key as PKCS#8 in PEM under this passphrase. OpenSSL opens it: `openssl pkey -in FILE`. */
export async function encryptKey(key: PrivateKey, passphrase: Secret<string>): Promise<string> {
  const [salt, iv] = [randomBytes(16), randomBytes(BLOCK)];
  const derived = await derive(passphrase.reveal(), salt, ROUNDS, KEY_LENGTH, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', derived, iv);
  const plain = keyObject(key).export({ format: 'der', type: 'pkcs8' });
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  plain.fill(0);
  derived.fill(0);
  const derivation = sequence(octetString(salt), integer(ROUNDS), sequence(oid(HMAC_SHA256), nullValue()));
  const scheme = sequence(sequence(oid(PBKDF2), derivation), sequence(oid(AES_256_CBC), octetString(iv)));
  return writePem(LABEL, sequence(sequence(oid(PBES2), scheme), octetString(body)));
}

/** The key in such a text. Throws `PkiError` for another format, another passphrase, and anything else. */
export async function decryptKey(pem: string, passphrase: Secret<string>): Promise<PrivateKey> {
  const blocks = readPem(pem).filter(({ label }) => label === LABEL);
  const [block] = blocks;
  if (block === undefined) throw new PkiError('key_missing');
  if (blocks.length > 1) throw new PkiError('key_several');
  const sealed = readSealed(block.der);
  const derived = await derive(passphrase.reveal(), sealed.salt, sealed.rounds, KEY_LENGTH, sealed.digest);
  try {
    const cipher = createDecipheriv('aes-256-cbc', derived, sealed.iv);
    const der = Buffer.concat([cipher.update(sealed.body), cipher.final()]);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0);
    return importKey(key.export({ format: 'pem', type: 'pkcs8' }).toString());
  } catch {
    // Whether the passphrase or the text is wrong cannot be told: the padding is all that there is to see.
    throw new PkiError('key_not_opened');
  } finally {
    derived.fill(0);
  }
}

interface Sealed {
  readonly salt: Buffer;
  readonly rounds: number;
  readonly digest: string;
  readonly iv: Buffer;
  readonly body: Buffer;
}

function readSealed(der: Buffer): Sealed {
  try {
    const [algorithm, body] = exactly(readDer(der), 2);
    const [scheme, parameters] = exactly(algorithm, 2);
    if (readOid(scheme) !== PBES2) throw new DerError('not PBES2');
    const [derivation, encryption] = exactly(parameters, 2);
    const [cipher, iv] = exactly(encryption, 2);
    if (readOid(cipher) !== AES_256_CBC) throw new DerError('not AES-256-CBC');
    const start = expectTag(iv, TAG.octetString).body;
    if (start.length !== BLOCK) throw new DerError('bad initialisation vector');
    return { ...readDerivation(derivation), iv: start, body: expectTag(body, TAG.octetString).body };
  } catch (error) {
    if (error instanceof DerError) throw new PkiError('key_encryption_unknown', error.message);
    throw error;
  }
}

function readDerivation(element: DerElement | undefined): Pick<Sealed, 'salt' | 'rounds' | 'digest'> {
  const [name, parameters] = exactly(element, 2);
  if (readOid(name) !== PBKDF2) throw new DerError('not PBKDF2');
  const [salt, count, ...rest] = members(expectTag(parameters, TAG.sequence));
  const rounds = readSmallInteger(expectTag(count, TAG.integer));
  if (rounds < 1 || rounds > MOST_ROUNDS) throw new DerError('too many rounds');
  // RFC 8018 appendix A.2: a key length may come before the digest, and HMAC with SHA-1 is the default.
  const digest = rest.find(({ tag }) => tag === TAG.sequence);
  const known = digest === undefined ? 'sha1' : DIGESTS[readOid(members(digest)[0])];
  if (known === undefined) throw new DerError('another digest');
  return { salt: expectTag(salt, TAG.octetString).body, rounds, digest: known };
}

function exactly(element: DerElement | undefined, count: number): readonly DerElement[] {
  const found = members(expectTag(element, TAG.sequence));
  if (found.length !== count) throw new DerError('another number of members');
  return found;
}

/** Certificate revocation lists, read as far as their readers here need them (RFC 5280 §5). `isSignedBy` checks the signature. */

import { verify } from 'node:crypto';
import type { X509Facts } from '../domain/certificate.ts';
import type { Instant } from '../domain/ids.ts';
import { readExtensionList } from './certificate-der.ts';
import {
  type DerElement,
  DerError,
  expectTag,
  members,
  readBitString,
  readDer,
  readOid,
  readTime,
  TAG,
} from './der-read.ts';
import { keyIdentifier } from './extensions.ts';
import { EXTENSION } from './oids.ts';
import { PkiError } from './pki-error.ts';
import { reread } from './read.ts';
import { readSubjectKeyIdentifier } from './read-extensions.ts';

/** What a list says of itself. */
export interface CrlFacts {
  /** The name of the CA, DER in hexadecimal: compared octet for octet. */
  readonly issuer: string;
  /** Which of its keys signed, as the CA calls it (§5.2.1), in hexadecimal; `null` where the list does not say. */
  readonly key: string | null;
  readonly thisUpdate: Instant;
  /** `null` where it names no end, which RFC 5280 does not allow. */
  readonly nextUpdate: Instant | null;
  /** It grows with each list of a CA (§5.2.3); `null` where the list has none. */
  readonly number: bigint | null;
  /** How many certificates are revoked. */
  readonly revoked: number;
  /** The whole list. */
  readonly der: Buffer;
}

/** Of 100,000 entries a list has 4 MB. */
const MAX_BYTES = 16 * 1024 * 1024 - 1;
const MAX_ENTRIES = 1_000_000;
const LABEL = 'X509 CRL';
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\s([A-Za-z0-9+/=\s]+)-----END \1-----/g;

/**
 * The lists in a PEM text, at least one. Throws `PkiError` for other blocks, and for what cannot be read. Not by `readPem`,
 * which ends where lists begin to be large.
 */
export function loadCrls(pem: string): readonly CrlFacts[] {
  const blocks = [...pem.matchAll(BLOCK)];
  if (blocks.length === 0) throw new PkiError('pem_empty');
  if (blocks.length !== pem.match(/-----BEGIN /g)?.length) throw new PkiError('pem_unclosed');
  return blocks.map(([, label, base64 = ''], index) => {
    if (label !== LABEL) throw new PkiError('pem_unexpected_block', `${LABEL}, not ${label}`, index + 1);
    return readCrl(Buffer.from(base64, 'base64'), index + 1);
  });
}

/** Whether one of these lists is of that CA. By its key too: a CA that was replaced may have the same name. */
export function listedBy(lists: readonly CrlFacts[], ca: X509Facts): boolean {
  return lists.some(isListOf(ca));
}

/** Tells the lists of a CA from others. */
export function isListOf(ca: X509Facts): (list: Pick<CrlFacts, 'issuer' | 'key'>) => boolean {
  const { der } = reread(ca);
  const name = der.subject.toString('hex');
  const own = (readSubjectKeyIdentifier(der) ?? keyIdentifier(der.publicKeyBits)).toString('hex');
  return ({ issuer, key }) => issuer === name && (key ?? own) === own;
}

function readCrl(der: Buffer, block: number): CrlFacts {
  try {
    const [body, algorithm, signature] = members(expectTag(readDer(der, MAX_BYTES), TAG.sequence));
    expectTag(algorithm, TAG.sequence);
    readBitString(signature);
    const fields = [...members(expectTag(body, TAG.sequence))];
    if (fields[0]?.tag === TAG.integer) fields.shift();
    const [inner, issuer, thisUpdate, ...rest] = fields;
    expectTag(inner, TAG.sequence);
    const ends = rest[0]?.tag === TAG.utcTime || rest[0]?.tag === TAG.generalizedTime;
    const list = rest.find(({ tag }) => tag === TAG.sequence);
    const extensions = listExtensions(rest.find(({ tag }) => tag === 0xa0));
    return {
      issuer: expectTag(issuer, TAG.sequence).raw.toString('hex'),
      key: signingKey(extensions),
      number: listNumber(extensions),
      thisUpdate: readTime(thisUpdate),
      nextUpdate: ends ? readTime(rest[0]) : null,
      revoked: list === undefined ? 0 : members(list, MAX_ENTRIES).length,
      der,
    };
  } catch (error) {
    if (error instanceof DerError) throw new PkiError('crl_unparsable', error.message, block);
    throw error;
  }
}

type Extensions = ReturnType<typeof readExtensionList>;

function listExtensions(wrapper: DerElement | undefined): Extensions {
  if (wrapper === undefined) return new Map();
  const [list] = members(wrapper);
  return readExtensionList(expectTag(list, TAG.sequence));
}

function signingKey(extensions: Extensions): string | null {
  const identifier = extensions.get(EXTENSION.authorityKeyIdentifier);
  const key = identifier === undefined ? undefined : members(identifier.value).find(({ tag }) => tag === 0x80);
  return key?.body.toString('hex') ?? null;
}

// At most 20 octets, and never negative.
function listNumber(extensions: Extensions): bigint | null {
  const value = extensions.get(EXTENSION.crlNumber)?.value;
  if (value === undefined) return null;
  const { body } = expectTag(value, TAG.integer);
  const [first = 0x80] = body;
  if (body.length > 21 || first >= 0x80) throw new DerError('bad number of a list');
  return BigInt(`0x${body.toString('hex')}`);
}

// Node's names of the digests; Ed25519 brings its own.
const DIGESTS: Readonly<Record<string, string | null>> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.3.101.112': null,
};

/** Whether that CA has signed the list, with an algorithm that nobody forges (§5.1.1.3). */
export function isSignedBy({ der }: CrlFacts, ca: X509Facts): boolean {
  if (ca.keyUsage?.includes('cRLSign') === false) return false;
  try {
    const [body, algorithm, signature] = members(expectTag(readDer(der, MAX_BYTES), TAG.sequence));
    const digest = DIGESTS[readOid(members(expectTag(algorithm, TAG.sequence))[0])];
    if (digest === undefined) return false;
    const key = reread(ca).x509.publicKey;
    return verify(digest, expectTag(body, TAG.sequence).raw, key, readBitString(signature));
  } catch (error) {
    if (error instanceof DerError || error instanceof PkiError) return false;
    // Of a key of another kind than the algorithm.
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

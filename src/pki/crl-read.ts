/** Certificate revocation lists, read as far as their readers here need them (RFC 5280 §5). Signatures are not checked. */

import type { X509Facts } from '../domain/certificate.ts';
import type { Instant } from '../domain/ids.ts';
import { readExtensionList } from './certificate-der.ts';
import { type DerElement, DerError, expectTag, members, readBitString, readDer, readTime, TAG } from './der-read.ts';
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
  /** How many certificates are revoked. */
  readonly revoked: number;
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
  const { der } = reread(ca);
  const name = der.subject.toString('hex');
  const own = (readSubjectKeyIdentifier(der) ?? keyIdentifier(der.publicKeyBits)).toString('hex');
  return lists.some(({ issuer, key }) => issuer === name && (key ?? own) === own);
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
    return {
      issuer: expectTag(issuer, TAG.sequence).raw.toString('hex'),
      key: signingKey(rest.find(({ tag }) => tag === 0xa0)),
      thisUpdate: readTime(thisUpdate),
      nextUpdate: ends ? readTime(rest[0]) : null,
      revoked: list === undefined ? 0 : members(list, MAX_ENTRIES).length,
    };
  } catch (error) {
    if (error instanceof DerError) throw new PkiError('crl_unparsable', error.message, block);
    throw error;
  }
}

function signingKey(extensions: DerElement | undefined): string | null {
  if (extensions === undefined) return null;
  const [list] = members(extensions);
  const identifier = readExtensionList(expectTag(list, TAG.sequence)).get(EXTENSION.authorityKeyIdentifier);
  const key = identifier === undefined ? undefined : members(identifier.value).find(({ tag }) => tag === 0x80);
  return key?.body.toString('hex') ?? null;
}

/**
 * Certificate revocation lists, read as far as their readers here need them (RFC 5280 §5). Signatures are checked in
 * `revocation-lists.ts`.
 */

import type { X509Facts } from '../domain/certificate.ts';
import type { Instant } from '../domain/ids.ts';
import { type Extension, readExtensionList } from './certificate-der.ts';
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

/** A list with all that is needed to check it. */
export interface OpenCrl {
  readonly facts: CrlFacts;
  /** What is signed, by which algorithm, and the signature. */
  readonly body: Buffer;
  readonly algorithm: DerElement;
  readonly signature: Buffer;
  /** The entries, not looked into; `null` for none. */
  readonly entries: DerElement | null;
  /** Whether it says something of itself that changes what it means, and that nobody here understands. */
  readonly isCritical: boolean;
}

/**
 * The lists in a PEM text, at least one. Throws `PkiError` for other blocks, and for what cannot be read. Not by `readPem`,
 * which ends where lists begin to be large.
 */
export function loadCrls(pem: string): readonly CrlFacts[] {
  return openCrls(pem).map(({ facts }) => facts);
}

/** The same, to be checked. */
export function openCrls(pem: string): readonly OpenCrl[] {
  const blocks = [...pem.matchAll(BLOCK)];
  if (blocks.length === 0) throw new PkiError('pem_empty');
  if (blocks.length !== pem.match(/-----BEGIN /g)?.length) throw new PkiError('pem_unclosed');
  return blocks.map(([, label, base64 = ''], index) => {
    if (label !== LABEL) throw new PkiError('pem_unexpected_block', `${LABEL}, not ${label}`, index + 1);
    return openCrl(Buffer.from(base64, 'base64'), index + 1);
  });
}

/** The serial numbers on a list, as `X509Facts` has them. Throws `DerError`. */
export function serialsOf({ entries }: OpenCrl): ReadonlySet<string> {
  const serials = new Set<string>();
  if (entries === null) return serials;
  for (const entry of members(entries, MAX_ENTRIES)) {
    const [serial] = members(expectTag(entry, TAG.sequence));
    serials.add(
      expectTag(serial, TAG.integer)
        .body.toString('hex')
        .replace(/^0+(?=.)/, ''),
    );
  }
  return serials;
}

/** Whether one of these lists is of that CA. By its key too: a CA that was replaced may have the same name. */
export function listedBy(lists: readonly CrlFacts[], ca: X509Facts): boolean {
  return lists.some((list) => isListOf(list, ca));
}

/** Whether a list says that it is of that CA and that key. */
export function isListOf({ issuer, key }: CrlFacts, ca: X509Facts): boolean {
  const { der } = reread(ca);
  const own = (readSubjectKeyIdentifier(der) ?? keyIdentifier(der.publicKeyBits)).toString('hex');
  return issuer === der.subject.toString('hex') && (key ?? own) === own;
}

function openCrl(der: Buffer, block: number): OpenCrl {
  try {
    const [body, algorithm, signature] = members(expectTag(readDer(der, MAX_BYTES), TAG.sequence));
    const fields = [...members(expectTag(body, TAG.sequence))];
    if (fields[0]?.tag === TAG.integer) fields.shift();
    const [inner, issuer, thisUpdate, ...rest] = fields;
    const outer = expectTag(algorithm, TAG.sequence);
    // §5.1.1.2: both must say the same.
    if (!expectTag(inner, TAG.sequence).raw.equals(outer.raw)) throw new DerError('two signature algorithms');
    const ends = rest[0]?.tag === TAG.utcTime || rest[0]?.tag === TAG.generalizedTime;
    const list = rest.find(({ tag }) => tag === TAG.sequence);
    const extensions = extensionsOf(rest.find(({ tag }) => tag === 0xa0));
    return {
      facts: {
        issuer: expectTag(issuer, TAG.sequence).raw.toString('hex'),
        key: signingKey(extensions),
        thisUpdate: readTime(thisUpdate),
        nextUpdate: ends ? readTime(rest[0]) : null,
        revoked: list === undefined ? 0 : members(list, MAX_ENTRIES).length,
      },
      body: expectTag(body, TAG.sequence).raw,
      algorithm: outer,
      signature: readBitString(signature),
      entries: list ?? null,
      isCritical: [...extensions.values()].some(({ critical }) => critical),
    };
  } catch (error) {
    if (error instanceof DerError) throw new PkiError('crl_unparsable', error.message, block);
    throw error;
  }
}

function extensionsOf(wrapper: DerElement | undefined): ReadonlyMap<string, Extension> {
  if (wrapper === undefined) return new Map();
  const [list] = members(wrapper);
  return readExtensionList(expectTag(list, TAG.sequence));
}

function signingKey(extensions: ReadonlyMap<string, Extension>): string | null {
  const identifier = extensions.get(EXTENSION.authorityKeyIdentifier);
  const key = identifier === undefined ? undefined : members(identifier.value).find(({ tag }) => tag === 0x80);
  return key?.body.toString('hex') ?? null;
}

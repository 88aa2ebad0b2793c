/** Certification requests (PKCS#10, RFC 2986): written, and read strictly, believed only with proof of the private key. */

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type Extension, readExtensionList } from './certificate-der.ts';
import {
  type DerElement,
  DerError,
  expectTag,
  members,
  readBitString,
  readDer,
  readOid,
  readSmallInteger,
  TAG,
} from './der-read.ts';
import { contextConstructed, integer, oid, sequence, set } from './der.ts';
import { subjectAltName } from './extensions.ts';
import type { GeneralName } from './general-name.ts';
import { keyTypeOf, type PrivateKey, publicSpki } from './keys.ts';
import { type DistinguishedName, distinguishedName } from './name.ts';
import { readPem, writePem } from './pem.ts';
import { PkiError } from './pki-error.ts';
import { readAltNames } from './read-extensions.ts';
import { signed } from './signature.ts';

/** What somebody asks to have certified, with a key that they have proved to hold. */
export interface CertificationRequest {
  /** The SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  /** `ec:P-256`, `ec:P-384` or `rsa:<bits>`. */
  readonly keyType: string;
  readonly commonNames: readonly string[];
  readonly dnsNames: readonly string[];
  /** Whether names of other kinds are asked for (addresses, e-mail, URIs). */
  readonly otherNames: boolean;
}

const LABELS = new Set(['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST']);
const MAX_BYTES = 64 * 1024;
const COMMON_NAME = '2.5.4.3';
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const SET = 0x31;
const ATTRIBUTES = 0xa0;
const RSA_BITS = { least: 2048, most: 8192 };
// UTF8String, PrintableString, IA5String: the strings whose octets are their text.
const PLAIN_STRINGS = new Set([0x0c, 0x13, 0x16]);

const DIGESTS: Readonly<Record<string, { readonly family: 'rsa' | 'ec'; readonly digest: string }>> = {
  '1.2.840.113549.1.1.11': { family: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { family: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { family: 'rsa', digest: 'sha512' },
  '1.2.840.10045.4.3.2': { family: 'ec', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { family: 'ec', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { family: 'ec', digest: 'sha512' },
};

/** Asks for a certificate with these names for the public half of the key, which signs that. As PEM. */
export function writeCertificationRequest({
  subject,
  names,
  key,
}: {
  readonly subject: DistinguishedName;
  readonly names: readonly GeneralName[];
  readonly key: PrivateKey;
}): string {
  const extensions = sequence(...(names.length === 0 ? [] : [subjectAltName(names)]));
  const asked = names.length === 0 ? [] : [sequence(oid(EXTENSION_REQUEST), set(extensions))];
  const info = sequence(integer(0), distinguishedName(subject), publicSpki(key), contextConstructed(0, ...asked));
  return writePem('CERTIFICATE REQUEST', signed(info, key));
}

/** The one request in a PEM text. Throws `PkiError`, also where its signature does not prove the key. */
export function readCertificationRequest(pem: string): CertificationRequest {
  const blocks = readPem(pem);
  const [block] = blocks;
  if (block === undefined) throw new PkiError('pem_empty');
  if (!LABELS.has(block.label))
    throw new PkiError('pem_unexpected_block', `CERTIFICATE REQUEST, not ${block.label}`, 1);
  if (blocks.length > 1) throw new PkiError('csr_several');
  try {
    return readRequest(block.der);
  } catch (error) {
    if (error instanceof DerError) throw new PkiError('csr_unparsable', error.message);
    throw error;
  }
}

/** RFC 2986 §4.2. */
function readRequest(der: Buffer): CertificationRequest {
  if (der.length > MAX_BYTES) throw new DerError('too large');
  const [info, algorithm, signature, ...rest] = members(expectTag(readDer(der), TAG.sequence));
  if (rest.length > 0) throw new DerError('more than body, algorithm and signature');
  const [version, subject, key, attributes, ...more] = members(expectTag(info, TAG.sequence));
  if (readSmallInteger(expectTag(version, TAG.integer)) !== 0) throw new DerError('another version than 1');
  // §4.1: the attributes may be empty, but not absent.
  const asked = members(expectTag(attributes, ATTRIBUTES));
  if (more.length > 0) throw new DerError('more than version, subject, key and attributes');
  const spki = Buffer.from(expectTag(key, TAG.sequence).raw);
  const publicKey = usableKey(spki);
  if (!proves(publicKey, { body: expectTag(info, TAG.sequence).raw, algorithm, signature: readBitString(signature) })) {
    throw new PkiError('csr_not_proved');
  }
  const names = readAltNames({ extensions: requestedExtensions(asked) });
  return {
    spki,
    keyType: keyTypeOf(publicKey),
    commonNames: commonNames(expectTag(subject, TAG.sequence)),
    dnsNames: names.flatMap((name) => (name.kind === 'dns' ? [name.text] : [])),
    otherNames: names.some(({ kind }) => kind !== 'dns'),
  };
}

function usableKey(spki: Buffer): KeyObject {
  const key = publicKeyOf(spki);
  const type = keyTypeOf(key);
  const bits = type.startsWith('rsa:') ? Number(type.slice('rsa:'.length)) : 0;
  const usable = type === 'ec:P-256' || type === 'ec:P-384' || (bits >= RSA_BITS.least && bits <= RSA_BITS.most);
  if (!usable) throw new PkiError('csr_key_unfit', type);
  return key;
}

function publicKeyOf(spki: Buffer): KeyObject {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    throw new DerError('no public key');
  }
}

interface Proof {
  readonly body: Buffer;
  readonly algorithm: DerElement | undefined;
  readonly signature: Buffer;
}

/** Whether the holder of the private key has signed the request (§3, note 1). */
function proves(key: KeyObject, { body, algorithm, signature }: Proof): boolean {
  const [id] = members(expectTag(algorithm, TAG.sequence));
  const known = DIGESTS[readOid(id)];
  if (known === undefined || known.family !== key.asymmetricKeyType) return false;
  return verify(known.digest, body, key, signature);
}

function commonNames(subject: DerElement): readonly string[] {
  return members(subject).flatMap((relative) =>
    members(expectTag(relative, SET)).flatMap((attribute) => {
      const [type, value, ...rest] = members(expectTag(attribute, TAG.sequence));
      if (value === undefined || rest.length > 0) throw new DerError('an attribute of the subject without one value');
      return readOid(type) === COMMON_NAME ? [plainText(value)] : [];
    }),
  );
}

function plainText({ tag, body }: DerElement): string {
  const text = body.toString('utf8');
  // Text that does not come back to the same octets was no UTF-8; control characters exist to deceive.
  if (!PLAIN_STRINGS.has(tag) || !Buffer.from(text).equals(body) || /\p{Cc}/u.test(text)) {
    throw new DerError('a common name that is no plain text');
  }
  return text;
}

/** RFC 2985 §5.4.2: the extensions asked for, in one attribute with one value. Other attributes say nothing to us. */
function requestedExtensions(attributes: readonly DerElement[]): ReadonlyMap<string, Extension> {
  const found = attributes.flatMap((attribute) => {
    const [type, values, ...rest] = members(expectTag(attribute, TAG.sequence));
    const all = members(expectTag(values, SET));
    if (rest.length > 0) throw new DerError('an attribute with more than type and values');
    return readOid(type) === EXTENSION_REQUEST ? [all] : [];
  });
  const [request, ...others] = found;
  if (request === undefined) return new Map();
  const [list, ...more] = request;
  if (others.length > 0 || more.length > 0) throw new DerError('extensions are asked for twice');
  return readExtensionList(expectTag(list, TAG.sequence));
}

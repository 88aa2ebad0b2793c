/** Certificate extensions, read (RFC 5280 §4.2.1). Each returns `null` where the extension is absent. */

import type { CertificateDer } from './certificate-der.ts';
import {
  type DerElement,
  DerError,
  expectTag,
  members,
  readBoolean,
  readIa5,
  readNamedBits,
  readOid,
  readSmallInteger,
  TAG,
} from './der-read.ts';
import { GENERAL_NAME_TAG } from './general-name.ts';
import { EXTENSION, extendedKeyUsageName, KEY_USAGES } from './oids.ts';

/** A name in a subjectAltName or a constraint. An `ip` has 4 or 16 octets, as constraint with its mask 8 or 32. */
export type ReadName =
  | { readonly kind: 'dns' | 'uri'; readonly text: string }
  | { readonly kind: 'ip'; readonly octets: Buffer }
  /** Any other choice of GeneralName, by its context tag (1 e-mail, 4 directory name …). */
  | { readonly kind: 'other'; readonly tag: number };

export interface NameConstraints {
  readonly permitted: readonly ReadName[];
  readonly excluded: readonly ReadName[];
}

const DIRECTORY_NAME = 4;

/** §4.2.1.9. */
export function readBasicConstraints(
  certificate: CertificateDer,
): { readonly ca: boolean; readonly pathLength: number | null } | null {
  const value = extensionValue(certificate, EXTENSION.basicConstraints);
  if (value === null) return null;
  const [first, second] = members(expectTag(value, TAG.sequence));
  const ca = first?.tag === TAG.boolean && readBoolean(first);
  const length = first?.tag === TAG.boolean ? second : first;
  return { ca, pathLength: length === undefined ? null : readSmallInteger(length) };
}

/** §4.2.1.3. */
export function readKeyUsage(certificate: CertificateDer): readonly string[] | null {
  const value = extensionValue(certificate, EXTENSION.keyUsage);
  return value === null ? null : readNamedBits(value).map((bit) => KEY_USAGES[bit] ?? `bit ${bit}`);
}

/** §4.2.1.12. */
export function readExtendedKeyUsage(certificate: CertificateDer): readonly string[] | null {
  const value = extensionValue(certificate, EXTENSION.extendedKeyUsage);
  return value === null
    ? null
    : members(expectTag(value, TAG.sequence)).map((purpose) => extendedKeyUsageName(readOid(purpose)));
}

/** §4.2.1.6; empty where the extension is absent. */
export function readAltNames(certificate: Pick<CertificateDer, 'extensions'>): readonly ReadName[] {
  const value = extensionValue(certificate, EXTENSION.subjectAltName);
  return value === null ? [] : members(expectTag(value, TAG.sequence)).map(readName);
}

/** §4.2.1.10. */
export function readNameConstraints(certificate: CertificateDer): NameConstraints | null {
  const value = extensionValue(certificate, EXTENSION.nameConstraints);
  if (value === null) return null;
  const lists = members(expectTag(value, TAG.sequence));
  return { permitted: subtrees(lists, 0xa0), excluded: subtrees(lists, 0xa1) };
}

/** §4.2.1.2. */
export function readSubjectKeyIdentifier(certificate: CertificateDer): Buffer | null {
  const value = extensionValue(certificate, EXTENSION.subjectKeyIdentifier);
  return value === null ? null : expectTag(value, TAG.octetString).body;
}

/** The subject as a name that directory-name constraints would apply to. */
export function hasDirectoryName({ subject }: CertificateDer): boolean {
  return subject.length > 2;
}

/** Whether a name or a constraint is about directory names. */
export function isDirectoryName(name: ReadName): boolean {
  return name.kind === 'other' && name.tag === DIRECTORY_NAME;
}

function extensionValue(certificate: Pick<CertificateDer, 'extensions'>, id: string): DerElement | null {
  return certificate.extensions.get(id)?.value ?? null;
}

function subtrees(lists: readonly DerElement[], tag: number): readonly ReadName[] {
  const list = lists.find((element) => element.tag === tag);
  if (list === undefined) return [];
  return members(list).map((subtree) => {
    const [base, ...bounds] = members(expectTag(subtree, TAG.sequence));
    // §4.2.1.10: minimum is always 0 (which DER leaves out) and maximum absent.
    if (base === undefined || bounds.length > 0) throw new DerError('a name constraint with bounds');
    return readName(base);
  });
}

function readName(element: DerElement): ReadName {
  const tag = element.tag & 0x1f;
  switch (tag) {
    case GENERAL_NAME_TAG.dns:
      return { kind: 'dns', text: readIa5(element) };
    case GENERAL_NAME_TAG.uri:
      return { kind: 'uri', text: readIa5(element) };
    case GENERAL_NAME_TAG.ip:
      return { kind: 'ip', octets: element.body };
    default:
      return { kind: 'other', tag };
  }
}

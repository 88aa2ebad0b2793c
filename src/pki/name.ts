import { oid, sequence, set, utf8String } from './der.ts';
import { PkiError } from './pki-error.ts';

/** Whom a certificate names, as far as Postern's own certificates do: O before CN, as it is usual. */
export interface DistinguishedName {
  readonly commonName: string;
  readonly organization?: string;
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
// RFC 5280 appendix A.1: ub-common-name and ub-organization-name.
const MAX_CHARACTERS = 64;

/** The Name of RFC 5280 §4.1.2.4, in UTF8String throughout. Throws `PkiError` for what a name cannot hold. */
export function distinguishedName({ commonName, organization }: DistinguishedName): Buffer {
  const attributes = organization === undefined ? [] : [attribute(ORGANIZATION, organization)];
  return sequence(...attributes, attribute(COMMON_NAME, commonName));
}

function attribute(type: string, value: string): Buffer {
  const characters = Array.from(value).length;
  if (characters === 0 || characters > MAX_CHARACTERS) throw new PkiError('name_invalid', '1 to 64 characters');
  if (!value.isWellFormed() || /\p{Cc}/u.test(value)) throw new PkiError('name_invalid', 'control characters');
  return set(sequence(oid(type), utf8String(value)));
}

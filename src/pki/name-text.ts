import { type DerElement, DerError, expectTag, members, readDer, readOid, TAG } from './der-read.ts';

// RFC 4514 §3; the others are what OpenSSL calls them.
const SHORT: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

const UTF8 = 0x0c;
const PRINTABLE = 0x13;
const TELETEX = 0x14;
const IA5 = 0x16;
const BMP = 0x1e;
const SET = 0x31;
const MAX_ATTRIBUTES = 64;

/** A distinguished name in DER as RFC 4514 writes it: the last attribute first. Throws `DerError`. */
export function nameText(der: Uint8Array): string {
  const parts = members(expectTag(readDer(der), TAG.sequence), MAX_ATTRIBUTES);
  return parts
    .map((part) => members(expectTag(part, SET), MAX_ATTRIBUTES).map(attributeText).join('+'))
    .toReversed()
    .join(',');
}

function attributeText(attribute: DerElement): string {
  const [type, value, ...rest] = members(expectTag(attribute, TAG.sequence), 3);
  if (value === undefined || rest.length > 0) throw new DerError('an attribute of a name with other than two members');
  const dotted = readOid(type);
  const short = SHORT[dotted];
  const text = stringIn(value);
  return short === undefined || text === null
    ? `${short ?? dotted}=#${value.raw.toString('hex')}`
    : `${short}=${escaped(text)}`;
}

function stringIn({ tag, body }: DerElement): string | null {
  switch (tag) {
    case UTF8:
    case PRINTABLE:
    case IA5:
      return body.toString('utf8');
    case TELETEX:
      return body.toString('latin1');
    case BMP:
      return body.length % 2 === 0 ? Buffer.from(body).swap16().toString('utf16le') : null;
    default:
      return null;
  }
}

/** RFC 4514 §2.4. What a terminal would take for a command is escaped as well. */
function escaped(text: string): string {
  return text
    .replaceAll(/["+,;<>\\]/g, '\\$&')
    .replaceAll(/\p{Cc}|\p{Cf}/gu, (char) => Buffer.from(char, 'utf8').toString('hex').replaceAll(/../g, '\\$&'))
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ');
}

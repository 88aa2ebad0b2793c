/** Reads DER (ITU-T X.690), strictly: what a certificate could also mean in BER is refused, not guessed. */

import { type Instant, instant } from '../domain/ids.ts';

/** One element: its tag octet, its content, and both together with the length as they stand in the input. */
export interface DerElement {
  readonly tag: number;
  readonly body: Buffer;
  readonly raw: Buffer;
  readonly depth: number;
}

/** The bytes are not DER, or not the DER that was expected. The only error this file throws. */
export class DerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DerError';
  }
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

const MAX_BYTES = 256 * 1024;
const MAX_DEPTH = 16;
const MAX_MEMBERS = 4096;

/** The one element that the bytes are. Throws `DerError` for anything after it, and for more than so many bytes. */
export function readDer(bytes: Uint8Array, most = MAX_BYTES): DerElement {
  if (bytes.length > most) throw new DerError('too large');
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const element = elementAt(buffer, 0, 0);
  if (element.raw.length !== buffer.length) throw new DerError('bytes after the end');
  return element;
}

/** The members of a constructed element. Throws `DerError` where there are more than so many. */
export function members(element: DerElement, most = MAX_MEMBERS): readonly DerElement[] {
  if ((element.tag & 0x20) === 0) throw new DerError('a constructed element was expected');
  if (element.depth >= MAX_DEPTH) throw new DerError('nested too deeply');
  const found: DerElement[] = [];
  for (let offset = 0; offset < element.body.length; ) {
    if (found.length >= most) throw new DerError('too many members');
    const member = elementAt(element.body, offset, element.depth + 1);
    found.push(member);
    offset += member.raw.length;
  }
  return found;
}

/** The element itself, if it is there and carries that tag. */
export function expectTag(element: DerElement | undefined, tag: number): DerElement {
  if (element === undefined) throw new DerError('an element is missing');
  if (element.tag !== tag) throw new DerError(`tag ${tag.toString(16)} expected, ${element.tag.toString(16)} found`);
  return element;
}

/** An OBJECT IDENTIFIER in its dotted form. */
export function readOid(element: DerElement | undefined): string {
  const { body } = expectTag(element, TAG.oid);
  if (body.length === 0 || body.length > 64) throw new DerError('bad object identifier');
  const arcs: number[] = [];
  let arc = 0;
  let open = false;
  for (const octet of body) {
    if (!open && octet === 0x80) throw new DerError('object identifier not minimal');
    arc = arc * 128 + (octet & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER) throw new DerError('object identifier too large');
    open = (octet & 0x80) !== 0;
    if (open) continue;
    arcs.push(arc);
    arc = 0;
  }
  if (open) throw new DerError('object identifier cut short');
  const [first = 0, ...rest] = arcs;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join('.');
}

export function readBoolean(element: DerElement): boolean {
  const { body } = expectTag(element, TAG.boolean);
  if (body.length !== 1 || (body[0] !== 0 && body[0] !== 0xff)) throw new DerError('bad boolean');
  return body[0] === 0xff;
}

/** A small non-negative INTEGER, as path lengths and versions are. */
export function readSmallInteger(element: DerElement): number {
  const { body } = expectTag(element, TAG.integer);
  const [first = 0x80, second = 0] = body;
  if (body.length > 4 || first >= 0x80) throw new DerError('integer out of range');
  if (body.length > 1 && first === 0 && second < 0x80) throw new DerError('integer not minimal');
  return body.readUIntBE(0, body.length);
}

/** The content of a BIT STRING of whole octets. */
export function readBitString(element: DerElement | undefined): Buffer {
  const { body } = expectTag(element, TAG.bitString);
  if (body.length === 0 || body[0] !== 0) throw new DerError('bad bit string');
  return body.subarray(1);
}

/** The numbers of the bits that are set. */
export function readNamedBits(element: DerElement): readonly number[] {
  const { body } = expectTag(element, TAG.bitString);
  const unused = body[0] ?? 8;
  const octets = body.subarray(1);
  if (unused > 7 || (octets.length === 0 && unused !== 0)) throw new DerError('bad bit string');
  const bits: number[] = [];
  for (let bit = 0; bit < octets.length * 8 - unused; bit += 1) {
    if (((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0) bits.push(bit);
  }
  return bits;
}

/** The ASCII text of an IA5String's content. Control characters are refused: names with them exist to deceive. */
export function readIa5(element: DerElement): string {
  const text = element.body.toString('latin1');
  if (!/^[\x20-\x7e]*$/.test(text)) throw new DerError('a name with characters outside ASCII');
  return text;
}

/** A UTCTime or GeneralizedTime in the only forms that RFC 5280 §4.1.2.5 allows. */
export function readTime(element: DerElement | undefined): Instant {
  if (element === undefined) throw new DerError('an element is missing');
  const text = element.body.toString('latin1');
  const isUtc = element.tag === TAG.utcTime && /^\d{12}Z$/.test(text);
  const isGeneralized = element.tag === TAG.generalizedTime && /^\d{14}Z$/.test(text);
  if (!isUtc && !isGeneralized) throw new DerError('bad time');
  // §4.1.2.5.1: two-digit years from 50 up belong to the 20th century.
  const digits = isGeneralized ? text : `${text < '5' ? '20' : '19'}${text}`;
  const iso = digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6.000Z');
  const milliseconds = Date.parse(iso);
  // Date.parse lets 30 February and 24:00 slip into the next day.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== iso) throw new DerError('no such time');
  return instant(milliseconds);
}

function elementAt(buffer: Buffer, offset: number, depth: number): DerElement {
  const tag = buffer[offset];
  const first = buffer[offset + 1];
  if (tag === undefined || first === undefined) throw new DerError('cut short');
  if ((tag & 0x1f) === 0x1f) throw new DerError('tag in the long form');
  const { length, header } = first < 0x80 ? { length: first, header: 2 } : longLength(buffer, offset);
  const end = offset + header + length;
  if (end > buffer.length) throw new DerError('cut short');
  return { tag, body: buffer.subarray(offset + header, end), raw: buffer.subarray(offset, end), depth };
}

function longLength(buffer: Buffer, offset: number): { readonly length: number; readonly header: number } {
  const count = (buffer[offset + 1] ?? 0) & 0x7f;
  if (count === 0 || count > 3) throw new DerError('length indefinite or too large');
  if (offset + 2 + count > buffer.length) throw new DerError('cut short');
  const length = buffer.readUIntBE(offset + 2, count);
  if (length < (count === 1 ? 0x80 : 256 ** (count - 1))) throw new DerError('length not minimal');
  return { length, header: 2 + count };
}

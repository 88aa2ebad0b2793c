/** Writes DER (ITU-T X.690): just the types that certificates and CRLs are made of. */

import type { Instant } from '../domain/ids.ts';
import { PkiError } from './pki-error.ts';

const CONSTRUCTED = 0x20;
const CONTEXT = 0x80;

export function sequence(...members: readonly Uint8Array[]): Buffer {
  return tlv(0x30, members);
}

/** SEQUENCE OF: as many members as there are. */
export function sequenceOf(members: readonly Uint8Array[]): Buffer {
  return tlv(0x30, members);
}

/** SET OF: DER wants the members in ascending order of their encodings (X.690 §11.6). */
export function set(...members: readonly Uint8Array[]): Buffer {
  return tlv(
    0x31,
    members.toSorted((one, other) => Buffer.compare(one, other)),
  );
}

/** A non-negative INTEGER, from a small number or from a big-endian magnitude; always in the minimal form. */
export function integer(value: number | Uint8Array): Buffer {
  const magnitude = typeof value === 'number' ? magnitudeOf(value) : value;
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start += 1;
  const minimal = magnitude.length === 0 ? Buffer.of(0) : magnitude.subarray(start);
  // A set top bit would read as a negative number.
  return tlv(0x02, (minimal[0] ?? 0) >= 0x80 ? [Buffer.of(0), minimal] : [minimal]);
}

export function boolean(value: boolean): Buffer {
  return tlv(0x01, [Buffer.of(value ? 0xff : 0)]);
}

/** An ENUMERATED below 128. */
export function enumerated(value: number): Buffer {
  return tlv(0x0a, [Buffer.of(value)]);
}

export function nullValue(): Buffer {
  return tlv(0x05, []);
}

// The same few dozen stand in every certificate. Bounded, because a request may bring any number of others.
const encodedOids = new Map<string, Buffer>();
const MAX_OIDS = 128;

/** An OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Buffer {
  const known = encodedOids.get(dotted);
  if (known !== undefined) return known;
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const encoded = tlv(0x06, [Buffer.from([first * 40 + second, ...rest].flatMap(base128))]);
  if (encodedOids.size < MAX_OIDS) encodedOids.set(dotted, encoded);
  return encoded;
}

export function octetString(content: Uint8Array): Buffer {
  return tlv(0x04, [content]);
}

/** A BIT STRING of whole octets. */
export function bitString(content: Uint8Array): Buffer {
  return tlv(0x03, [Buffer.of(0), content]);
}

/** A BIT STRING of named bits: trailing zero bits are left out (X.690 §11.2.2). */
export function namedBits(bits: readonly number[]): Buffer {
  const highest = Math.max(-1, ...bits);
  const octets = Buffer.alloc(Math.floor(highest / 8) + 1);
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return tlv(0x03, [Buffer.of(highest < 0 ? 0 : 7 - (highest & 7)), octets]);
}

export function utf8String(text: string): Buffer {
  return tlv(0x0c, [Buffer.from(text, 'utf8')]);
}

/** A time as RFC 5280 §4.1.2.5 wants it: UTCTime through 2049, GeneralizedTime from 2050, whole seconds, `Z`. */
export function time(at: Instant): Buffer {
  const digits = timeDigits(at);
  return digits < '2050' ? tlv(0x17, [Buffer.from(`${digits.slice(2)}Z`, 'latin1')]) : generalizedTime(at);
}

/** A GeneralizedTime whatever the year, in whole seconds (RFC 6960 §4.2.2.1). */
export function generalizedTime(at: Instant): Buffer {
  return tlv(0x18, [Buffer.from(`${timeDigits(at)}Z`, 'latin1')]);
}

function timeDigits(at: Instant): string {
  const date = new Date(at);
  const year = date.getUTCFullYear();
  // UTCTime begins at 1950 and GeneralizedTime has four digits; NaN fails both comparisons.
  if (!(year >= 1950 && year <= 9999)) throw new PkiError('validity_invalid', 'years 1950 to 9999 only');
  return date.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '');
}

/** `[number] EXPLICIT`, and equally `[number] IMPLICIT` of a constructed type: the members follow as they are. */
export function contextConstructed(number: number, ...members: readonly Uint8Array[]): Buffer {
  return tlv(CONTEXT | CONSTRUCTED | number, members);
}

/** `[number] IMPLICIT` of a primitive type. */
export function contextPrimitive(number: number, content: Uint8Array): Buffer {
  return tlv(CONTEXT | number, [content]);
}

function tlv(tag: number, content: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of content) length += part.length;
  // X.690 §8.1.3: short lengths stand for themselves, long ones follow their own number of octets.
  const magnitude = length < 0x80 ? NONE : magnitudeOf(length);
  const written = Buffer.allocUnsafe(2 + magnitude.length + length);
  written[0] = tag;
  written[1] = length < 0x80 ? length : 0x80 | magnitude.length;
  written.set(magnitude, 2);
  let at = 2 + magnitude.length;
  for (const part of content) {
    written.set(part, at);
    at += part.length;
  }
  return written;
}

const NONE = Buffer.alloc(0);

function magnitudeOf(value: number): Buffer {
  const octets: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Buffer.from(octets);
}

function base128(arc: number): number[] {
  const groups = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) groups.unshift((rest % 128) | 0x80);
  return groups;
}

/**
 * Byte classes as tables of 256: a scan then costs one load and one comparison for each byte, whatever the class, while
 * a regular expression must first make a string and cannot stop at the byte to blame.
 */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const QUOTE = 0x22;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const EQUALS = 0x3d;
export const BACKSLASH = 0x5c;

function table(of: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => of(byte));
}

const TCHAR = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/;

/** 1 for tchar (RFC 9110 §5.6.2). */
export const TOKEN = table((byte) => (TCHAR.test(String.fromCharCode(byte)) ? 1 : 0));

/** 1 for what a field value or a reason phrase may hold: HTAB, SP, VCHAR, obs-text (RFC 9110 §5.5). */
export const TEXT = table((byte) => (byte === HTAB || (byte >= SP && byte !== 0x7f) ? 1 : 0));

/** 1 for what a request target may hold: visible ASCII without `#`, for a fragment is never sent (RFC 9112 §3.2). */
export const TARGET = table((byte) => (byte > SP && byte < 0x7f && byte !== 0x23 ? 1 : 0));

const NO_DIGIT = 0xff;

/** HEXDIG → its value; 255 for every other byte. */
export const HEX = table((byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? NO_DIGIT : digit;
});

/** The byte at `index`, or 0 past the end: no scan accepts NUL, so every scan stops there. */
export function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

import type { Fields } from './fields.ts';

/**
 * Heads as text. Everything is checked once more on its way out: a value that came from somewhere else than a parsed
 * head must not be able to end its line, for that would be a message of the sender's choosing on a trusted connection.
 */

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TARGET = /^[\x21\x22\x24-\x7e]+$/;
/**
 * Chars, not bytes: a char above U+00FF would lose its upper half in latin1, and U+010A would become LF. Searching for the
 * first bad char is faster than matching all good ones.
 */
const NOT_TEXT = /[^\t\x20-\x7e\x80-\xff]/;
const CRLF = '\r\n';

/** Thrown where a start line or a field cannot be written as it is: always a mistake of the program. */
export class Unwritable extends Error {
  override readonly name = 'Unwritable';
}

function demand(ok: boolean, what: string): void {
  if (!ok) throw new Unwritable(`${what} holds a character that cannot stand there`);
}

/** `METHOD target HTTP/1.1` with its CRLF. */
export function requestLine(method: string, target: string): string {
  demand(TOKEN.test(method), 'the method');
  demand(TARGET.test(target), 'the request target');
  return `${method} ${target} HTTP/1.1${CRLF}`;
}

/** `HTTP/1.1 status reason` with its CRLF. */
export function statusLine(status: number, reason: string): string {
  demand(Number.isInteger(status) && status >= 100 && status <= 999, 'the status');
  demand(!NOT_TEXT.test(reason), 'the reason phrase');
  return `HTTP/1.1 ${status} ${reason}${CRLF}`;
}

/** `name: value` with its CRLF. */
export function fieldLine(name: string, value: string): string {
  demand(TOKEN.test(name), 'a field name');
  demand(!NOT_TEXT.test(value), 'a field value');
  return `${name}: ${value}${CRLF}`;
}

const NOTHING: ReadonlySet<string> = new Set();

/** The lines of `fields` as they were spelt and ordered, without those whose lower-case name is in `drop`. */
export function fieldLines(fields: Fields, drop: ReadonlySet<string> = NOTHING): string {
  const { names, rawNames, values } = fields;
  let lines = '';
  for (let i = 0; i < names.length; i++) {
    if (!drop.has(names[i] ?? '')) lines += fieldLine(rawNames[i] ?? '', values[i] ?? '');
  }
  return lines;
}

/**
 * The lines of parsed fields that `keeps` says yes to, as they were spelt and ordered. Not checked once more: only for
 * fields that `parseFields` made, which holds no character that could end a line.
 */
export function parsedLines({ names, rawNames, values }: Fields, keeps: (name: string) => boolean): string {
  let lines = '';
  for (let at = 0; at < names.length; at++) {
    if (keeps(names[at] ?? '')) lines += `${rawNames[at] ?? ''}: ${values[at] ?? ''}${CRLF}`;
  }
  return lines;
}

/** The lines by which a change of protocol is asked for and agreed to. */
export function upgradeLines(protocol: string): string {
  return `${fieldLine('Connection', 'Upgrade')}${fieldLine('Upgrade', protocol)}`;
}

/** The bytes of a head: a start line and field lines as the functions above return them, with the empty line added. */
export function headBytes(lines: string): Buffer {
  return Buffer.from(lines + CRLF, 'latin1');
}

/** What stands before the `size` bytes of a chunk; `CHUNK_END` stands after them. A size of 0 would end the body. */
export function chunkHead(size: number): string {
  demand(Number.isSafeInteger(size) && size > 0, 'a chunk size');
  return size.toString(16) + CRLF;
}

export const CHUNK_END = CRLF;

/** The end of a chunked body without trailers. */
export const LAST_CHUNK = `0${CRLF}${CRLF}`;

/** The end of a chunked body with these trailers. */
export function lastChunk(trailers: Fields, drop: ReadonlySet<string> = NOTHING): string {
  return `0${CRLF}${fieldLines(trailers, drop)}${CRLF}`;
}

import { byteAt, CR, LF, SP, TEXT } from './byte-classes.ts';
import type { Source } from './fields.ts';
import type { Version } from './framing.ts';
import type { RefusalCode } from './refusals.ts';
import { isVersion, parseVersion } from './request-line.ts';

export interface StatusLine {
  /** 100 to 999: RFC 9110 §15 knows nothing above 599, but such codes exist and frame no differently. */
  readonly status: number;
  readonly reason: string;
  readonly version: Version;
  /** Just past the line. */
  readonly next: number;
}

const STATUS = /^[1-9][0-9]{2}$/;

/**
 * Parses `HTTP/1.x SP status [SP reason] CRLF` (RFC 9112 §4). The space before an empty reason is not insisted on: many
 * servers leave it out, and nothing about the message depends on it.
 */
export function parseStatusLine(source: Source, start: number): StatusLine | RefusalCode {
  const { bytes, text, base } = source;
  const version = parseVersion(source, start);
  if (!isVersion(version)) return version;
  const digits = text.slice(start + 9 - base, start + 12 - base);
  if (byteAt(bytes, start + 8) !== SP || !STATUS.test(digits)) return 'bad_status_line';
  let at = start + 12;
  const spaced = byteAt(bytes, at) === SP;
  const reasonStart = spaced ? ++at : at;
  while (spaced && TEXT[byteAt(bytes, at)] === 1) at++;
  if (byteAt(bytes, at) !== CR || byteAt(bytes, at + 1) !== LF) return 'bad_status_line';
  return { status: Number(digits), reason: text.slice(reasonStart - base, at - base), version, next: at + 2 };
}

import { byteAt, COLON, CR, HTAB, LF, SP, TEXT, TOKEN } from './byte-classes.ts';
import { fieldName, NO_ROLE } from './field-names.ts';
import type { RefusalCode } from './refusals.ts';

/**
 * The field lines of a message in the order of arrival, as three arrays of one length: strings only, no object for each
 * line. Values are latin1 (one char for each byte) without surrounding whitespace.
 */
export interface Fields {
  /** Lower-case. */
  readonly names: readonly string[];
  /** As they were spelt. */
  readonly rawNames: readonly string[];
  readonly values: readonly string[];
}

export const NO_FIELDS: Fields = { names: [], rawNames: [], values: [] };

/** The value of the first line with this lower-case name. Use `all` or `list` where a repetition has a meaning. */
export function get(fields: Fields, name: string): string | undefined {
  const index = fields.names.indexOf(name);
  return index === -1 ? undefined : fields.values[index];
}

/** The values of all lines with this lower-case name, in order. */
export function all(fields: Fields, name: string): string[] {
  return fields.values.filter((_, index) => fields.names[index] === name);
}

/** How many lines have this lower-case name. */
export function count(fields: Fields, name: string): number {
  let found = 0;
  for (const other of fields.names) if (other === name) found++;
  return found;
}

/** Without SP and HTAB around it. No regular expression: a run of spaces inside would cost it quadratic time. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** The members of a comma-separated field over all its lines (RFC 9110 §5.6.1), lower-case, empty members left out. */
export function list(fields: Fields, name: string): string[] {
  return all(fields, name)
    .flatMap((value) => value.toLowerCase().split(','))
    .map(trim)
    .filter((member) => member !== '');
}

/** Bytes of a head, and the same bytes as latin1: `text[i]` is `bytes[base + i]`. */
export interface Source {
  readonly bytes: Buffer;
  readonly text: string;
  readonly base: number;
  /** Just past the empty line that ends the section. */
  readonly end: number;
}

/** Parsed fields, and where the ones that this layer must understand stand. */
export interface FieldSection {
  readonly kind: 'fields';
  readonly fields: Fields;
  /** Index of the first line for each role of field-names.ts; -1 where there is none. */
  readonly first: readonly number[];
  /** Bit `1 << role` is set where there is a second line. */
  readonly repeated: number;
}

function isSpace(byte: number): boolean {
  return byte === SP || byte === HTAB;
}

function skipSpace(bytes: Buffer, start: number): number {
  let at = start;
  while (isSpace(byteAt(bytes, at))) at++;
  return at;
}

/** The end of `start`..`end` without the space that it ends with. */
function dropSpace(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(byteAt(bytes, at - 1))) at--;
  return at;
}

function nameRefusal(bytes: Buffer, start: number, at: number): RefusalCode {
  if (!isSpace(byteAt(bytes, at))) return 'bad_field_name';
  return at === start ? 'obsolete_fold' : 'space_before_colon';
}

/**
 * Parses field lines (RFC 9112 §5) from `from` to the empty line that ends at `source.end`. One pass over the bytes:
 * strings are cut from `source.text` only where a line is whole.
 */
export function parseFields(source: Source, from: number, maxFields: number): FieldSection | RefusalCode {
  const { bytes, text, base } = source;
  const last = source.end - 2;
  const names: string[] = [];
  const rawNames: string[] = [];
  const values: string[] = [];
  const first = [-1, -1, -1, -1, -1, -1];
  let repeated = 0;
  let at = from;
  while (at < last) {
    const nameStart = at;
    while (TOKEN[byteAt(bytes, at)] === 1) at++;
    if (byteAt(bytes, at) !== COLON || at === nameStart) return nameRefusal(bytes, nameStart, at);
    const { raw, lower, role } = fieldName(text, nameStart - base, at - base);
    const valueStart = skipSpace(bytes, at + 1);
    at = valueStart;
    while (TEXT[byteAt(bytes, at)] === 1) at++;
    if (byteAt(bytes, at) !== CR || byteAt(bytes, at + 1) !== LF) return 'bad_field_value';
    const valueEnd = dropSpace(bytes, valueStart, at);
    at += 2;
    if (names.length === maxFields) return 'too_many_fields';
    if (role !== NO_ROLE) {
      if (first[role] === -1) first[role] = names.length;
      else repeated |= 1 << role;
    }
    names.push(lower);
    rawNames.push(raw);
    values.push(text.slice(valueStart - base, valueEnd - base));
  }
  if (at !== last) return 'bad_field_name';
  return { kind: 'fields', fields: { names, rawNames, values }, first, repeated };
}

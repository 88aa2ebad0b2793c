import { CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING, UPGRADE } from './field-names.ts';
import { type FieldSection, list } from './fields.ts';
import type { RefusalCode } from './refusals.ts';

/** How the body of a message is delimited (RFC 9112 §6.3). `close`: by the end of the connection, responses only. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' };

/** Whether a message with this framing ends with its head. */
export function endsWithHead(framing: Framing): boolean {
  return framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);
}

export type Version = '1.1' | '1.0';

export const NO_BODY: Framing = { kind: 'none' };
const CHUNKED: Framing = { kind: 'chunked' };

/** The value of the first line in this role; undefined where there is none. */
export function fieldValue(section: FieldSection, role: number): string | undefined {
  const index = section.first[role];
  return index === undefined || index === -1 ? undefined : section.fields.values[index];
}

function isRepeated(section: FieldSection, role: number): boolean {
  return (section.repeated & (1 << role)) !== 0;
}

/** No sign, no list, no leading zero: what has one spelling cannot be read in two ways (octal, for one). */
const LENGTH = /^(?:0|[1-9][0-9]{0,15})$/;

function lengthFraming(section: FieldSection, value: string): Framing | RefusalCode {
  // RFC 9112 §6.3 lets a recipient accept equal repetitions; nobody needs them but smugglers.
  if (isRepeated(section, CONTENT_LENGTH) || value.includes(',')) return 'repeated_length';
  const length = LENGTH.test(value) ? Number(value) : Number.NaN;
  return Number.isSafeInteger(length) ? { kind: 'length', length } : 'bad_length';
}

const OTHER_CODINGS_THEN_CHUNKED = /^(?:[!#$%&'*+\-.^_`|~0-9a-z]+[ \t]*,[ \t]*)+chunked$/;

function encodingFraming(section: FieldSection, value: string, version: Version): Framing | RefusalCode {
  if (fieldValue(section, CONTENT_LENGTH) !== undefined) return 'length_and_encoding';
  if (version === '1.0') return 'encoding_in_1_0';
  if (isRepeated(section, TRANSFER_ENCODING)) return 'bad_encoding';
  const lower = value.toLowerCase();
  if (lower === 'chunked') return CHUNKED;
  const codings = lower.split(',');
  const onceChunked = codings.filter((coding) => coding.trim() === 'chunked').length === 1;
  return onceChunked && OTHER_CODINGS_THEN_CHUNKED.test(lower) ? 'encoding_not_supported' : 'bad_encoding';
}

/** What the fields say about the body; null where they say nothing. */
export function declaredFraming(section: FieldSection, version: Version): Framing | RefusalCode | null {
  const encoding = fieldValue(section, TRANSFER_ENCODING);
  if (encoding !== undefined) return encodingFraming(section, encoding, version);
  const length = fieldValue(section, CONTENT_LENGTH);
  return length === undefined ? null : lengthFraming(section, length);
}

/** What the Connection field says (RFC 9112 §9.3) about reuse and upgrade. */
export interface ConnectionOptions {
  readonly keepAlive: boolean;
  /** The Upgrade field, where Connection names it; RFC 9110 §7.8 makes it void in HTTP/1.0. */
  readonly upgrade: string | null;
}

const PERSISTENT: ConnectionOptions = { keepAlive: true, upgrade: null };
const CLOSING: ConnectionOptions = { keepAlive: false, upgrade: null };

export function connectionOptions(section: FieldSection, version: Version): ConnectionOptions {
  const value = fieldValue(section, CONNECTION);
  if (value === undefined) return version === '1.1' ? PERSISTENT : CLOSING;
  if (!isRepeated(section, CONNECTION)) {
    if (value === 'close') return CLOSING;
    if (value === 'keep-alive') return PERSISTENT;
  }
  const options = list(section.fields, 'connection');
  const closes = options.includes('close') || (version === '1.0' && !options.includes('keep-alive'));
  const upgrades = version === '1.1' && options.includes('upgrade') && fieldValue(section, UPGRADE) !== undefined;
  return { keepAlive: !closes, upgrade: upgrades ? list(section.fields, 'upgrade').join(', ') : null };
}

/** The one Host field, or why there is not exactly one (RFC 9112 §3.2). */
export function soleHost(section: FieldSection): { readonly host: string } | RefusalCode {
  const host = fieldValue(section, HOST);
  if (host === undefined) return 'missing_host';
  return isRepeated(section, HOST) ? 'repeated_host' : { host };
}

/** Whether the request expects nothing but what can be met (RFC 9110 §10.1.1). */
export function meetsExpectation(section: FieldSection, version: Version): boolean {
  const expect = fieldValue(section, EXPECT);
  if (expect === undefined || version === '1.0') return true;
  return !isRepeated(section, EXPECT) && expect.toLowerCase() === '100-continue';
}

/** The branded names of the product, each with exactly one parser. `as` to a brand occurs only in this file. */

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** 32 lower-case hex digits, as Cloudflare's. */
export type AccountId = Brand<string, 'AccountId'>;
export type ZoneId = Brand<string, 'ZoneId'>;
export type RecordId = Brand<string, 'RecordId'>;
/** Of a rule that protects a zone. */
export type RuleId = Brand<string, 'RuleId'>;
export type RotationId = Brand<string, 'RotationId'>;
export type NoticeId = Brand<string, 'NoticeId'>;
export type ChannelId = Brand<string, 'ChannelId'>;
/** A UUID in lower case. */
export type CertificateId = Brand<string, 'CertificateId'>;
/** Lower case, A-labels, no trailing dot, no port; may begin with `*.` where a pattern is meant. */
export type Hostname = Brand<string, 'Hostname'>;
/** SHA-256 of a certificate's DER, lower-case hex. */
export type Fingerprint = Brand<string, 'Fingerprint'>;
/** Number of the edge's configuration; only ever grows. */
export type Revision = Brand<number, 'Revision'>;
/** Milliseconds since the epoch. */
export type Instant = Brand<number, 'Instant'>;

const HEX_32 = /^[0-9a-f]{32}$/;
const HEX_64 = /^[0-9a-f]{64}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
// RFC 1035 §2.3.1 as everybody reads it today: letters, digits, inner hyphens; underscores occur in service names.
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
// RFC 1035 §2.3.4: 255 octets on the wire leave 253 characters in text form.
const MAX_HOSTNAME = 253;

/** A zone's id, or `null` when the text is not one. */
export function zoneId(text: string): ZoneId | null {
  return HEX_32.test(text) ? (text as ZoneId) : null;
}

/** A record's id, or `null` when the text is not one. */
export function recordId(text: string): RecordId | null {
  return HEX_32.test(text) ? (text as RecordId) : null;
}

/** An account's id, or `null` when the text is not one. */
export function accountId(text: string): AccountId | null {
  return HEX_32.test(text) ? (text as AccountId) : null;
}

/** A rule's id, or `null` when the text is not one. */
export function ruleId(text: string): RuleId | null {
  return HEX_32.test(text) ? (text as RuleId) : null;
}

/** A rotation's id, or `null` when the text is not one. */
export function rotationId(text: string): RotationId | null {
  return HEX_32.test(text) ? (text as RotationId) : null;
}

/** A notice's id, or `null` when the text is not one. */
export function noticeId(text: string): NoticeId | null {
  return HEX_32.test(text) ? (text as NoticeId) : null;
}

/** The id of a channel for notices, or `null` when the text is not one. */
export function channelId(text: string): ChannelId | null {
  return HEX_32.test(text) ? (text as ChannelId) : null;
}

/** A certificate's id, or `null` when the text is not one. */
export function certificateId(text: string): CertificateId | null {
  return UUID.test(text) ? (text as CertificateId) : null;
}

/** A fingerprint, with or without colons and in either case; `null` when the text is not one. */
export function fingerprint(text: string): Fingerprint | null {
  const plain = text.replaceAll(':', '').toLowerCase();
  return HEX_64.test(plain) ? (plain as Fingerprint) : null;
}

/** A hostname: case and one trailing dot do not matter; `null` for anything that is not one. */
export function hostname(text: string): Hostname | null {
  const plain = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  if (plain.length === 0 || plain.length > MAX_HOSTNAME) return null;
  const labels = plain.split('.');
  if (!labels.every((label) => LABEL.test(label))) return null;
  // A last label of digits is an IPv4 address or an attempt at one (WHATWG URL, "ends in a number").
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) return null;
  return plain as Hostname;
}

/** A hostname, or a wildcard for exactly the names below one (`*.example.test`). */
export function hostnamePattern(text: string): Hostname | null {
  if (!text.startsWith('*.')) return hostname(text);
  const base = hostname(text.slice(2));
  return base === null || base.length > MAX_HOSTNAME - 2 ? null : (`*.${base}` as Hostname);
}

/** Whether `name` is `zone` itself or below it. */
export function isWithin(name: Hostname, zone: Hostname): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/**
 * What `find` answers for the nearest wildcard above a name (RFC 4592 §3.3.1): `*.b.test`, then `*.test`, for `a.b.test`.
 */
export function wildcardAbove<T>(name: Hostname, find: (wildcard: Hostname) => T | undefined): T | undefined {
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const wildcard = `*${name.slice(dot)}` as Hostname;
    const found = wildcard === name ? undefined : find(wildcard);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is kept for a name: its own, else that of the nearest wildcard above it. */
export function nearestOf<T>(kept: Pick<ReadonlyMap<Hostname, T>, 'get'>, name: Hostname): T | undefined {
  return kept.get(name) ?? wildcardAbove(name, (wildcard) => kept.get(wildcard));
}

/** A moment in milliseconds since the epoch. */
export function instant(milliseconds: number): Instant {
  return milliseconds as Instant;
}

/** A revision of the edge's configuration. */
export function revision(count: number): Revision {
  return count as Revision;
}

import { domainToASCII } from 'node:url';
import { type Hostname, hostname, hostnamePattern, isWithin } from '../domain/ids.ts';

/** A hostname as people type it: also with letters beyond ASCII, which become A-labels (RFC 5891). */
export function typedHostname(text: string): Hostname | null {
  return hostname(toAscii(text));
}

/** The same, or a wildcard (`*.example.test`). */
export function typedPattern(text: string): Hostname | null {
  return text.startsWith('*.') ? hostnamePattern(`*.${toAscii(text.slice(2))}`) : typedHostname(text);
}

/**
 * The full name of a record: `@` is the zone, a single label (`www`, `*`, also `*.www`) stands for a name below it.
 * Anything longer must be written in full: `shop.other.test` in zone `example.test` is a slip far more often than a
 * wish for `shop.other.test.example.test`. `null` for what is no name; whether it lies in the zone is for the rules.
 */
export function recordName(text: string, zone: Hostname): Hostname | null {
  if (text === '@') return zone;
  const full = typedPattern(text);
  if (full !== null && isWithin(full, zone)) return full;
  const stem = text.startsWith('*.') ? text.slice(2) : text;
  return stem.includes('.') ? full : typedPattern(`${text}.${zone}`);
}

// domainToASCII alone would also turn `0x7f.1` into an address: ASCII is left to our own parser.
function toAscii(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : domainToASCII(text);
}

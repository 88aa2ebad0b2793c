import { isIPv4, isIPv6 } from 'node:net';

/** What the first bytes of a connection say by the PROXY protocol (HAProxy's proxy-protocol.txt, versions 1 and 2). */
export type ProxyHeader =
  | { readonly kind: 'more' }
  | { readonly kind: 'refused'; readonly because: string }
  /** `source` is `null` where the peer speaks for itself: a health check, or a visitor that it cannot name. */
  | { readonly kind: 'header'; readonly length: number; readonly source: string | null };

const MORE: ProxyHeader = { kind: 'more' };
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const TEXT = Buffer.from('PROXY ', 'latin1');
/** §2.1: with both addresses as long as IPv6 can be. */
const LONGEST_LINE = 107;
const FIXED_BYTES = 16;
/** More than any sender needs: addresses take 36 bytes, what stands behind them a few hundred. */
const MOST_BYTES = FIXED_BYTES + 4_096;

/** Reads the header at the beginning of these bytes. What is not exactly one is refused: nothing is guessed (§2). */
export function proxyHeader(bytes: Buffer): ProxyHeader {
  if (begins(bytes, SIGNATURE)) return binary(bytes);
  if (begins(bytes, TEXT)) return line(bytes);
  return refused('it begins with something else');
}

function begins(bytes: Buffer, wanted: Buffer): boolean {
  const length = Math.min(bytes.length, wanted.length);
  return bytes.subarray(0, length).equals(wanted.subarray(0, length));
}

function refused(because: string): ProxyHeader {
  return { kind: 'refused', because };
}

function line(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, LONGEST_LINE).indexOf('\r\n');
  if (end === -1) return bytes.length < LONGEST_LINE ? MORE : refused('its line does not end');
  const length = end + 2;
  const text = bytes.toString('latin1', 0, end);
  if (/^PROXY UNKNOWN(?: |$)/.test(text)) return { kind: 'header', length, source: null };
  const [, family, source = '', target = '', ...ports] =
    /^PROXY (TCP4|TCP6) ([\d.:A-Fa-f]+) ([\d.:A-Fa-f]+) (\d{1,5}) (\d{1,5})$/.exec(text) ?? [];
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6;
  if (!isAddress(source) || !isAddress(target)) return refused('its addresses cannot be read');
  if (ports.some((port) => Number(port) > 65_535)) return refused('its ports cannot be read');
  return { kind: 'header', length, source };
}

const VERSION_2 = 0x2;
const LOCAL = 0x0;
const PROXY = 0x1;
const STREAM = 0x1;
const FAMILIES = { unspecified: 0x0, inet: 0x1, inet6: 0x2, unix: 0x3 } as const;

// §2.2: signature, version and command, family and transport, length, then addresses and what else the peer likes to say.
function binary(bytes: Buffer): ProxyHeader {
  if (bytes.length < FIXED_BYTES) return MORE;
  const [versionAndCommand, familyAndTransport] = [bytes.readUInt8(12), bytes.readUInt8(13)];
  const length = FIXED_BYTES + bytes.readUInt16BE(14);
  if (versionAndCommand >> 4 !== VERSION_2) return refused('its version is unknown');
  if (length > MOST_BYTES) return refused('it is too long');
  const command = versionAndCommand & 0xf;
  if (command !== LOCAL && command !== PROXY) return refused('its command is unknown');
  if (bytes.length < length) return MORE;
  if (command === LOCAL) return { kind: 'header', length, source: null };
  return announced(bytes.subarray(FIXED_BYTES, length), familyAndTransport, length);
}

function announced(block: Buffer, familyAndTransport: number, length: number): ProxyHeader {
  const [family, transport] = [familyAndTransport >> 4, familyAndTransport & 0xf];
  if (family === FAMILIES.unspecified || family === FAMILIES.unix) return { kind: 'header', length, source: null };
  if (transport !== STREAM) return refused('it is about something else than TCP');
  if (family === FAMILIES.inet && block.length >= 12) return { kind: 'header', length, source: text4(block) };
  if (family === FAMILIES.inet6 && block.length >= 36) return { kind: 'header', length, source: text6(block) };
  return refused('its addresses cannot be read');
}

function text4(block: Buffer): string {
  return [...block.subarray(0, 4)].join('.');
}

function text6(block: Buffer): string {
  return Array.from({ length: 8 }, (_, group) => block.readUInt16BE(2 * group).toString(16)).join(':');
}

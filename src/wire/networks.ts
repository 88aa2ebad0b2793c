import { isIPv4, isIPv6 } from 'node:net';

/** A block of addresses in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3), bits beyond the prefix cleared. */
export interface Network {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly prefix: number;
}

const BITS = { 4: 32, 6: 128 } as const;
/** RFC 4291 §2.5.5.2: how a listener on both families sees an IPv4 peer. */
const MAPPED = 0xffffn << 32n;

/** Reads an address or `address/prefix`; `null` for what is neither, and where bits are set beyond the prefix. */
export function parseNetwork(text: string): Network | null {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const parsed = parseAddress(address);
  if (parsed === null) return null;
  const bits = BITS[parsed.family];
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) return null;
  const rest = BigInt(bits - prefix);
  // A host's address with a short prefix is a slip that would let a whole network in.
  return (parsed.first >> rest) << rest === parsed.first ? { ...parsed, prefix } : null;
}

/** Whether all addresses of `inner` are in `outer`. */
function contains(outer: Network, inner: Network): boolean {
  if (outer.family !== inner.family || inner.prefix < outer.prefix) return false;
  const rest = BigInt(BITS[outer.family] - outer.prefix);
  return outer.first >> rest === inner.first >> rest;
}

/** Whether every one of `inner` lies in one of `outer`. No networks stand for all addresses. */
export function allWithin(inner: readonly string[], outer: readonly string[]): boolean {
  if (outer.length === 0) return true;
  if (inner.length === 0) return false;
  const wide = networks(outer);
  return inner.every((text) => {
    const one = parseNetwork(text);
    return one !== null && wide.some((network) => contains(network, one));
  });
}

/** A network in its one spelling, IPv6 as RFC 5952 has it; `null` where it is none. */
export function networkText(text: string): string | null {
  const network = parseNetwork(text);
  if (network === null) return null;
  const { family, first, prefix } = network;
  const address = family === 4 ? text4(first) : canonical6(text.split('/')[0] ?? '');
  return `${address}/${prefix}`;
}

/** Whoever has one IPv6 address has a /64 of them (RFC 4291 §2.5.4). */
export function sourceOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? [];
  const front = head.split(':').filter(Boolean);
  const back = tail.split(':').filter(Boolean);
  const middle = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  return [...front, ...middle, ...back].slice(0, 4).join(':');
}

function networks(texts: readonly string[]): readonly Network[] {
  return texts.map(parseNetwork).filter((network) => network !== null);
}

function parseAddress(text: string): Network | null {
  if (isIPv4(text)) return { family: 4, first: number4(text), prefix: BITS[4] };
  if (!isIPv6(text) || text.includes('%')) return null;
  const first = number6(canonical6(text));
  return first >> 32n === MAPPED >> 32n
    ? { family: 4, first: first & 0xffff_ffffn, prefix: BITS[4] }
    : { family: 6, first, prefix: BITS[6] };
}

// The URL parser writes RFC 5952's form, and an embedded IPv4 address in hexadecimal.
function canonical6(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

function number4(text: string): bigint {
  return text.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
}

function text4(address: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 0xffn)).join('.');
}

function number6(text: string): bigint {
  const [head = '', tail = ''] = text.split('::');
  const [front, back] = [head, tail].map((side) => side.split(':').filter(Boolean));
  const given = [...(front ?? []), ...(back ?? [])];
  const groups = [...(front ?? []), ...Array.from({ length: 8 - given.length }, () => '0'), ...(back ?? [])];
  return groups.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** One end of a TCP connection. */
export interface End {
  readonly address: string;
  readonly port: number;
}

/** What whoever speaks the PROXY protocol says about a connection that came to it over TLS. */
export interface Announcement {
  readonly source: End;
  readonly target: End;
  /** Name in the handshake. */
  readonly serverName: string;
  /** As Node names it, such as `TLSv1.3`. */
  readonly tlsVersion: string;
  /** The client's certificate; `null` where none was shown. */
  readonly certificate: { readonly verified: boolean; readonly commonName: string | null } | null;
}

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const VERSION_2_PROXY = 0x21;
const TCP_OVER = { 4: 0x11, 6: 0x21 } as const;
/** HAProxy's proxy-protocol.txt §2.2. */
const TLV = { authority: 0x02, ssl: 0x20, sslVersion: 0x21, sslCommonName: 0x22 } as const;
const CLIENT_SSL = 0x01;
const CLIENT_CERT = 0x02 | 0x04;

/** The header of version 2 (§2.2), with who asked for what and whether a certificate was verified. */
export function proxyHeaderV2(announcement: Announcement): Buffer {
  const { source, target } = announcement;
  const family = isIPv4(source.address) && isIPv4(target.address) ? 4 : 6;
  const addresses = [bytesOf(source.address, family), bytesOf(target.address, family)];
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(source.port, 0);
  ports.writeUInt16BE(target.port, 2);
  const rest = Buffer.concat([...addresses, ports, ...tlvs(announcement)]);
  const fixed = Buffer.from([VERSION_2_PROXY, TCP_OVER[family], 0, 0]);
  fixed.writeUInt16BE(rest.length, 2);
  return Buffer.concat([SIGNATURE, fixed, rest]);
}

function tlvs({ serverName, tlsVersion, certificate }: Announcement): readonly Buffer[] {
  const name = tlv(TLV.authority, Buffer.from(serverName, 'latin1'));
  const client = CLIENT_SSL | (certificate === null ? 0 : CLIENT_CERT);
  // §2.2.6: zero if a certificate was shown and verified, and something else if not.
  const head = Buffer.from([client, 0, 0, 0, certificate?.verified === true ? 0 : 1]);
  const version = tlv(TLV.sslVersion, Buffer.from(tlsVersion, 'latin1'));
  const commonName = certificate?.commonName ?? null;
  const named = commonName === null ? [] : [tlv(TLV.sslCommonName, Buffer.from(commonName, 'utf8').subarray(0, 256))];
  return [name, tlv(TLV.ssl, Buffer.concat([head, version, ...named]))];
}

function tlv(type: number, value: Buffer): Buffer {
  const head = Buffer.from([type, 0, 0]);
  head.writeUInt16BE(value.length, 1);
  return Buffer.concat([head, value]);
}

function bytesOf(address: string, family: 4 | 6): Buffer {
  if (family === 4) return Buffer.from(address.split('.').map(Number));
  return isIPv6(address) ? six(address) : six(`::ffff:${address}`);
}

// In one spelling first: eight groups, none left out.
function six(address: string): Buffer {
  const { address: plain } = new SocketAddress({ address: address.split('%')[0] ?? '', family: 'ipv6' });
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain);
  const text = dotted === null ? plain : `${dotted[1]}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}`;
  const [before = '', after] = text.split('::');
  const [head, tail] = [groups(before), groups(after ?? '')];
  const gap = after === undefined ? 0 : 8 - head.length - tail.length;
  const bytes = Buffer.alloc(16);
  for (const [at, group] of [...head, ...Array<number>(gap).fill(0), ...tail].entries())
    bytes.writeUInt16BE(group, 2 * at);
  return bytes;
}

function pair(high = '0', low = '0'): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}

function groups(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

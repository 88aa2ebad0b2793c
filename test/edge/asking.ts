import { once } from 'node:events';
import { type AddressInfo, createServer, connect as connectTcp } from 'node:net';
import type { TestContext } from 'node:test';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { X509Facts } from '../../src/domain/certificate.ts';
import type { EdgeAuthorities } from '../../src/domain/edge-zone.ts';
import { hostnamePattern, type Instant, instant } from '../../src/domain/ids.ts';
import { type Authority, createAuthority, type Issued, issueLeaf, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES, type Profile } from '../../src/pki/profiles.ts';
import { exchange, parse, type Reply } from './visit.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startPlainOrigin, startTestEdge } from './world.ts';

/** What tests of names that ask their visitors for certificates share. */

const DAY = 86_400_000;

/** A certificate with its key, as a visitor holds it. */
export interface Pass {
  readonly cert: string;
  readonly key: string;
  readonly leaf: X509Facts;
}

interface Bent {
  readonly profile?: Profile;
  readonly now?: Instant;
  readonly lifetime?: number;
  /** DNS names; they make it large. */
  readonly names?: readonly string[];
}

/** A CA for visitors. */
export async function visitorCa(name: string, issuer?: Authority): Promise<Authority> {
  return createAuthority({
    ...(issuer === undefined ? {} : { issuer }),
    profile: PROFILES[issuer === undefined ? 'pullRoot' : 'pullIntermediate'],
    subject: { commonName: name },
    key: await generateKey(),
    validity: validFor(instant(Date.now()), 10 * DAY),
  });
}

/** A certificate of a CA, or where there is none one that is signed by itself. */
export async function passOf(authority: Authority | null, bent: Bent = {}): Promise<Pass> {
  const { profile = PROFILES.pullLeaf, now = instant(Date.now()), lifetime = DAY, names = [] } = bent;
  const request = {
    profile,
    subject: { commonName: 'a visitor' },
    key: await generateKey(),
    validity: validFor(now, lifetime),
    names: names.map((value) => ({ kind: 'dns' as const, value })),
  };
  return asPass(authority === null ? createAuthority(request) : issueLeaf(authority, request));
}

function asPass({ certificate, chain, key }: Issued): Pass {
  return { cert: [certificate, ...chain].map(({ pem }) => pem).join(''), key: key.reveal(), leaf: certificate };
}

/** The list of a name as the feed tells it. */
export function asks(
  name: string,
  ...cas: readonly { readonly certificate: EdgeAuthorities['certificates'][number] }[]
): EdgeAuthorities {
  return {
    hostname: must(hostnamePattern(name)),
    certificates: cas.map(({ certificate: { fingerprint, pem } }) => ({ fingerprint, pem })),
  };
}

/**
 * An edge with three names of one zone: two that ask for certificates of a CA each, and one that asks for none. A zone below
 * it has a name of its own.
 */
export async function askingWorld(t: TestContext, wishes: Parameters<typeof startTestEdge>[2] = {}) {
  const [zone, other, staff, partners, certificate] = await Promise.all([
    makeZone('a.test'),
    makeZone('b.a.test'),
    visitorCa('staff CA'),
    visitorCa('partners CA'),
    serverCertificate(['*.a.test', '*.b.a.test']),
  ]);
  const origin = await startOrigin(t, zone.authority, certificate);
  const plain = await startPlainOrigin(t);
  const edge = await startTestEdge(t, [zone, other], wishes);
  const ports = { https: origin.port, http: plain.port };
  const names = ['staff.a.test', 'partners.a.test', 'open.a.test'].map((name) => must(hostnamePattern(name)));
  const put = names.map((name) => host(name, ports));
  const lists = [asks('staff.a.test', staff), asks('partners.a.test', partners)];
  edge.change(zone, zone.rules, put, { put: lists, dropped: [] });
  edge.change(other, { ...other.rules, ssl: 'flexible' }, [host(must(hostnamePattern('www.b.a.test')), ports)]);
  return { zone, other, origin, plain, edge, staff, partners };
}

export type AskingWorld = Awaited<ReturnType<typeof askingWorld>>;

/** Shakes hands as a visitor of a name. */
export async function meet(port: number, servername: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** A request for JSON, so that a page of the edge shows its code. */
export function request(host: string, fields = ''): string {
  return `GET / HTTP/1.1\r\nHost: ${host}\r\nAccept: application/json\r\n${fields}\r\n`;
}

/** What the edge answered: `hello` of the origin, or the code of its own page. */
function answered({ status, body }: Reply): string {
  if (status === 200) return 'admitted';
  const code = /"code":"([a-z_]+)"/.exec(body)?.[1];
  return code ?? `${status} ${body}`;
}

/** One request on a connection of its own. */
export async function visitAs(
  port: number,
  name: string,
  options: ConnectionOptions & { readonly fields?: string; readonly host?: string } = {},
): Promise<string> {
  const { fields = '', host: asked = name, ...tls } = options;
  const socket = await meet(port, name, tls);
  return answered(parse(await exchange(socket, request(asked, `${fields}Connection: close\r\n`))));
}

/** A visitor who keeps its connection. Each call sends a request and reads one answer. */
export function keeping(socket: TLSSocket, name: string): () => Promise<string> {
  let text = '';
  let heard = (): void => undefined;
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    heard();
  });
  socket.on('close', () => heard());
  return async () => {
    socket.write(request(name));
    for (;;) {
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? (/chunked/i.test(text) ? Number.NaN : 0));
      const at = text.indexOf('\r\n\r\n');
      const whole = Number.isNaN(length) ? text.endsWith('0\r\n\r\n') : at !== -1 && text.length >= at + 4 + length;
      if (whole || socket.destroyed) break;
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
    const reply = text;
    text = '';
    return reply === '' ? 'closed' : answered(parse(reply));
  };
}

/** A way to the edge on which the ClientHello arrives in TLS records of so many bytes (RFC 8446 §5.1). */
export async function fragmenting(t: TestContext, to: number, size: number): Promise<number> {
  const server = createServer((visitor) => {
    const edge = connectTcp({ port: to, host: '127.0.0.1' });
    let held = Buffer.alloc(0);
    const begin = (chunk: Buffer): void => {
      held = Buffer.concat([held, chunk]);
      const end = held.length < 5 ? Number.POSITIVE_INFINITY : 5 + held.readUInt16BE(3);
      if (held.length < end) return;
      visitor.off('data', begin);
      edge.write(inRecords(held.subarray(0, end), size));
      edge.write(held.subarray(end));
      visitor.pipe(edge);
    };
    visitor.on('data', begin);
    edge.pipe(visitor);
    for (const socket of [visitor, edge]) socket.on('error', () => socket.destroy());
    visitor.on('close', () => edge.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

function inRecords(record: Buffer, size: number): Buffer {
  const message = record.subarray(5);
  const pieces: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const fragment = message.subarray(at, at + size);
    pieces.push(Buffer.from([22, 3, 1, fragment.length >> 8, fragment.length & 0xff]), fragment);
  }
  return Buffer.concat(pieces);
}

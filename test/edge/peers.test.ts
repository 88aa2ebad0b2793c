import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { EdgeAccessRule } from '../../src/domain/edge-zone.ts';
import { hostname, ruleId } from '../../src/domain/ids.ts';
import type { PeerOptions } from '../../src/edge/peers.ts';
import { needs } from '../support/availability.ts';
import { startHaproxy } from '../support/server-process.ts';
import { dial, exchange, parse } from './visit.ts';
import { ask } from './visit-http2.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startPlainOrigin, startTestEdge } from './world.ts';

const NAME = 'www.a.test';
const WWW = must(hostname(NAME));
const LOOPBACK = ['127.0.0.0/8'];
const VISITOR = '203.0.113.9';
const BLOCKED: EdgeAccessRule = { id: must(ruleId('1'.repeat(32))), mode: 'block', network: '203.0.113.66/32' };
const ASK = `GET / HTTP/1.1\r\nHost: ${NAME}\r\nConnection: close\r\n\r\n`;

async function world(t: TestContext, peers: Partial<PeerOptions>, headTimeout = 10_000) {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']));
  const plain = await startPlainOrigin(t);
  const options = { peers: { proxyProtocol: [], trusted: [], ...peers }, visitorLimits: { headTimeout } };
  const edge = await startTestEdge(t, [zone], options);
  const rules = { ...zone.rules, accessRules: [BLOCKED], alwaysUseHttps: false, ssl: 'full' } as const;
  edge.change(zone, rules, [host(WWW, { https: origin.port, http: plain.port })]);
  return { zone, origin, edge };
}

function v1(source: string): Buffer {
  return Buffer.from(`PROXY TCP4 ${source} 192.0.2.1 50000 443\r\n`);
}

function v2(source: string, command = 0x21): Buffer {
  const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
  const addresses = Buffer.from([...source.split('.').map(Number), 192, 0, 2, 1, 195, 80, 1, 187]);
  return Buffer.concat([signature, Buffer.from([command, 0x11, 0, addresses.length]), addresses]);
}

async function knock(port: number, first: Buffer | string): Promise<Socket> {
  const socket = connectTcp({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.write(first);
  return socket;
}

/** A TLS connection behind these first bytes. */
async function dialBehind(port: number, first: Buffer, alpn: readonly string[] = []): Promise<TLSSocket> {
  const socket = await knock(port, first);
  const tls = connectTls({ socket, servername: NAME, rejectUnauthorized: false, ALPNProtocols: [...alpn] });
  await once(tls, 'secureConnect');
  return tls;
}

/** What the origin was told of the visitor. */
function told({ headers }: { readonly headers: readonly string[] }) {
  const value = (name: string) => headers[headers.findIndex((one) => one.toLowerCase() === name) + 1];
  return [value('cf-connecting-ip'), value('x-forwarded-for'), value('forwarded')?.split(';')[0]];
}

describe('a peer that announces its visitors', () => {
  for (const [what, header] of [
    ['version 1', v1(VISITOR)],
    ['version 2', v2(VISITOR)],
  ] as const) {
    test(`speaks for them over TLS: ${what}`, async (t) => {
      const { origin, edge } = await world(t, { proxyProtocol: LOOPBACK });
      const reply = parse(await exchange(await dialBehind(edge.https, header), ASK));
      assert.equal(reply.status, 200);
      assert.deepEqual(told(origin.seen[0] ?? assert.fail()), [VISITOR, VISITOR, `for=${VISITOR}`]);
    });
  }

  test('speaks for them over HTTP/2', async (t) => {
    const { origin, edge } = await world(t, { proxyProtocol: LOOPBACK });
    const socket = await dialBehind(edge.https, v2(VISITOR), ['h2']);
    const session = connectHttp2(`https://${NAME}`, { createConnection: () => socket });
    t.after(() => session.destroy());
    assert.equal((await ask(session)).status, 200);
    assert.deepEqual(told(origin.seen[0] ?? assert.fail())[0], VISITOR);
  });

  test('speaks for them without TLS, and rules hold for the visitor, not for the peer', async (t) => {
    const { edge } = await world(t, { proxyProtocol: LOOPBACK });
    const status = async (source: string) => parse(await exchange(await knock(edge.http, v1(source)), ASK)).status;
    assert.equal(await status('203.0.113.66'), 403);
    assert.equal(await status(VISITOR), 200);
  });

  test('may send the header byte by byte, or together with what follows', async (t) => {
    const { edge } = await world(t, { proxyProtocol: LOOPBACK });
    const whole = await knock(edge.http, Buffer.concat([v2('203.0.113.66'), Buffer.from(ASK)]));
    assert.equal(parse(await exchange(whole, '')).status, 403);
    const socket = await knock(edge.http, '');
    socket.setNoDelay(true);
    for (const byte of v1('203.0.113.66')) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(parse(await exchange(socket, ASK)).status, 403);
  });

  test('speaks for itself where it says so: a health check', async (t) => {
    const { origin, edge } = await world(t, { proxyProtocol: LOOPBACK });
    await exchange(await dialBehind(edge.https, v2(VISITOR, 0x20)), ASK);
    assert.deepEqual(told(origin.seen[0] ?? assert.fail())[0], '127.0.0.1');
  });

  test('is not heard without the header, over TLS or not: what it says could be anybody’s', async (t) => {
    const { origin, edge } = await world(t, { proxyProtocol: LOOPBACK });
    assert.equal(await exchange(await knock(edge.http, ''), ASK), '');
    await assert.rejects(dial(edge.https, NAME));
    assert.equal(origin.seen.length, 0);
    const cuts = edge.logged.filter(({ event }) => event === 'visitor_cut');
    assert.deepEqual(
      cuts.map(({ because, address }) => [because, address]),
      [
        ['proxy_header', '127.0.0.1'],
        ['proxy_header', '127.0.0.1'],
      ],
    );
  });

  test('is not waited for forever', async (t) => {
    const { edge } = await world(t, { proxyProtocol: LOOPBACK }, 200);
    assert.equal(await exchange(await knock(edge.http, 'PROXY '), ''), '');
  });
});

test('whoever is not listed speaks for nobody: a PROXY header is a broken request', async (t) => {
  const { origin, edge } = await world(t, { proxyProtocol: ['192.0.2.0/24'] });
  assert.equal(parse(await exchange(await knock(edge.http, v1(VISITOR)), ASK)).status, 400);
  await assert.rejects(dialBehind(edge.https, v1(VISITOR)));
  assert.equal(parse(await exchange(await dial(edge.https, NAME), ASK)).status, 200);
  assert.equal(told(origin.seen[0] ?? assert.fail())[0], '127.0.0.1');
});

describe('X-Forwarded-For', () => {
  const rows: readonly (readonly [what: string, said: string, address: string, path?: string])[] = [
    ['names the visitor', VISITOR, VISITOR, `${VISITOR}, 127.0.0.1`],
    ['is read from its end: what stands before is anybody’s', `8.8.8.8, ${VISITOR}`, VISITOR, `${VISITOR}, 127.0.0.1`],
    ['passes over trusted peers', `${VISITOR}, 127.0.0.7`, VISITOR, `${VISITOR}, 127.0.0.7, 127.0.0.1`],
    ['may have ports and brackets', `[2001:db8::9]:4711`, '2001:db8::9', '2001:db8::9, 127.0.0.1'],
    ['has IPv4 in one spelling', `::ffff:203.0.113.9`, VISITOR, `${VISITOR}, 127.0.0.1`],
    ['ends where it cannot be read', `${VISITOR}, unknown`, '127.0.0.1'],
    ['is not text', `${VISITOR}, "<script>"`, '127.0.0.1'],
    ['may be empty', '', '127.0.0.1'],
  ];
  for (const [what, said, address, path = address] of rows) {
    test(`of a trusted peer ${what}`, async (t) => {
      const { origin, edge } = await world(t, { trusted: LOOPBACK });
      const claims = `X-Forwarded-For: ${said}\r\nCF-Connecting-IP: 9.9.9.9\r\nForwarded: for=9.9.9.9\r\n`;
      const request = ASK.replace('Connection', `${claims}Connection`);
      assert.equal(parse(await exchange(await dial(edge.https, NAME), request)).status, 200);
      assert.deepEqual(told(origin.seen[0] ?? assert.fail()).slice(0, 2), [address, path]);
    });
  }

  test('of a trusted peer names a visitor for each request of a connection, and rules hold for it', async (t) => {
    const { origin, edge } = await world(t, { trusted: LOOPBACK });
    const socket = await dial(edge.https, NAME);
    const from = (address: string) => `GET / HTTP/1.1\r\nHost: ${NAME}\r\nX-Forwarded-For: ${address}\r\n\r\n`;
    const raw = await exchange(socket, `${from(VISITOR)}${from('203.0.113.66')}${from('203.0.113.10')}${ASK}`);
    assert.deepEqual(
      [...raw.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status),
      ['200', '403', '200', '200'],
    );
    assert.deepEqual(
      origin.seen.map((seen) => told(seen)[0]),
      [VISITOR, '203.0.113.10', '127.0.0.1'],
    );
  });

  test('of anybody else is not believed, nor passed on', async (t) => {
    const { origin, edge } = await world(t, { trusted: ['192.0.2.0/24'] });
    const request = ASK.replace('Connection', `X-Forwarded-For: ${VISITOR}\r\nConnection`);
    await exchange(await dial(edge.https, NAME), request);
    assert.deepEqual(told(origin.seen[0] ?? assert.fail()).slice(0, 2), ['127.0.0.1', '127.0.0.1']);
  });

  test('behind a PROXY header is believed only where the visitor named there is trusted', async (t) => {
    const { origin, edge } = await world(t, { proxyProtocol: LOOPBACK, trusted: ['198.51.100.0/24', ...LOOPBACK] });
    const request = ASK.replace('Connection', `X-Forwarded-For: 192.0.2.200\r\nConnection`);
    await exchange(await dialBehind(edge.https, v1('198.51.100.4')), request);
    await exchange(await dialBehind(edge.https, v1(VISITOR)), request);
    assert.deepEqual(
      origin.seen.map((seen) => told(seen)[1]),
      ['192.0.2.200, 198.51.100.4', VISITOR],
    );
  });
});

describe('HAProxy before the edge', needs('haproxy'), () => {
  for (const version of ['send-proxy', 'send-proxy-v2'] as const) {
    test(`says who visits with ${version}`, async (t) => {
      const { origin, edge } = await world(t, { proxyProtocol: LOOPBACK });
      await using haproxy = await startHaproxy({
        ports: 1,
        configuration: ({ ports: [port] }) => `defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen edge
  bind 127.0.0.1:${port}
  server edge 127.0.0.1:${edge.https} ${version} source 127.0.0.3
`,
      });
      const visitor = connectTcp({ host: '127.0.0.1', port: haproxy.ports[0] ?? 0, localAddress: '127.0.0.9' });
      const socket = connectTls({ socket: visitor, servername: NAME, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      assert.equal(parse(await exchange(socket, ASK)).status, 200);
      assert.equal(told(origin.seen[0] ?? assert.fail())[0], '127.0.0.9');
    });
  }
});

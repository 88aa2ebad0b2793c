import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import type { Server } from 'node:net';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { EdgeHost } from '../../src/domain/edge-zone.ts';
import { hostname, hostnamePattern } from '../../src/domain/ids.ts';
import type { EdgeMessage } from '../../src/wire/feed.ts';
import { anotherIdentity } from './proofs.ts';
import { OK, startRawOrigin } from './raw-origin.ts';
import { until } from './until.ts';
import { dial, exchange, visit } from './visit.ts';
import { host, makeZone, must, serverCertificate, startTestEdge, type TestZone } from './world.ts';

/** An edge that tells how pulls of a zone go which show a certificate: answered or refused, by origin. */

type Test = Parameters<typeof startTestEdge>[0];

const named = (text: string) => must(hostnamePattern(text));

/** What was told so far, summed: `hostname port certificate answered/refused`, with `old` for the zone's certificate. */
function told(replies: readonly EdgeMessage[], zone: TestZone): readonly string[] {
  const sums = new Map<string, { answered: number; refused: number }>();
  for (const { origin, certificate, answered, refused } of replies.flatMap((one) =>
    one.kind === 'pulled' && one.zone === zone.id ? one.counts : [],
  )) {
    assert.equal(origin.address, '127.0.0.1');
    const shown = certificate === zone.identity.certificate ? 'old' : 'new';
    const key = `${origin.hostname} ${origin.port} ${shown}`;
    const before = sums.get(key) ?? { answered: 0, refused: 0 };
    sums.set(key, { answered: before.answered + answered, refused: before.refused + refused });
  }
  return [...sums].map(([key, { answered, refused }]) => `${key} ${answered}/${refused}`).sort();
}

async function world(t: Test, pullLimits = {}) {
  const zone = await makeZone('a.test');
  const edge = await startTestEdge(t, [zone], { pullLimits });
  const watch = (...certificates: readonly (typeof zone.identity.certificate)[]) =>
    edge.send({ kind: 'watch', zone: zone.id, certificates });
  const counts = async (...expected: readonly string[]) => {
    await until(() => told(edge.replies, zone).join() === expected.join()).catch(() => undefined);
    assert.deepEqual(told(edge.replies, zone), expected);
  };
  const serve = (name: string, ...ports: readonly number[]) => {
    const targets = ports.flatMap((https) => host(named(name), { https }).targets);
    edge.change(zone, zone.rules, [{ hostname: named(name), targets, pull: { kind: 'inherit' } }]);
  };
  return { zone, edge, watch, counts, serve };
}

async function listen(t: Test, server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const at = server.address();
  return at !== null && typeof at === 'object' ? at.port : 0;
}

/**
 * An origin that takes the zone's certificate until it is told to refuse it: Node's server refuses another CA by closing, but
 * who has no signature that it takes, by OpenSSL's alert. Connections are used once.
 */
async function startLocked(t: Test, zone: TestZone, protocol: '1.1' | '2' = '1.1') {
  const { leaf } = await serverCertificate(['*.a.test'], 'ec:P-384');
  const ca = zone.authority.root.certificate.pem;
  const locked = { cert: leaf.certificate.pem, key: leaf.key.reveal(), ca };
  const asks = { requestCert: true, rejectUnauthorized: true };
  const server =
    protocol === '2'
      ? createSecureServer({ ...locked, ...asks }, (request, response) => {
          response.end('ok');
          request.stream.session?.close();
        })
      : createServer({ ...locked, ...asks }, (_request, response) => {
          response.setHeader('connection', 'close');
          response.end('ok');
        });
  const port = await listen(t, server);
  return { port, refuse: () => server.setSecureContext({ ...locked, sigalgs: 'ECDSA+SHA384' }) };
}

for (const protocol of ['1.1', '2'] as const) {
  test(`an origin that begins to refuse is told, over HTTP/${protocol}`, async (t) => {
    const { zone, edge, watch, counts } = await world(t);
    const origin = await startLocked(t, zone, protocol);
    const [target] = host(named('www.a.test'), { https: origin.port }).targets;
    assert.ok(target);
    const www: EdgeHost = {
      hostname: named('www.a.test'),
      targets: [{ ...target, http2: protocol === '2' }],
      pull: { kind: 'inherit' },
    };
    edge.change(zone, zone.rules, [www]);
    watch(zone.identity.certificate);
    assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
    assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
    await counts(`www.a.test ${origin.port} old 2/0`);
    origin.refuse();
    assert.ok((await visit(edge.https, 'www.a.test')).status >= 500);
    await counts(`www.a.test ${origin.port} old 2/1`);
  });
}

test('a refusal is told of the origin that refused, though another one of the name answers', async (t) => {
  const { zone, edge, watch, counts, serve } = await world(t);
  const [good, bad] = [await startLocked(t, zone), await startLocked(t, zone)];
  bad.refuse();
  serve('www.a.test', good.port, bad.port);
  watch(zone.identity.certificate);
  for (let visits = 0; visits < 4; visits++) assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  const expected = [`www.a.test ${good.port} old 4/0`, `www.a.test ${bad.port} old 0/2`];
  await counts(...expected.sort());
});

test('a pull is counted for the names by which its record calls the origin, not for what the visitor called it', async (t) => {
  const { zone, edge, watch } = await world(t);
  const origin = await startLocked(t, zone);
  const [target] = host(named('www.a.test'), { https: origin.port }).targets;
  assert.ok(target);
  const called = [
    { serverName: null, hostHeader: null },
    { serverName: must(hostname('inner.a.test')), hostHeader: null },
    // The same handshake as the first one's: they share a connection, and are two origins all the same.
    { serverName: must(hostname('www.a.test')), hostHeader: 'inner.test' },
  ];
  const targets = called.map((names) => ({ ...target, ...names }));
  edge.change(zone, zone.rules, [{ hostname: named('www.a.test'), targets, pull: { kind: 'inherit' } }]);
  watch(zone.identity.certificate);
  for (let visits = 0; visits < 6; visits++) assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  const counts = () => edge.replies.flatMap((one) => (one.kind === 'pulled' ? one.counts : []));
  await until(() => counts().reduce((sum, { answered }) => sum + answered, 0) === 6);
  for (const names of called) {
    const own = counts().filter(({ origin: { serverName, hostHeader } }) =>
      isDeepStrictEqual({ serverName, hostHeader }, names),
    );
    assert.equal(
      own.reduce((sum, { answered }) => sum + answered, 0),
      2,
    );
  }
});

test('names below a wildcard count as the wildcard', async (t) => {
  const { zone, edge, watch, counts, serve } = await world(t);
  const origin = await startLocked(t, zone);
  serve('*.a.test', origin.port);
  watch(zone.identity.certificate);
  await visit(edge.https, 'one.a.test');
  await visit(edge.https, 'two.a.test');
  await counts(`*.a.test ${origin.port} old 2/0`);
});

test('counted is what shows a watched certificate, from the watch to its end', async (t) => {
  const { zone, edge, watch, counts, serve } = await world(t);
  const next = await anotherIdentity(zone);
  edge.send(next.key);
  const origin = await startLocked(t, zone);
  serve('www.a.test', origin.port);
  const see = async () => assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  await see();
  watch(next.identity.certificate);
  await see();
  edge.change(zone, { ...zone.rules, zonePull: { kind: 'on', identity: next.identity } }, []);
  await see();
  watch(zone.identity.certificate, next.identity.certificate);
  await see();
  edge.change(zone, zone.rules, []);
  await see();
  watch();
  await see();
  await counts(`www.a.test ${origin.port} new 2/0`, `www.a.test ${origin.port} old 1/0`);
  // Over a new feed it is asked anew.
  watch(zone.identity.certificate);
  edge.edge.subscribe((message) => edge.replies.push(message));
  await see();
  watch(zone.identity.certificate);
  await see();
  await counts(`www.a.test ${origin.port} new 2/0`, `www.a.test ${origin.port} old 2/0`);
});

test('nginx refuses with a page, and an application may say 400 too', async (t) => {
  const { zone, edge, watch, counts, serve } = await world(t);
  const page = (title: string) => `<html>\r\n<head><title>400 ${title}</title></head>\r\n</html>\r\n`;
  const bodies: Readonly<Record<string, string>> = {
    '/certificate': page('The SSL certificate error'),
    '/none': page('No required SSL certificate was sent'),
    '/other': page('Bad Request'),
    '/empty': '',
  };
  const { leaf } = await serverCertificate(['*.a.test']);
  const port = await listen(
    t,
    createServer({ cert: leaf.certificate.pem, key: leaf.key.reveal() }, (request, response) => {
      response.writeHead(400).end(bodies[request.url ?? '']);
    }),
  );
  serve('www.a.test', port);
  watch(zone.identity.certificate);
  for (const path of Object.keys(bodies)) assert.equal((await visit(edge.https, 'www.a.test', path)).status, 400);
  const visitor = await dial(edge.https, 'www.a.test');
  await exchange(visitor, 'HEAD /none HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n');
  await counts(`www.a.test ${port} old 3/2`);
});

test('what ends otherwise is neither: a visitor who leaves, a late close, a plan that changes', async (t) => {
  const { zone, edge, watch, counts, serve } = await world(t, { drainTimeout: 20 });
  let requests = 0;
  const { port, sockets } = await startRawOrigin(t, (socket, count) => {
    requests = count;
    // The first two hang.
    if (count === 3) socket.end('HTTP/1.1 2');
    if (count > 3) socket.write(OK);
  });
  serve('www.a.test', port);
  watch(zone.identity.certificate);
  const leaves = await dial(edge.https, 'www.a.test');
  leaves.write('GET /leaves HTTP/1.1\r\nHost: www.a.test\r\n\r\n');
  await until(() => requests === 1);
  leaves.destroy();
  await until(() => sockets[0]?.destroyed === true);
  const cut = visit(edge.https, 'www.a.test');
  await until(() => requests === 2);
  edge.change(zone, { ...zone.rules, zonePull: { kind: 'off' } }, []);
  assert.ok((await cut).status >= 500);
  edge.change(zone, zone.rules, []);
  assert.ok((await visit(edge.https, 'www.a.test')).status >= 500);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  await counts(`www.a.test ${port} old 1/0`);
});

// Such counts take a rotation's origins back: above two of a hundred since the switch, three at least.
test('a visitor cannot make an origin look as if it refused the certificate', async (t) => {
  const { zone, edge, watch, serve } = await world(t);
  const { leaf } = await serverCertificate(['*.a.test']);
  const ca = zone.authority.root.certificate.pem;
  const tls = { cert: leaf.certificate.pem, key: leaf.key.reveal(), ca, requestCert: true, rejectUnauthorized: true };
  // As nginx does with `return 444`, which is often the answer to bots.
  const server = createServer(tls, (request, response) => {
    if (request.url === '/wp-login.php') request.socket.destroy();
    else response.end('ok');
  });
  const port = await listen(t, server);
  serve('www.a.test', port);
  watch(zone.identity.certificate);
  for (let visits = 0; visits < 3; visits++) {
    assert.ok((await visit(edge.https, 'www.a.test', '/wp-login.php')).status >= 500);
  }
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  await until(() => told(edge.replies, zone).join().includes(' old 1/'));
  assert.deepEqual(told(edge.replies, zone), [`www.a.test ${port} old 1/0`]);
});

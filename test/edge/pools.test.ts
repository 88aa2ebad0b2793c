import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { hostname, instant, revision } from '../../src/domain/ids.ts';
import { OK, rawWorld, startRawOrigin, WWW } from './raw-origin.ts';
import { until } from './until.ts';
import { dial, exchange, parse, visit } from './visit.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

test('idle connections of an identity close when the identity changes', async (t) => {
  const { zone, origin, edge } = await rawWorld(t, (socket) => socket.write(OK));
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  const [first] = origin.sockets;
  assert.ok(first);
  const closed = once(first, 'close');
  edge.change(zone, { ...zone.rules, zonePull: { kind: 'off' } }, []);
  await closed;
});

test('a change elsewhere in the zone leaves connections alone', async (t) => {
  const { zone, origin, edge } = await rawWorld(t, (socket) => socket.write(OK));
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  edge.change(zone, { ...zone.rules, alwaysUseHttps: false }, [
    host(must(hostname('other.a.test')), { https: origin.port }),
  ]);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  assert.equal(origin.sockets.length, 1);
});

test('an answer under way when its identity ends is finished', async (t) => {
  let finish = (): void => undefined;
  const { zone, origin, edge } = await rawWorld(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha');
    finish = () => socket.write('lf');
  });
  const socket = await dial(edge.https, 'www.a.test');
  const begun = once(socket, 'data');
  const reply = exchange(socket, 'GET / HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n');
  await begun;
  edge.send({ kind: 'key_dropped', certificate: zone.identity.certificate });
  finish();
  assert.match(await reply, /\r\n\r\nhalf$/);
  assert.equal(origin.requests(), 1);
});

test('an identity past its end is not presented', async (t) => {
  const { zone, origin, edge } = await rawWorld(t, (socket) => socket.write(OK));
  const ended = { ...zone.identity, notAfter: instant(Date.now() - 1) };
  edge.change(zone, { ...zone.rules, zonePull: { kind: 'on', identity: ended } }, []);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 525);
  assert.equal(origin.requests(), 0);
});

test('a GET on a connection that the origin has just closed is sent again, a POST is not', async (t) => {
  // The first request of each connection is answered, the second finds it closed.
  const seen = new WeakMap<Socket, number>();
  const { origin, edge } = await rawWorld(t, (socket) => {
    const earlier = seen.get(socket) ?? 0;
    seen.set(socket, earlier + 1);
    if (earlier === 0) socket.write(OK);
    else socket.destroy();
  });
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200, 'sent again');
  assert.equal(origin.requests(), 3);
  const socket = await dial(edge.https, 'www.a.test');
  const raw = await exchange(
    socket,
    'POST / HTTP/1.1\r\nHost: www.a.test\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx',
  );
  assert.equal(parse(raw).status, 520);
  assert.equal(origin.requests(), 4);
});

test('an answer that is cut off is not made to look whole', async (t) => {
  const { edge } = await rawWorld(t, (socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
  });
  const socket = await dial(edge.https, 'www.a.test');
  const raw = await exchange(socket, 'GET / HTTP/1.1\r\nHost: www.a.test\r\n\r\n');
  assert.ok(raw.endsWith('half'), raw);
  const chunked = await rawWorld(t, (origin) =>
    origin.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'),
  );
  const other = await dial(chunked.edge.https, 'www.a.test');
  assert.doesNotMatch(await exchange(other, 'GET / HTTP/1.1\r\nHost: www.a.test\r\n\r\n'), /\r\n0\r\n/);
});

test('an answer that is not valid HTTP is a bad answer', async (t) => {
  const bad = [
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
    'SSH-2.0-OpenSSH\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
  ];
  for (const answer of bad) {
    const { edge } = await rawWorld(t, (socket) => socket.write(answer));
    const reply = await visit(edge.https, 'www.a.test');
    assert.equal(reply.status, 520, answer);
    assert.equal(edge.logged.find(({ event }) => event === 'pull_failed')?.['code'], 'bad_answer', answer);
  }
});

test('bytes that no request asked for never become somebody else’s answer', async (t) => {
  const { origin, edge } = await rawWorld(t, (socket, count) => {
    socket.write(count === 1 ? `${OK}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison` : OK);
  });
  assert.equal((await visit(edge.https, 'www.a.test')).body, 'ok');
  assert.equal((await visit(edge.https, 'www.a.test')).body, 'ok');
  assert.equal(origin.sockets.length, 2);
});

test('a body without a length lasts until the origin closes, and reaches the visitor in chunks', async (t) => {
  const { edge } = await rawWorld(t, (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'));
  const reply = await visit(edge.https, 'www.a.test');
  assert.equal(reply.headers.get('transfer-encoding'), 'chunked');
  assert.equal(reply.body, 'd\r\nuntil the end\r\n0\r\n\r\n');
});

test('HEAD and 304 have no body whatever they declare', async (t) => {
  const { edge } = await rawWorld(t, (socket, count) => {
    socket.write(
      count === 1
        ? 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n'
        : 'HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n',
    );
  });
  const socket = await dial(edge.https, 'www.a.test');
  const raw = await exchange(
    socket,
    'HEAD / HTTP/1.1\r\nHost: www.a.test\r\n\r\nGET / HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n',
  );
  assert.match(raw, /^HTTP\/1\.1 200 OK\r\nContent-Length: 99\r\nCF-Ray: \w+\r\n\r\nHTTP\/1\.1 304 /);
});

test('failures to reach the origin are told apart', async (t) => {
  const zone = await makeZone('a.test');
  const edge = await startTestEdge(t, [zone]);
  const silent = createTcpServer((socket) => socket.destroy());
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  t.after(() => silent.close());
  const address = silent.address();
  const reset = address !== null && typeof address === 'object' ? address.port : 0;
  const unused = createTcpServer();
  await once(unused.listen(0, '127.0.0.1'), 'listening');
  const free = unused.address();
  const closed = free !== null && typeof free === 'object' ? free.port : 0;
  await new Promise<void>((resolve) => unused.close(() => resolve()));
  const cases = [
    ['127.0.0.1', closed, 521, 'connection_refused'],
    ['127.0.0.1', reset, 525, 'handshake_failed'],
    ['nobody.invalid', 443, 530, 'name_unresolved'],
    ['169.254.169.254', 80, 530, 'address_forbidden'],
    ['::ffff:169.254.169.254', 80, 530, 'address_forbidden'],
    ['127.0.0.1', edge.https, 530, 'address_forbidden'],
  ] as const;
  for (const [to, port, status, code] of cases) {
    const names = { serverName: null, hostHeader: null, http2: false };
    const target = { address: to, httpsPort: port, httpPort: port, ...names, mayBePrivate: true };
    edge.change(zone, zone.rules, [{ hostname: WWW, targets: [target], pull: { kind: 'inherit' } }]);
    const reply = await visit(edge.https, 'www.a.test');
    assert.deepEqual([reply.status, edge.logged.at(-1)?.['code']], [status, code], `${to}:${port}`);
  }
});

test('the next address of a name is tried when one refuses', async (t) => {
  const { zone, origin, edge } = await rawWorld(t, (socket) => socket.write(OK));
  const target = (httpsPort: number) => ({
    address: '127.0.0.1',
    httpsPort,
    httpPort: 1,
    serverName: null,
    hostHeader: null,
    http2: false,
    mayBePrivate: true,
  });
  edge.change(zone, zone.rules, [
    { hostname: WWW, targets: [target(1), target(origin.port)], pull: { kind: 'inherit' } },
  ]);
  for (let n = 0; n < 4; n++) assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
});

test('a pull that comes back to its own edge is a loop', async (t) => {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, null, await serverCertificate(['*.a.test']));
  const edge = await startTestEdge(t, [zone]);
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  await visit(edge.https, 'www.a.test');
  const headers = origin.seen[0]?.headers ?? [];
  const loop = headers[headers.indexOf('CDN-Loop') + 1];
  assert.ok(loop);
  assert.equal((await visit(edge.https, 'www.a.test', '/', `CDN-Loop: other, ${loop}\r\n`)).status, 508);
});

test('a resumed session to the origin keeps the identity of its own pool', async (t) => {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']), (_request, response) => {
    response.setHeader('connection', 'close');
    response.end('ok');
  });
  const edge = await startTestEdge(t, [zone]);
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  for (let n = 0; n < 3; n++) assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  assert.deepEqual(
    origin.seen.map(({ resumed, subject }) => [resumed, subject]),
    [
      [false, `pull ${zone.id}`],
      [true, `pull ${zone.id}`],
      [true, `pull ${zone.id}`],
    ],
  );
  // Without the identity there is another pool, which has no session to resume.
  edge.change(zone, { ...zone.rules, zonePull: { kind: 'off' } }, []);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 525);
  assert.equal(origin.seen.length, 3);
});

test('who waits for a connection when the plan changes is served by the new plan', async (t) => {
  let release = (): void => undefined;
  const { zone, edge } = await rawWorld(t, (socket) => {
    release = () => socket.write(OK);
  });
  const limited = await startTestEdge(t, [zone], { pullLimits: { maxConnections: 1 } });
  const slow = await startRawOrigin(t, (socket, count) => {
    if (count === 1) release = () => socket.write(OK);
    else socket.write(OK);
  });
  const quick = await startRawOrigin(t, (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew'));
  limited.change(zone, zone.rules, [host(WWW, { https: slow.port })]);
  const first = visit(limited.https, 'www.a.test');
  await until(() => slow.requests() === 1);
  const second = visit(limited.https, 'www.a.test');
  const third = dial(limited.https, 'www.a.test').then((socket) => socket.destroy());
  await third;
  limited.change(zone, zone.rules, [host(WWW, { https: quick.port })]);
  assert.equal((await second).body, 'new');
  release();
  assert.equal((await first).body, 'ok', 'what was under way is finished');
  assert.equal(edge.logged.length, 0);
});

test('who waits too long for a connection is told that there are too many', async (t) => {
  const zone = await makeZone('a.test');
  const origin = await startRawOrigin(t, () => undefined);
  const edge = await startTestEdge(t, [zone], {
    pullLimits: { maxConnections: 1, waitTimeout: 100, answerTimeout: 5_000 },
  });
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  const first = visit(edge.https, 'www.a.test');
  await until(() => origin.requests() === 1);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 503);
  for (const socket of origin.sockets) socket.destroy();
  assert.equal((await first).status, 520);
});

test('an origin is not given more connections than it may have, whatever the names; another zone has its own', async (t) => {
  const [a, b] = [await makeZone('a.test'), await makeZone('b.test')];
  const origin = await startRawOrigin(t, () => undefined);
  const edge = await startTestEdge(t, [a, b], { pullLimits: { maxPerOrigin: 1, waitTimeout: 100 } });
  const to = { https: origin.port };
  edge.change(a, a.rules, [host(WWW, to), host(must(hostname('api.a.test')), to)]);
  edge.change(b, b.rules, [host(must(hostname('www.b.test')), to)]);
  const first = visit(edge.https, 'www.a.test');
  await until(() => origin.requests() === 1);
  assert.equal((await visit(edge.https, 'api.a.test')).status, 503);
  assert.equal(edge.logged.at(-1)?.['code'], 'too_busy');
  const other = visit(edge.https, 'www.b.test');
  await until(() => origin.requests() === 2);
  for (const socket of origin.sockets) socket.destroy();
  assert.deepEqual([(await first).status, (await other).status], [520, 520]);
});

test('a connection that is being opened when its identity ends is not used', async (t) => {
  const zone = await makeZone('a.test');
  let greet = (): void => undefined;
  const origin = await startRawOrigin(t, (socket) => socket.write(OK));
  // A relay that lets the handshake begin only when told.
  const relay = createTcpServer((near) => {
    greet = () => {
      const far = connectTcp({ port: origin.port, host: '127.0.0.1' });
      near.pipe(far).pipe(near);
      far.on('error', () => near.destroy());
      near.on('error', () => far.destroy());
    };
  });
  await once(relay.listen(0, '127.0.0.1'), 'listening');
  t.after(() => relay.close());
  const address = relay.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const edge = await startTestEdge(t, [zone]);
  edge.change(zone, zone.rules, [host(WWW, { https: port })]);
  const connected = once(relay, 'connection');
  const reply = visit(edge.https, 'www.a.test');
  await connected;
  edge.send({ kind: 'key_dropped', certificate: zone.identity.certificate });
  greet();
  assert.equal((await reply).status, 525, 'served anew, and there is no key any more');
  assert.equal(origin.requests(), 0);
});

test('a key that does not come with a snapshot is forgotten', async (t) => {
  const { zone, origin, edge } = await rawWorld(t, (socket) => socket.write(OK));
  const zones = [{ zone: zone.id, rules: zone.rules, put: [host(WWW, { https: origin.port })], dropped: [] }];
  const again = edge.edge.subscribe((message) => edge.replies.push(message));
  again(zone.key);
  again({ kind: 'snapshot', revision: revision(7), zones });
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  const away = edge.edge.subscribe((message) => edge.replies.push(message));
  away({ kind: 'snapshot', revision: revision(8), zones });
  assert.equal((await visit(edge.https, 'www.a.test')).status, 525);
  assert.deepEqual(edge.replies.at(-1), { kind: 'applied', edge: 'test', revision: 8 });
});

test('a snapshot in which two zones hold one name is rejected, and the state before it stays', async (t) => {
  const { zone, origin, edge } = await rawWorld(t, (socket) => socket.write(OK));
  const other = await makeZone('b.test');
  const put = [host(WWW, { https: origin.port })];
  const twice = [zone, other].map(({ id, rules }) => ({ zone: id, rules, put, dropped: [] }));
  edge.send({ kind: 'snapshot', revision: revision(9), zones: twice });
  assert.equal(edge.replies.at(-1)?.kind, 'rejected');
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
});

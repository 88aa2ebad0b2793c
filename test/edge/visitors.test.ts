import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { test } from 'node:test';
import { hostname } from '../../src/domain/ids.ts';
import { until } from './until.ts';
import { dial, exchange, parse } from './visit.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

const WWW = must(hostname('www.a.test'));
type Test = Parameters<typeof startTestEdge>[0];

async function world(
  t: Test,
  limits: Parameters<typeof startTestEdge>[2] = {},
  answer?: Parameters<typeof startOrigin>[3],
) {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']), answer);
  const edge = await startTestEdge(t, [zone], limits);
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  return { zone, origin, edge };
}

const ASK = 'GET / HTTP/1.1\r\nHost: www.a.test\r\n';

test('a head that does not arrive in time is answered 408', async (t) => {
  const { origin, edge } = await world(t, { visitorLimits: { headTimeout: 100 } });
  const socket = await dial(edge.https, 'www.a.test');
  const raw = await exchange(socket, ASK);
  assert.equal(parse(raw).status, 408);
  assert.equal(origin.seen.length, 0);
});

test('a connection that says nothing is closed without a word', async (t) => {
  const { edge } = await world(t, { visitorLimits: { headTimeout: 100 } });
  const socket = await dial(edge.https, 'www.a.test');
  assert.equal(await exchange(socket, ''), '');
});

test('a body that stops coming is answered 408, and the origin is not left waiting', async (t) => {
  const { origin, edge } = await world(t, { visitorLimits: { headTimeout: 100, bodyTimeout: 100 } });
  const closed = new Promise((resolve) =>
    origin.server.once('secureConnection', (socket) => socket.once('close', resolve)),
  );
  const socket = await dial(edge.https, 'www.a.test');
  const raw = await exchange(socket, 'POST / HTTP/1.1\r\nHost: www.a.test\r\nContent-Length: 10\r\n\r\nhalf');
  assert.equal(parse(raw).status, 408);
  await closed;
});

test('a body that only trickles is answered 408 once its time of grace is over', async (t) => {
  const visitorLimits = { headTimeout: 100, bodyTimeout: 60_000, bodyGrace: 300, minBodyRate: 1_000_000 };
  const { edge } = await world(t, { visitorLimits });
  const socket = await dial(edge.https, 'www.a.test');
  const trickle = setInterval(() => socket.write('x'), 20);
  t.after(() => clearInterval(trickle));
  const raw = await exchange(socket, 'POST / HTTP/1.1\r\nHost: www.a.test\r\nContent-Length: 1000000\r\n\r\n');
  assert.equal(parse(raw).status, 408);
});

test('a visitor that does not read its answer is let go, and so is the origin', async (t) => {
  const limits = { visitorLimits: { headTimeout: 100, unreadTimeout: 200 } };
  const { origin, edge } = await world(t, limits, (_request, response) => {
    response.writeHead(200, { 'content-length': 200_000_000 });
    response.write(Buffer.alloc(50_000_000, 'x'));
  });
  const closed = new Promise((resolve) =>
    origin.server.once('secureConnection', (socket) => socket.once('close', resolve)),
  );
  const socket = await dial(edge.https, 'www.a.test');
  t.after(() => socket.destroy());
  socket.pause();
  socket.write(`${ASK}\r\n`);
  await closed;
});

test('an origin that does not answer in time is reported as 524', async (t) => {
  const { edge } = await world(t, { pullLimits: { answerTimeout: 100 } }, () => undefined);
  const socket = await dial(edge.https, 'www.a.test');
  assert.equal(parse(await exchange(socket, `${ASK}Connection: close\r\n\r\n`)).status, 524);
});

test('a visitor that leaves takes its pull with it', async (t) => {
  let asked = (): void => undefined;
  const request = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const { origin, edge } = await world(t, {}, () => asked());
  const closed = new Promise((resolve) =>
    origin.server.once('secureConnection', (socket) => socket.once('close', resolve)),
  );
  const socket = await dial(edge.https, 'www.a.test');
  socket.write(`${ASK}\r\n`);
  await request;
  socket.destroy();
  await closed;
});

test('more requests than connections wait for their turn', async (t) => {
  const { origin, edge } = await world(t, { pullLimits: { maxConnections: 2 } });
  const visits = Array.from({ length: 12 }, async (_, n) => {
    const socket = await dial(edge.https, 'www.a.test');
    return parse(await exchange(socket, `GET /${n} HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n`)).status;
  });
  assert.deepEqual(await Promise.all(visits), Array(12).fill(200));
  assert.equal(origin.seen.length, 12);
});

test('more waiting than there is room for are told so', async (t) => {
  const { edge } = await world(
    t,
    { pullLimits: { maxConnections: 1, maxWaiting: 0, answerTimeout: 300 } },
    () => undefined,
  );
  const ask = async () => {
    const socket = await dial(edge.https, 'www.a.test');
    return parse(await exchange(socket, `${ASK}Connection: close\r\n\r\n`)).status;
  };
  assert.deepEqual((await Promise.all([ask(), ask()])).sort(), [503, 524]);
});

test('HTTP/1.0 gets no chunks, and keeps its connection only where it asks', async (t) => {
  const { edge } = await world(t, {}, (_request, response) => {
    response.write('one ');
    response.end('two');
  });
  const socket = await dial(edge.https, 'www.a.test');
  const reply = parse(await exchange(socket, 'GET / HTTP/1.0\r\nHost: www.a.test\r\n\r\n'));
  assert.equal(reply.body, 'one two');
  assert.equal(reply.headers.get('transfer-encoding'), undefined);
  assert.equal(reply.headers.get('connection'), 'close');
  const sized = await world(t);
  const kept = await dial(sized.edge.https, 'www.a.test');
  const old = 'GET / HTTP/1.0\r\nHost: www.a.test\r\nConnection: ';
  const raw = await exchange(kept, `${old}keep-alive\r\n\r\n${old}close\r\n\r\n`);
  assert.equal(raw.match(/HTTP\/1\.1 200/g)?.length, 2);
});

test('a visitor may close its side and still read the answer', async (t) => {
  const { edge } = await world(t);
  const socket = await dial(edge.http, null);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.end(`${ASK}\r\n`);
  await once(socket, 'close');
  assert.match(Buffer.concat(chunks).toString('latin1'), /^HTTP\/1\.1 301 /);
});

test('CONNECT and TRACE are refused, unknown methods go on', async (t) => {
  const { origin, edge } = await world(t);
  const send = async (text: string) => parse(await exchange(await dial(edge.https, 'www.a.test'), text)).status;
  const rest = ' HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n';
  assert.equal(await send(`TRACE /${rest}`), 405);
  assert.equal(await send('CONNECT www.a.test:443 HTTP/1.1\r\nHost: www.a.test:443\r\nConnection: close\r\n\r\n'), 405);
  assert.equal(await send(`PROPFIND /${rest}`), 200);
  assert.deepEqual(
    origin.seen.map(({ method }) => method),
    ['PROPFIND'],
  );
});

test('error pages come as HTML, JSON or text, carry the id of the log, and escape nothing into the page', async (t) => {
  const { zone, edge } = await world(t);
  edge.change(zone, { ...zone.rules, zonePull: { kind: 'on', identity: null } }, []);
  for (const [accept, type] of [
    ['text/html,*/*', 'text/html; charset=utf-8'],
    ['application/json', 'application/json'],
    ['*/*', 'text/plain; charset=utf-8'],
  ]) {
    const socket = await dial(edge.https, 'www.a.test');
    const path = '/<script>alert(1)</script>';
    const raw = await exchange(
      socket,
      `GET ${path} HTTP/1.1\r\nHost: www.a.test\r\nAccept: ${accept}\r\nConnection: close\r\n\r\n`,
    );
    const reply = parse(raw);
    assert.equal(reply.status, 525);
    assert.equal(reply.headers.get('content-type'), type);
    const id = edge.logged.at(-1)?.['id'];
    assert.ok(typeof id === 'string' && reply.body.includes(id));
    assert.doesNotMatch(reply.body, /script>/);
  }
});

test('draining finishes what is under way and takes nothing new', async (t) => {
  let finish = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let release = (): void => undefined;
  const { edge } = await world(t, {}, (_request, response) => {
    release = () => response.end('late');
    finish();
  });
  const socket = await dial(edge.https, 'www.a.test');
  const reply = exchange(socket, `${ASK}\r\n`);
  await asked;
  const closed = edge.edge.close(10_000);
  await assert.rejects(dial(edge.https, 'www.a.test'));
  release();
  assert.match(await reply, /Connection: close[\s\S]*late/);
  await closed;
});

test('answers do not pile up for a visitor that does not read them', async (t) => {
  const body = Buffer.alloc(50_000, 'x');
  const { origin, edge } = await world(t, {}, (_request, response) => response.end(body));
  const socket = await dial(edge.https, 'www.a.test');
  const requests = 1_000;
  socket.pause();
  socket.write(`${ASK}\r\n`.repeat(requests - 1));
  socket.write(`${ASK}Connection: close\r\n\r\n`);
  let before = -1;
  await until(() => {
    const still = origin.seen.length === before;
    before = origin.seen.length;
    return still && before > 0;
  });
  // What the sockets on both sides hold, and not the 50 MB that were asked for.
  assert.ok(origin.seen.length < requests / 2, `${origin.seen.length} answers`);
  let received = 0;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  socket.resume();
  await once(socket, 'close');
  assert.equal(origin.seen.length, requests);
  assert.ok(received > requests * body.length);
});

test('draining does not wait for whoever has not finished a handshake', async (t) => {
  const { edge } = await world(t);
  const silent = connectTcp({ port: edge.https, host: '127.0.0.1' });
  await once(silent, 'connect');
  const ended = once(silent, 'close');
  // A minute would pass before the deadline: the test would time out.
  await edge.edge.close(60_000);
  await ended;
});

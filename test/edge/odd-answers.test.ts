import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { END_HEADERS, END_STREAM, FRAME, frame, headerBlock } from './frames.ts';
import { http2Edge } from './http2-origin.ts';
import { rawWorld } from './raw-origin.ts';
import { dial, exchange, visit } from './visit.ts';
import { ask, dialHttp2 } from './visit-http2.ts';
import { serverCertificate } from './world.ts';

/** Answers of origins that mean harm, or are careless: what a visitor takes for one answer must be that one. */

const NEXT = 'GET /next HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n';

/** An edge before an HTTP/2 server that answers its first request with these fields and this body. */
async function framesWorld(t: TestContext, fields: readonly (readonly [string, string])[], body: string) {
  const { leaf } = await serverCertificate(['*.a.test']);
  const sockets: TLSSocket[] = [];
  const tls = { cert: leaf.certificate.pem, key: leaf.key.reveal(), ALPNProtocols: ['h2'] };
  const server = createServer(tls, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    const head = frame(FRAME.HEADERS, END_HEADERS, 1, headerBlock(fields));
    const answer = Buffer.concat([frame(FRAME.SETTINGS, 0, 0), head, frame(FRAME.DATA, END_STREAM, 1, body)]);
    socket.once('data', () => socket.write(answer));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return http2Edge(t, (server.address() as AddressInfo).port);
}

const POISON = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';

for (const [what, method, fields] of [
  ['to HEAD', 'HEAD', [[':status', '200']]],
  ['after 204', 'GET', [[':status', '204']]],
  ['after 304', 'GET', [[':status', '304']]],
  [
    'beyond its length',
    'GET',
    [
      [':status', '200'],
      ['content-length', '1'],
    ],
  ],
] as const) {
  test(`a body ${what} over HTTP/2 is never the answer to the next request over HTTP/1.1`, async (t) => {
    const { edge } = await framesWorld(t, fields, POISON);
    const first = `${method} / HTTP/1.1\r\nHost: www.a.test\r\n\r\n`;
    const raw = await exchange(await dial(edge.https, 'www.a.test'), first + NEXT);
    assert.doesNotMatch(raw, /poison/);
    assert.doesNotMatch(raw, /\r\n\r\nHTTP\/1\.1 200 OK/);
  });
}

test('a length of what has no body goes no further', async (t) => {
  const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 5\r\n\r\n';
  const { edge } = await rawWorld(t, (socket) =>
    socket.end(`${hints}HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\nworse`),
  );
  const raw = await exchange(await dial(edge.https, 'www.a.test'), NEXT);
  assert.match(raw, /^HTTP\/1\.1 103 [\s\S]*\r\n\r\nHTTP\/1\.1 204 /);
  assert.doesNotMatch(raw, /Content-Length|worse/);
  const { status, interims } = await ask(await dialHttp2(t, edge.https, 'www.a.test'));
  assert.deepEqual([status, interims.map((fields) => fields[':status'])], [204, [103]]);
});

test('a 304 and an answer to HEAD keep the length that they tell of', async (t) => {
  const { edge } = await rawWorld(t, (socket) => socket.end('HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n'));
  assert.equal((await visit(edge.https, 'www.a.test')).headers.get('content-length'), '5');
});

test('the largest head that an origin may send reaches a visitor over HTTP/2', async (t) => {
  const start = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: ';
  const value = 'a'.repeat(65_500 - start.length);
  const { edge } = await rawWorld(t, (socket) => socket.write(`${start}${value}\r\n\r\nok`));
  const session = await dialHttp2(t, edge.https, 'www.a.test', { settings: { maxHeaderListSize: 131_072 } });
  const { status, body, headers } = await ask(session);
  assert.deepEqual([status, body], [200, 'ok']);
  assert.ok(headers['x-a'] === value);
});

test('what an origin wants to change to cannot speak to the terminal that shows the log', async (t) => {
  const answer = `HTTP/1.1 101 Yes\r\nConnection: upgrade\r\nUpgrade: \x9b2J${'x'.repeat(10_000)}\r\n\r\n`;
  const { edge } = await rawWorld(t, (socket) => socket.write(Buffer.from(answer, 'latin1')));
  assert.equal((await visit(edge.https, 'www.a.test')).status, 520);
  const detail = String(edge.logged.find(({ event }) => event === 'pull_failed')?.['detail']);
  assert.match(detail, /^changes to \\u009b2j/);
  assert.ok(detail.length < 200, `${detail.length} characters`);
});

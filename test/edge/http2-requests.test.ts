import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostname } from '../../src/domain/ids.ts';
import {
  dialFrames,
  END_HEADERS,
  END_STREAM,
  FRAME,
  type Frame,
  type FrameSocket,
  frame,
  get,
  headerBlock,
} from './frames.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

const WWW = must(hostname('www.a.test'));
type Test = Parameters<typeof startTestEdge>[0];
type Fields = readonly (readonly [name: string, value: string])[];

async function world(t: Test) {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']));
  const edge = await startTestEdge(t, [zone]);
  edge.change(zone, zone.rules, [host(WWW, { https: origin.port })]);
  return { origin, edge };
}

function headers(stream: number, fields: Fields, flags = END_HEADERS | END_STREAM): Buffer {
  return frame(FRAME.HEADERS, flags, stream, headerBlock(fields));
}

/** How the edge ends a stream: with an answer, a reset, or the whole connection. */
async function end(socket: FrameSocket, stream: number): Promise<'answer' | 'reset' | 'closed'> {
  const last = await socket.until(
    ({ type, flags, stream: id }: Frame) =>
      id === stream && (type === FRAME.RST_STREAM || (type !== FRAME.RST_STREAM && (flags & END_STREAM) !== 0)),
  );
  if (last === null) return 'closed';
  return last.type === FRAME.RST_STREAM ? 'reset' : 'answer';
}

const put = (name: string, value: string): Fields => get().map((field) => (field[0] === name ? [name, value] : field));

test('what HTTP/2 itself forbids is reset, never pulled, and the connection goes on', async (t) => {
  const { origin, edge } = await world(t);
  const socket = await dialFrames(edge.https, 'www.a.test');
  const bad: Readonly<Record<string, Fields>> = {
    'an upper-case name': [...get(), ['X-A', '1']],
    'a connection field': [...get(), ['connection', 'x-a']],
    'a transfer coding': [...get(), ['transfer-encoding', 'chunked']],
    'an upgrade': [...get(), ['upgrade', 'websocket']],
    'a proxy connection': [...get(), ['proxy-connection', 'keep-alive']],
    'te that is not trailers': [...get(), ['te', 'gzip']],
    'no scheme': get().filter(([name]) => name !== ':scheme'),
    'no path': get().filter(([name]) => name !== ':path'),
    'no method': get().filter(([name]) => name !== ':method'),
    'no host at all': get().filter(([name]) => name !== ':authority'),
    'a path twice': [...get(), [':path', '/b']],
    'a pseudo-field after others': [['x-a', '1'], ...get()],
    'a pseudo-field of answers': [...get(), [':status', '200']],
    'an extended CONNECT': [[':protocol', 'websocket'], ...put(':method', 'CONNECT')],
    'a space in the path': put(':path', '/a b'),
    'a line end in the path': put(':path', '/a\r\nX: b'),
    'an empty path': put(':path', ''),
    'a space in the method': put(':method', 'GE T'),
    'Content-Length without a body': [...get(), ['content-length', '5']],
    'two lengths': [...get(), ['content-length', '0'], ['content-length', '0']],
    'a length with a sign': [...get(), ['content-length', '+0']],
    'two hosts': [...get(), ['host', 'www.a.test'], ['host', 'b.test']],
    'user information': put(':authority', 'a@www.a.test'),
  };
  let stream = 1;
  for (const [what, fields] of Object.entries(bad)) {
    socket.send(headers(stream, fields));
    assert.notEqual(await end(socket, stream), 'closed', what);
    stream += 2;
  }
  assert.deepEqual(origin.seen, []);
  socket.send(headers(stream, get()));
  assert.equal(await end(socket, stream), 'answer');
  assert.equal(origin.seen.length, 1);
});

test('what the rules of HTTP/1.1 forbid is answered, named in the log, and never pulled', async (t) => {
  const { origin, edge } = await world(t);
  const socket = await dialFrames(edge.https, 'www.a.test');
  const bad: Readonly<Record<string, Fields>> = {
    host_mismatch: [...get(), ['host', 'b.test']],
    bad_scheme: put(':scheme', 'ftp'),
    bad_target: put(':path', '/a#b'),
    bad_host: put(':authority', 'www..a.test'),
    bad_field_value: [...get(), ['x-a', ' a']],
    too_many_fields: [...get(), ...Array.from({ length: 129 }, (_, at) => [`x-${at}`, '1'] as const)],
    expectation_failed: [...get(), ['expect', 'magic']],
    target_too_long: put(':path', `/${'a'.repeat(16_000)}/${'b'.repeat(1_000)}`),
  };
  let stream = 1;
  for (const fields of Object.values(bad)) {
    const block = headerBlock(fields);
    const first = block.subarray(0, 16_384);
    const rest = block.subarray(16_384);
    socket.send(frame(FRAME.HEADERS, END_STREAM | (rest.length === 0 ? END_HEADERS : 0), stream, first));
    if (rest.length > 0) socket.send(frame(FRAME.CONTINUATION, END_HEADERS, stream, rest));
    assert.equal(await end(socket, stream), 'answer');
    stream += 2;
  }
  assert.deepEqual(origin.seen, []);
  assert.deepEqual(
    edge.logged.filter(({ event }) => event === 'request_refused').map(({ code }) => code),
    Object.keys(bad),
  );
});

test('a field that could not be written as a line never reaches an origin', async (t) => {
  const { origin, edge } = await world(t);
  const socket = await dialFrames(edge.https, 'www.a.test');
  const sly: Fields = [
    ['x-a', '1\r\nx-evil: 1'],
    ['x-b\r\nx-evil', '1'],
    ['x-c', 'a\0x-evil'],
    ['x evil', '1'],
    ['x-evil:', '1'],
  ];
  for (const [at, field] of sly.entries()) {
    socket.send(headers(1 + 2 * at, [...get(), field]));
    await end(socket, 1 + 2 * at);
  }
  for (const { headers: seen } of origin.seen) assert.doesNotMatch(seen.join('\n'), /evil/);
});

test('more or less of a body than Content-Length says ends the stream, and no origin takes it for whole', async (t) => {
  const { origin, edge } = await world(t);
  const post: Fields = [...put(':method', 'POST'), ['content-length', '5']];
  const socket = await dialFrames(edge.https, 'www.a.test');
  socket.send(headers(1, post, END_HEADERS), frame(FRAME.DATA, END_STREAM, 1, 'abc'));
  assert.equal(await end(socket, 1), 'reset');
  socket.send(headers(3, post, END_HEADERS), frame(FRAME.DATA, END_STREAM, 3, 'abcdefgh'));
  assert.notEqual(await end(socket, 3), 'answer');
  const other = await dialFrames(edge.https, 'www.a.test');
  other.send(headers(1, post, END_HEADERS), frame(FRAME.DATA, END_STREAM, 1, 'abcde'));
  assert.equal(await end(other, 1), 'answer');
  assert.deepEqual(
    origin.seen.map(({ body }) => body),
    ['abcde'],
  );
});

test('trailers that frame or route end the stream, named in the log', async (t) => {
  const { origin, edge } = await world(t);
  const socket = await dialFrames(edge.https, 'www.a.test');
  socket.send(
    headers(1, put(':method', 'POST'), END_HEADERS),
    frame(FRAME.DATA, 0, 1, 'abc'),
    headers(1, [['host', 'b.test']]),
  );
  assert.equal(await end(socket, 1), 'reset');
  assert.deepEqual(origin.seen, []);
  assert.equal(edge.logged.find(({ event }) => event === 'request_refused')?.['code'], 'bad_trailer');
});

test('what is not HTTP/2 after the handshake for it ends the connection', async (t) => {
  const { origin, edge } = await world(t);
  const socket = await dialFrames(edge.https, 'www.a.test', Buffer.from('GET / HTTP/1.1\r\nHost: www.a.test\r\n\r\n'));
  await socket.closed;
  assert.deepEqual(origin.seen, []);
});

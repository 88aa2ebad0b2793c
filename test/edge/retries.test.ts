import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { createServer } from 'node:tls';
import { OK, WWW } from './raw-origin.ts';
import { until } from './until.ts';
import { dial, exchange, parse, visit } from './visit.ts';
import { host, makeZone, serverCertificate, startTestEdge } from './world.ts';

/** What is sent twice, and what is not: only what may be, can be, and has had no byte of an answer. */

type Test = Parameters<typeof startTestEdge>[0];

/** What an origin does with the nth request of one connection. */
type Conduct = (socket: Socket, nth: number, request: string) => void;

/** An origin that reads whole requests before it does anything, and keeps them as text. */
async function startOrigin(t: Test, conduct: Conduct) {
  const { leaf } = await serverCertificate(['*.a.test']);
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ cert: leaf.certificate.pem, key: leaf.key.reveal() }, (socket) => {
    let text = '';
    let nth = 0;
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!isWhole(text)) return;
      requests.push(text);
      conduct(socket, nth++, text);
      text = '';
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return { port: address !== null && typeof address === 'object' ? address.port : 0, requests, sockets };
}

function isWhole(text: string): boolean {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  if (/^transfer-encoding/im.test(head)) return text.endsWith('0\r\n\r\n');
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  return rest.length > 0 && rest.join('\r\n\r\n').length >= length;
}

function bodyOf(request: string | undefined): string {
  return (request ?? '').split('\r\n\r\n').slice(1).join('\r\n\r\n');
}

async function world(t: Test, ...conducts: readonly Conduct[]) {
  const zone = await makeZone('a.test');
  const origins = await Promise.all(conducts.map((conduct) => startOrigin(t, conduct)));
  const edge = await startTestEdge(t, [zone]);
  const targets = origins.flatMap(({ port }) => host(WWW, { https: port }).targets);
  edge.change(zone, zone.rules, [{ ...host(WWW, {}), targets }]);
  const [origin] = origins;
  assert.ok(origin);
  /** Leaves a connection to each origin that was used before. */
  const warm = async () => {
    for (let n = 0; n < origins.length; n++) assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  };
  const send = async (method: string, fields: string, body: string) => {
    const visitor = await dial(edge.https, 'www.a.test');
    const head = `${method} / HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n${fields}\r\n`;
    return parse(await exchange(visitor, head + body)).status;
  };
  return { zone, edge, origin, origins, warm, send };
}

/** Answers the first request of each connection and ends it at the second, as if it had just been closed. */
const stale: Conduct = (socket, nth) => {
  if (nth === 0) socket.write(OK);
  else socket.destroy();
};

test('a small body of PUT and DELETE is sent again whole, whichever way it is framed', async (t) => {
  const { origin, warm, send } = await world(t, stale);
  for (const method of ['PUT', 'DELETE']) {
    for (const [fields, body] of [
      ['Content-Length: 5\r\n', 'hello'],
      ['Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n3\r\n...\r\n0\r\n\r\n'],
      ['Content-Length: 16384\r\n', 'x'.repeat(16_384)],
    ] as const) {
      await warm();
      assert.equal(await send(method, fields, body), 200, `${method} ${fields}`);
      const [first, second] = origin.requests.slice(-2);
      assert.equal(second, first);
      for (const socket of origin.sockets) socket.destroy();
      await until(() => origin.sockets.every((socket) => socket.destroyed));
    }
  }
});

test('a body that is still coming is sent again from its beginning, and its rest after that', async (t) => {
  let cut = (): void => undefined;
  const { edge, origin, warm } = await world(t, stale);
  await warm();
  const [first] = origin.sockets;
  assert.ok(first);
  const half = new Promise<void>((resolve) => {
    first.on('data', (chunk: Buffer) => {
      if (chunk.toString('latin1').includes('first ')) resolve();
    });
    cut = () => first.destroy();
  });
  const visitor = await dial(edge.https, 'www.a.test');
  visitor.write('PUT / HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\nContent-Length: 12\r\n\r\nfirst ');
  await half;
  cut();
  await until(() => origin.sockets.length === 2);
  assert.equal(parse(await exchange(visitor, 'second')).status, 200);
  assert.equal(bodyOf(origin.requests.at(-1)), 'first second');
});

test('what may not be sent twice, or is too long to be kept, is not', async (t) => {
  const { origin, warm, send } = await world(t, stale);
  for (const [method, length] of [
    ['POST', 5],
    ['PATCH', 5],
    ['PUT', 16_385],
  ] as const) {
    await warm();
    const before = origin.requests.length;
    assert.equal(await send(method, `Content-Length: ${length}\r\n`, 'x'.repeat(length)), 520, method);
    assert.equal(origin.requests.length, before + 1, method);
  }
});

test('nothing is sent again once a byte of an answer has come', async (t) => {
  for (const begun of ['H', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'HTTP/1.1 200 OK\r\n']) {
    const { origin, warm, send } = await world(t, (socket, nth) => {
      if (nth === 0) socket.write(OK);
      else socket.end(begun);
    });
    await warm();
    assert.notEqual(await send('PUT', 'Content-Length: 5\r\n', 'hello'), 200, begun);
    assert.equal(origin.requests.length, 2, begun);
  }
});

test('a way is tried once more and no more, then the next one, each likewise', async (t) => {
  const answersOnce = (): Conduct => {
    let served = 0;
    return (socket) => {
      if (served++ === 0) socket.write(OK);
      else socket.destroy();
    };
  };
  const { origins, warm, send, edge } = await world(t, answersOnce(), answersOnce());
  await warm();
  assert.equal(await send('PUT', 'Content-Length: 5\r\n', 'hello'), 520);
  assert.deepEqual(
    origins.map(({ requests }) => requests.length),
    [3, 3],
  );
  assert.equal(edge.logged.filter(({ event }) => event === 'pull_repeated').length, 3);
  assert.equal(edge.logged.filter(({ event }) => event === 'pull_failed').length, 1);
});

test('where a new connection ends before an answer, another origin is asked if the request may be sent twice', async (t) => {
  const { origins, send } = await world(
    t,
    (socket) => socket.destroy(),
    (socket) => socket.write(OK),
  );
  assert.equal(await send('GET', '', ''), 200);
  assert.equal(await send('GET', '', ''), 200);
  assert.equal(await send('POST', 'Content-Length: 1\r\n', 'x'), 520);
  assert.deepEqual(
    origins.map(({ requests }) => requests.length),
    [2, 2],
  );
});

test('a change of the plan between two tries never lets a part of a body pass for the whole', async (t) => {
  let change = (): void => undefined;
  const { zone, edge, origins, warm, send } = await world(t, (socket, nth) => {
    if (nth === 0) return void socket.write(OK);
    change();
    return void socket.destroy();
  });
  const next = await startOrigin(t, (socket) => socket.write(OK));
  change = () => edge.change(zone, zone.rules, [host(WWW, { https: next.port })]);
  await warm();
  assert.equal(await send('PUT', 'Content-Length: 5\r\n', 'hello'), 503);
  assert.equal(next.requests.length, 0);
  change = () => undefined;
  assert.equal(await send('PUT', 'Content-Length: 5\r\n', 'hello'), 200);
  assert.equal(bodyOf(next.requests[0]), 'hello');
  assert.equal(origins[0]?.requests.length, 2);
});

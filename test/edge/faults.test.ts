import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { hostname } from '../../src/domain/ids.ts';
import { seriesKey } from '../../src/wire/metrics.ts';
import { until } from './until.ts';
import { exchange } from './visit.ts';
import { host, makeZone, must, type RunningEdge, startTestEdge } from './world.ts';

const WWW = must(hostname('www.a.test'));
const GET = 'GET / HTTP/1.1\r\nHost: www.a.test\r\nConnection: close\r\n\r\n';
const SIZED = 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\nX-Field: value\r\n\r\nhello world';
const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n';

/** An edge that pulls over plain HTTP from a server on raw sockets. */
async function world(t: TestContext, serve: (socket: Socket) => void): Promise<RunningEdge> {
  const origin = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  t.after(() => origin.close());
  const zone = await makeZone('a.test');
  const edge = await startTestEdge(t, [zone]);
  const rules = { ...zone.rules, ssl: 'off', alwaysUseHttps: false } as const;
  edge.change(zone, rules, [host(WWW, { http: (origin.address() as AddressInfo).port })]);
  return edge;
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Whether the bytes of an answer are those of a whole one. */
function isWhole(raw: string): boolean {
  const cut = raw.indexOf('\r\n\r\n');
  if (cut === -1) return false;
  const [head, body] = [raw.slice(0, cut).toLowerCase(), raw.slice(cut + 4)];
  const length = /^content-length: (\d+)$/m.exec(head)?.[1];
  if (length !== undefined) return body.length === Number(length);
  return /\r\n0\r\n(?:[^\r\n]+\r\n)*\r\n$/.test(body);
}

/** Whether the bytes that an origin got are those of a whole request, as the tests below make them. */
function isWholeRequest(text: string): boolean {
  return text.startsWith('GET ') ? text.endsWith('\r\n\r\n') : /\r\n\r\n(?:hello|5\r\nhello\r\n0\r\n\r\n)$/.test(text);
}

/** Resolves when nothing is open any more, on either side of the edge. */
async function quiet({ edge }: RunningEdge): Promise<void> {
  const nothing = ['visitor_connections|http', 'pulls_waiting', seriesKey('origin_connections', 'busy')];
  await until(() => nothing.every((series) => (edge.snapshot().gauges[series] ?? 0) === 0));
}

describe('an origin that dies at any byte of its answer', () => {
  const ends = {
    'closes its side': (socket: Socket) => socket.end(),
    resets: (socket: Socket) => socket.resetAndDestroy(),
  };
  for (const [how, end] of Object.entries(ends)) {
    for (const [what, answer] of Object.entries({ sized: SIZED, chunked: CHUNKED })) {
      test(`and ${how}: no visitor takes a ${what} part for the whole`, async (t) => {
        let size = 0;
        const edge = await world(t, (socket) => {
          socket.once('data', () => {
            if (size === 0) end(socket);
            else socket.write(answer.slice(0, size), () => setImmediate(() => end(socket)));
          });
        });
        for (size = 0; size < answer.length; size++) {
          const raw = await exchange(await dial(edge.http), GET);
          const status = Number(raw.split(' ')[1]);
          // A page of the edge is whole; an answer of the origin must not be.
          if (status === 200) assert.ok(!isWhole(raw), `${size} bytes passed for the whole: ${JSON.stringify(raw)}`);
          else assert.ok(status >= 520 && status < 530 && isWhole(raw), `${size} bytes: ${JSON.stringify(raw)}`);
        }
        await quiet(edge);
      });
    }
  }
});

describe('a visitor that vanishes at any byte of its request', () => {
  const requests = {
    'without a body': GET,
    'with a sized body': 'POST / HTTP/1.1\r\nHost: www.a.test\r\nContent-Length: 5\r\n\r\nhello',
    'with a chunked body':
      'POST / HTTP/1.1\r\nHost: www.a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  };
  for (const [what, request] of Object.entries(requests)) {
    test(`${what} leaves nothing behind, and disturbs nobody`, async (t) => {
      const received: string[] = [];
      const edge = await world(t, (socket) => {
        const index = received.push('') - 1;
        socket.on('data', (chunk: Buffer) => {
          received[index] += chunk.toString('latin1');
          if (isWholeRequest(received[index] ?? '')) socket.end(SIZED);
        });
        socket.on('end', () => socket.end());
      });
      for (let size = 0; size < request.length; size++) {
        const socket = await dial(edge.http);
        socket.write(request.slice(0, size));
        await new Promise((resolve) => setImmediate(resolve));
        if (size % 2 === 0) socket.resetAndDestroy();
        else socket.destroy();
      }
      await quiet(edge);
      const whole = received.filter(isWholeRequest);
      assert.deepEqual(whole, [], 'an origin took a part for the whole');
      assert.match(await exchange(await dial(edge.http), GET), /^HTTP\/1\.1 200 /);
      assert.deepEqual(
        edge.logged.filter(({ event }) => event === 'edge_fault'),
        [],
      );
    });
  }
});

describe('an origin that answers before the request has ended', () => {
  for (const [what, head] of [
    ['sized', 'Content-Length: 1000000'],
    ['chunked', 'Transfer-Encoding: chunked'],
  ] as const) {
    test(`is heard at once, and the rest of a ${what} body is nobody’s next request`, async (t) => {
      const heads: string[] = [];
      const edge = await world(t, (socket) => {
        socket.once('data', (chunk: Buffer) => {
          heads.push(chunk.toString('latin1').split('\r\n')[0] ?? '');
          socket.write(SIZED);
          socket.resume();
        });
      });
      const socket = await dial(edge.http);
      const answered = once(socket, 'data');
      const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: www.a.test\r\n\r\n';
      socket.write(`POST / HTTP/1.1\r\nHost: www.a.test\r\n${head}\r\n\r\n${what === 'chunked' ? '64\r\n' : ''}`);
      assert.match(String((await answered)[0]), /^HTTP\/1\.1 200 /);
      socket.write(smuggled);
      socket.end();
      socket.resume();
      await quiet(edge);
      assert.match(await exchange(await dial(edge.http), GET), /^HTTP\/1\.1 200 /);
      assert.deepEqual(heads, ['POST / HTTP/1.1', 'GET / HTTP/1.1']);
    });
  }
});

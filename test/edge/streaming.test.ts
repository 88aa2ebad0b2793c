// Answers that come piece by piece: whoever waits for one piece must have it before there is another.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { hostname } from '../../src/domain/ids.ts';
import { dial } from './visit.ts';
import { dialHttp2 } from './visit-http2.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

const NAME = 'www.a.test';
// A small event, one that does not fit into a single write of the edge, one of several TLS records, and one of a byte.
const SIZES = [40, 9_000, 50_000, 1];
// None of them stands in the head of an answer.
const LETTERS = '#$%&';

/** An origin that says nothing more until it is told to, and what tells it. */
async function slowOrigin(t: TestContext) {
  const zone = await makeZone('a.test');
  const waiting: ((response: ServerResponse) => void)[] = [];
  const answering: ServerResponse[] = [];
  const origin = await startOrigin(t, zone.authority, await serverCertificate([NAME]), (_, response) => {
    const first = waiting.shift();
    if (first === undefined) answering.push(response);
    else first(response);
  });
  const { https, change } = await startTestEdge(t, [zone]);
  change(zone, { ...zone.rules, zonePull: zone.on }, [host(must(hostname(NAME)), { https: origin.port })]);
  const asked = () =>
    new Promise<ServerResponse>((resolve) => {
      const there = answering.shift();
      if (there === undefined) waiting.push(resolve);
      else resolve(there);
    });
  return { https, asked };
}

/** Counts how much of a letter has come, and tells when it is enough. */
function counter() {
  let text = '';
  let look = (): void => undefined;
  const count = (letter: string): number => text.split(letter).length - 1;
  return {
    count,
    take: (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      look();
    },
    until: (letter: string, size: number): Promise<void> =>
      new Promise((resolve) => {
        look = () => {
          if (count(letter) >= size) resolve();
        };
        look();
      }),
  };
}

async function eventByEvent(response: ServerResponse, came: ReturnType<typeof counter>): Promise<void> {
  for (const [at, size] of SIZES.entries()) {
    const letter = LETTERS[at] ?? '';
    response.write(letter.repeat(size));
    // Hangs, and so fails, where the edge holds a piece back until another comes.
    await came.until(letter, size);
    assert.equal(came.count(letter), size);
  }
  response.end();
}

test('each event of a stream is there before the next is sent, over HTTP/1.1', async (t) => {
  const { https, asked } = await slowOrigin(t);
  const socket = await dial(https, NAME);
  const came = counter();
  socket.on('data', came.take);
  socket.write(`GET /events HTTP/1.1\r\nHost: ${NAME}\r\nAccept: text/event-stream\r\n\r\n`);
  const response = await asked();
  response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
  await came.until('text/event-stream', 1);
  await eventByEvent(response, came);
  socket.destroy();
});

test('each event of a stream is there before the next is sent, over HTTP/2', async (t) => {
  const { https, asked } = await slowOrigin(t);
  const session = await dialHttp2(t, https, NAME);
  const came = counter();
  const stream = session.request({ ':path': '/events', ':authority': NAME });
  const head = new Promise((resolve) => stream.once('response', resolve));
  stream.on('data', came.take);
  const response = await asked();
  response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
  await head;
  await eventByEvent(response, came);
});

test('a long poll is answered when there is something to say, and the connection goes on', async (t) => {
  const { https, asked } = await slowOrigin(t);
  const socket = await dial(https, NAME);
  const came = counter();
  socket.on('data', came.take);
  for (const letter of ['#', '$']) {
    socket.write(`GET /poll HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`);
    const response = await asked();
    // Longer than the edge looks after its connections once.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    response.end(letter.repeat(10));
    await came.until(letter, 10);
  }
  socket.destroy();
});

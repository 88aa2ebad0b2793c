// Bytes of all origins come in through memory that their connections share: none may ever show up in another's answer.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { hostname } from '../../src/domain/ids.ts';
import { dial, parse } from './visit.ts';
import { ask, dialHttp2 } from './visit-http2.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

const LETTERS = ['a', 'b', 'c', 'd'];
const SIZES = [1, 700, 8_191, 16_384, 70_001, 1_000_003];
const FRAMINGS = ['length', 'chunked', 'pieces', 'close'];

// Says whose it is, and where in it one is: a piece of another body, or one of the same in a wrong place, shows.
function bodyOf(letter: string, size: number): string {
  const line = (at: number) => `${letter}${String(at).padStart(9, letter)}\n`;
  return Array.from({ length: Math.ceil(size / 11) }, (_, at) => line(at))
    .join('')
    .slice(0, size);
}

async function send(response: ServerResponse, body: string, step: number): Promise<void> {
  for (let at = 0; at < body.length; at += step) {
    response.write(body.slice(at, at + step));
    await after(1);
  }
  response.end();
}

function answering(letter: string) {
  return ({ url = '' }: IncomingMessage, response: ServerResponse): void => {
    const [, framing, size] = url.split('/');
    const body = bodyOf(letter, Number(size));
    if (framing === 'length') response.setHeader('Content-Length', body.length);
    if (framing === 'close') response.useChunkedEncodingByDefault = false;
    if (framing === 'close') response.setHeader('Connection', 'close');
    void send(response, body, framing === 'pieces' ? Math.ceil(body.length / 7) : body.length);
  };
}

async function fourZones(t: TestContext) {
  const zones = await Promise.all(LETTERS.map((letter) => makeZone(`${letter}.test`)));
  const { https, change } = await startTestEdge(t, zones);
  for (const [at, zone] of zones.entries()) {
    const letter = LETTERS[at] ?? '';
    const names = [`www.${letter}.test`];
    const origin = await startOrigin(t, zone.authority, await serverCertificate(names), answering(letter));
    change(zone, zone.rules, [host(must(hostname(names[0] ?? '')), { https: origin.port })]);
  }
  return https;
}

async function readOver1(port: number, letter: string, path: string, slowly: boolean): Promise<string> {
  const name = `www.${letter}.test`;
  const socket = await dial(port, name);
  // HTTP/1.0 gets no chunks: what comes is the body as it is.
  socket.write(`GET ${path} HTTP/1.0\r\nHost: ${name}\r\n\r\n`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) {
    chunks.push(chunk);
    if (slowly) await after(2);
  }
  const { status, body } = parse(Buffer.concat(chunks).toString('latin1'));
  assert.equal(status, 200);
  return body;
}

test('answers of many origins at once each arrive as they were sent, over HTTP/1 and HTTP/2', async (t) => {
  const port = await fourZones(t);
  const visits = LETTERS.flatMap((letter) =>
    FRAMINGS.flatMap((framing) => SIZES.map((size) => ({ letter, size, path: `/${framing}/${size}` }))),
  );
  const sessions = new Map<string, Awaited<ReturnType<typeof dialHttp2>>>();
  for (const letter of LETTERS) sessions.set(letter, await dialHttp2(t, port, `www.${letter}.test`));
  await Promise.all(
    visits.map(async ({ letter, size, path }, at) => {
      const expected = bodyOf(letter, size);
      const session = sessions.get(letter);
      assert.ok(session !== undefined);
      const [one, two] = await Promise.all([
        readOver1(port, letter, path, at % 3 === 0),
        ask(session, { ':path': path, ':authority': `www.${letter}.test` }),
      ]);
      assert.ok(one === expected, `${letter}${path} over HTTP/1: ${one.length} bytes`);
      assert.ok(two.body === expected, `${letter}${path} over HTTP/2: ${two.body.length} bytes`);
    }),
  );
});

/** A receiver of webhooks for tests: a real HTTP server. */

import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** One message as it came in. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Waits until something is so; the test's own time limit ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((next) => setTimeout(next, 5));
}

/** A webhook's receiver on loopback. `answer` says what it does with each message, by its number. */
export async function receiver(
  t: TestContext,
  answer: (response: ServerResponse, count: number) => void = (response) => void response.writeHead(204).end(),
  port = 0,
) {
  const got: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer(response, got.length);
    });
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  t.after(() => (server.listening ? close() : undefined));
  const at = (server.address() as AddressInfo).port;
  return { got, port: at, url: `http://127.0.0.1:${at}/hook`, close };
}

/** Checks a message as its receiver should, with nothing but the secret and what came in. */
export function verified({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  assert.equal(key.length, 32);
  const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
  const wanted = Buffer.from(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  const given = Buffer.from(String(headers['webhook-signature']));
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

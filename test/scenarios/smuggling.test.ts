import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { needs } from '../support/availability.ts';
import { type ServerAuthority, serverAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { PROXIES, proxiedSite } from './proxies.ts';
import { assertStatus, lockedSite, SERVERS, type Site, visit } from './site.ts';

const DEADLINE = 10_000;
const SMUGGLED = '/smuggled';

let postern: Postern;
let authority: ServerAuthority;

before(async () => {
  [postern, authority] = await Promise.all([startPostern(), serverAuthority()]);
});
after(() => postern?.[Symbol.asyncDispose]());

/** Sends bytes as they are, cut where `cuts` say, and reads until the edge closes; rejects where it does not. */
function exchange(host: string, bytes: string, cuts: readonly number[] = []): Promise<string> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket: TLSSocket = connect({
      port: postern.https,
      host: '127.0.0.1',
      servername: host,
      rejectUnauthorized: false,
    });
    socket.setTimeout(DEADLINE, () => {
      socket.destroy();
      reject(new Error(`not closed: ${Buffer.concat(received).toString('latin1')}`));
    });
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(Buffer.concat(received).toString('latin1')));
    for (const piece of piecesOf(Buffer.from(bytes, 'latin1'), cuts)) socket.write(piece);
  });
}

function piecesOf(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [0, ...cuts.map((share) => Math.floor(share * bytes.length)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

/** A well-formed request: every method with every kind of body, in parts of any size. */
interface Request {
  readonly method: string;
  readonly body: { readonly kind: 'none' } | { readonly kind: 'sized' | 'chunked'; readonly parts: readonly string[] };
}

// Bodies that look like requests, ends of chunks and heads: what a reader that has lost its place would stumble over.
const PART = fc.oneof(
  fc.constantFrom('0\r\n\r\n', 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n', '\r\n', 'Transfer-Encoding: chunked\r\n'),
  fc.string({ minLength: 1, maxLength: 300 }),
  fc.nat({ max: 20_000 }).map((length) => 'x'.repeat(length + 1)),
);

const REQUEST: fc.Arbitrary<Request> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
  body: fc.oneof(
    fc.record({ kind: fc.constant('none' as const) }),
    fc.record({ kind: fc.constantFrom('sized' as const, 'chunked' as const), parts: fc.array(PART, { maxLength: 4 }) }),
  ),
});

/** Where the stream of bytes is cut on its way, as shares of its length. */
const PIECES = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 });

function written11({ method, body }: Request, target: string, host: string): string {
  const head = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n`;
  switch (body.kind) {
    case 'none':
      return `${head}\r\n`;
    case 'sized':
      return `${head}Content-Length: ${lengthOf(body.parts)}\r\n\r\n${body.parts.join('')}`;
    case 'chunked': {
      const chunks = body.parts.map((part) => `${lengthOf([part]).toString(16)}\r\n${part}\r\n`);
      return `${head}${CHUNKED}\r\n\r\n${chunks.join('')}0\r\n\r\n`;
    }
  }
}

/** In bytes, as everything here goes over the wire in latin1. */
function lengthOf(parts: readonly string[]): number {
  return Buffer.byteLength(parts.join(''), 'latin1');
}

interface Attack {
  /** Lines of the head after the request line; `Host` is the right one. */
  readonly lines?: readonly string[];
  readonly body?: string;
  /** The whole head, where it is not made of lines. */
  readonly head?: (host: string) => string;
}

const second = (host: string) => `GET ${SMUGGLED} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const CHUNKED = 'Transfer-Encoding: chunked';

const ATTACKS: Readonly<Record<string, Attack>> = {
  'Content-Length and Transfer-Encoding': { lines: ['Content-Length: 4', CHUNKED], body: '0\r\n\r\n' },
  'Transfer-Encoding and Content-Length': { lines: [CHUNKED, 'Content-Length: 5'], body: '0\r\n\r\n' },
  'two different lengths': { lines: ['Content-Length: 0', 'Content-Length: 5'] },
  'two equal lengths': { lines: ['Content-Length: 0', 'Content-Length: 0'] },
  'a list of lengths': { lines: ['Content-Length: 0, 0'] },
  'a length with a plus': { lines: ['Content-Length: +0'] },
  'a length with a minus': { lines: ['Content-Length: -1'] },
  'a hexadecimal length': { lines: ['Content-Length: 0x0'] },
  'a length with a space inside': { lines: ['Content-Length: 0 0'] },
  'an empty length': { lines: ['Content-Length:'] },
  'a length beyond all numbers': { lines: ['Content-Length: 99999999999999999999'] },
  'an unknown transfer coding': { lines: ['Transfer-Encoding: xchunked'] },
  'chunked twice': { lines: ['Transfer-Encoding: chunked, chunked'], body: '0\r\n\r\n' },
  'two Transfer-Encoding fields': { lines: [CHUNKED, 'Transfer-Encoding: identity'], body: '0\r\n\r\n' },
  'chunked that is not last': { lines: ['Transfer-Encoding: chunked, identity'], body: '0\r\n\r\n' },
  'an empty Transfer-Encoding': { lines: ['Transfer-Encoding:'] },
  'a Transfer-Encoding with a control character': { lines: ['Transfer-Encoding: \x0bchunked'], body: '0\r\n\r\n' },
  'a space before the colon': { lines: ['Transfer-Encoding : chunked'], body: '0\r\n\r\n' },
  'a tab before the colon': { lines: ['Content-Length\t: 0'] },
  'an obsolete fold': { lines: ['X-A: b', ' c'] },
  'a fold that hides a Transfer-Encoding': { lines: ['Transfer-Encoding:', ' chunked'], body: '0\r\n\r\n' },
  'a line that begins with a space, first': { lines: [' X-A: b'] },
  'a NUL in a value': { lines: ['X-A: b\0c'] },
  'a NUL in a name': { lines: ['X-\0A: b'] },
  'a control character in a value': { lines: ['X-A: b\x01c'] },
  'a delete character in a value': { lines: ['X-A: b\x7fc'] },
  'a bare CR in a value': { lines: ['X-A: b\rX-B: c'] },
  'a bare LF between fields': { head: (host) => `GET / HTTP/1.1\r\nHost: ${host}\nX-A: b\r\n\r\n` },
  'bare LF throughout': { head: (host) => `GET / HTTP/1.1\nHost: ${host}\n\n` },
  'a bare LF before the end of the head': { head: (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\n` },
  'a second Host': { lines: ['Host: other.test'] },
  'no Host': { head: () => 'GET / HTTP/1.1\r\n\r\n' },
  'an absolute target with another authority': {
    head: (host) => `GET https://other.test/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  },
  'HTTP/0.9': { head: () => 'GET /\r\n' },
  'two spaces in the request line': { head: (host) => `GET  / HTTP/1.1\r\nHost: ${host}\r\n\r\n` },
  'a tab in the request line': { head: (host) => `GET\t/ HTTP/1.1\r\nHost: ${host}\r\n\r\n` },
  'a control character in the target': { head: (host) => `GET /\x01 HTTP/1.1\r\nHost: ${host}\r\n\r\n` },
  'a version in lower case': { head: (host) => `GET / http/1.1\r\nHost: ${host}\r\n\r\n` },
  'an empty field name': { lines: [': b'] },
  'a line without a colon': { lines: ['X-A'] },
  'Transfer-Encoding in HTTP/1.0': {
    head: (host) => `POST / HTTP/1.0\r\nHost: ${host}\r\n${CHUNKED}\r\n\r\n0\r\n\r\n`,
  },
  'a chunk size that is no number': { lines: [CHUNKED], body: 'g\r\n\r\n0\r\n\r\n' },
  'a chunk size with a sign': { lines: [CHUNKED], body: '+5\r\nhello\r\n0\r\n\r\n' },
  'a chunk size with 0x': { lines: [CHUNKED], body: '0x5\r\nhello\r\n0\r\n\r\n' },
  'a chunk size that overflows': { lines: [CHUNKED], body: 'fffffffffffffffff\r\nhello\r\n0\r\n\r\n' },
  'an empty chunk size': { lines: [CHUNKED], body: '\r\nhello\r\n0\r\n\r\n' },
  'a chunk size that ends with a bare LF': { lines: [CHUNKED], body: '5\nhello\r\n0\r\n\r\n' },
  'a chunk that is longer than its size': { lines: [CHUNKED], body: '4\r\nhello\r\n0\r\n\r\n' },
  'a space before a chunk size': { lines: [CHUNKED], body: ' 5\r\nhello\r\n0\r\n\r\n' },
  'a last chunk that ends with a bare LF': { lines: [CHUNKED], body: '0\r\n\n' },
  'a chunk extension with a bare LF': { lines: [CHUNKED], body: '5;a\nb\r\nhello\r\n0\r\n\r\n' },
  'framing in the trailers': { lines: [CHUNKED], body: '0\r\nContent-Length: 5\r\n\r\n' },
};

function bytesOf({ lines = [], body = '', head }: Attack, host: string): string {
  const request = head?.(host) ?? `POST / HTTP/1.1\r\n${[`Host: ${host}`, ...lines].join('\r\n')}\r\n\r\n${body}`;
  return request + second(host);
}

const ORIGINS = [
  ...SERVERS.map(([server, program]) => {
    const begin = () => lockedSite(server, postern, { name: `smuggled-${server}.test`, authority });
    return { server, program, begin };
  }),
  ...PROXIES.map((server) => {
    const begin = () => proxiedSite(server, postern, { name: `smuggled-${server}.test`, authority });
    return { server, program: server, begin };
  }),
];

for (const { server, program, begin } of ORIGINS) {
  describe(`a malformed request through the edge to ${server}`, needs(program), () => {
    let site: Site;
    before(async () => {
      site = await begin();
    });
    after(() => site?.[Symbol.asyncDispose]());

    for (const [what, attack] of Object.entries(ATTACKS)) {
      test(`with ${what} is refused once, and the connection closed`, async () => {
        const received = await exchange(site.host, bytesOf(attack, site.host));
        assert.match(received, /^HTTP\/1\.1 (?:4\d\d|501|505) /, JSON.stringify(received));
        assert.match(received, /\r\nconnection: close\r\n/i);
        assert.equal(received.split(/HTTP\/1\.1 \d\d\d /).length - 1, 1, `more than one answer: ${received}`);
        const targets = site.origin.application.seen.map(({ target }) => target);
        assert.ok(!targets.includes(SMUGGLED), 'the smuggled request reached the application');
      });
    }

    test('does not spoil the connection to the origin for the next visitor', async () => {
      for (let turn = 0; turn < 5; turn++) {
        const body = assertStatus(await visit(postern, site.host, { path: `/next${turn}` }), 200, 'next');
        assert.equal((JSON.parse(body) as { readonly target: string }).target, `/next${turn}`, 'the answer of another');
      }
      // What was cut off in its body may still be on its way to the application: only the order of the others counts.
      const targets = site.origin.application.seen.map(({ target }) => target);
      const next = targets.filter((target) => target !== '/');
      assert.deepEqual(next, ['/next0', '/next1', '/next2', '/next3', '/next4']);
    });

    test('has well-formed counterparts, which all arrive as they were sent, in order', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(REQUEST, { minLength: 1, maxLength: 6 }), PIECES, async (requests, pieces) => {
          site.origin.application.seen.length = 0;
          const written = requests.map((one, index) => written11(one, `/r${index}`, site.host)).join('');
          const last = `GET /last HTTP/1.1\r\nHost: ${site.host}\r\nConnection: close\r\n\r\n`;
          const received = await exchange(site.host, written + last, pieces);
          const finals = received.match(/HTTP\/1\.1 [2-5]\d\d/g);
          assert.deepEqual(finals, Array(requests.length + 1).fill('HTTP/1.1 200'), received);
          assert.deepEqual(
            site.origin.application.seen.map(({ method, target, bytes }) => ({ method, target, bytes })),
            [
              ...requests.map(({ method, body }, index) => {
                return { method, target: `/r${index}`, bytes: body.kind === 'none' ? 0 : lengthOf(body.parts) };
              }),
              { method: 'GET', target: '/last', bytes: 0 },
            ],
          );
        }),
        { numRuns: 25 },
      );
    });

    test('is told apart from two well-formed ones in a row, which are both answered', async () => {
      const closing = `GET /b HTTP/1.1\r\nHost: ${site.host}\r\nConnection: close\r\n\r\n`;
      const chunked = `POST /a HTTP/1.1\r\nHost: ${site.host}\r\n${CHUNKED}\r\n\r\n5;x=y\r\nhello\r\n0\r\n\r\n`;
      const received = await exchange(site.host, chunked + closing);
      assert.deepEqual(received.match(/HTTP\/1\.1 \d\d\d/g), ['HTTP/1.1 200', 'HTTP/1.1 200']);
      const [first, last] = site.origin.application.seen.filter(({ target }) => /^\/[ab]$/.test(target));
      assert.deepEqual([first?.target, first?.bytes, last?.target], ['/a', 5, '/b']);
    });
  });
}

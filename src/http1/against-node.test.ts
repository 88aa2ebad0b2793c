import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, METHODS } from 'node:http';
import { Duplex } from 'node:stream';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { Arrivals } from './arrivals.fixture.ts';
import type { BodyDecoder } from './body.ts';
import { bodyDecoder } from './body-decoder.ts';
import { parseRequestHead, type RequestHead } from './head.ts';
import { HeadScanner } from './head-scanner.ts';
import type { RefusalCode } from './refusals.ts';

/** One request as a server understood it. A body that is not whole yet ends with '…'. */
interface Seen {
  readonly method: string;
  readonly target: string;
  /** Names and values in turn, as they were sent. */
  readonly fields: readonly string[];
  readonly body: string;
}

interface Reading {
  readonly seen: readonly Seen[];
  /** Why reading stopped before the bytes did; null where it did not. */
  readonly refused: string | null;
  /** The last message announced the end of the connection: what follows it is nobody's. */
  readonly closed: boolean;
}

function readHead(scanner: HeadScanner, arrivals: Arrivals): RequestHead | 'more' | RefusalCode {
  for (let piece = arrivals.take(); piece !== null; piece = arrivals.take()) {
    const found = scanner.feed(piece);
    if (found === 'more') continue;
    if (found !== 'head') return found.code;
    const head = parseRequestHead(scanner.bytes, scanner);
    arrivals.giveBack(scanner.bytes.subarray(scanner.end));
    scanner.next();
    return head.kind === 'refusal' ? head.code : head;
  }
  return 'more';
}

function readBody(decoder: BodyDecoder, arrivals: Arrivals): { body: string; end: 'more' | 'done' | RefusalCode } {
  let body = '';
  for (let piece: Buffer | null = Buffer.alloc(0); piece !== null; piece = arrivals.take()) {
    const progress = decoder.feed(piece, 0, (data) => {
      body += data.toString('latin1');
    });
    if (progress.kind === 'refusal') return { body: `${body}…`, end: progress.code };
    if (progress.kind === 'more') continue;
    arrivals.giveBack(piece.subarray(progress.next));
    return { body, end: 'done' };
  }
  return { body: `${body}…`, end: 'more' };
}

/** Reads requests as a connection of ours does; `bytes` arrive in pieces of `step`. */
function ours(bytes: Buffer, step = bytes.length): Reading {
  const seen: Seen[] = [];
  const scanner = new HeadScanner('request');
  const arrivals = new Arrivals(bytes, step);
  const stopped = (refused: string | null, closed = false): Reading => ({ seen, refused, closed });
  for (;;) {
    const head = readHead(scanner, arrivals);
    if (typeof head === 'string') return stopped(head === 'more' ? null : head);
    const fields = head.fields.rawNames.flatMap((name, index) => [name, head.fields.values[index] ?? '']);
    const message = { method: head.method, target: head.target, fields };
    // What follows belongs to another protocol in Node's reading, to a body or not in ours: not comparable.
    const upgraded = head.upgrade !== null;
    const { body, end } = upgraded ? { body: '…', end: 'done' } : readBody(bodyDecoder(head.framing), arrivals);
    seen.push({ ...message, body });
    if (end !== 'done') return stopped(end === 'more' ? null : end);
    if (upgraded || !head.keepAlive || head.method === 'CONNECT') return stopped(null, true);
  }
}

class Wire extends Duplex {
  override _read(): void {}
  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }
}

type Watch = { readonly message: (request: IncomingMessage) => void; readonly error: (code: string) => void };
const watched = new Map<unknown, Watch>();

/** No answer is ever sent: then Node reads on whatever an answer would have closed. */
const server = createServer({ insecureHTTPParser: false, maxHeaderSize: 131_072, requireHostHeader: true });
const onRequest = (request: IncomingMessage): void => watched.get(request.socket)?.message(request);
server.on('request', onRequest);
server.on('checkContinue', onRequest);
server.on('checkExpectation', (request) => watched.get(request.socket)?.error('expectation'));
server.on('connect', (request, socket) => watched.get(socket)?.message(request));
server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
  watched.get(socket)?.error(error.code ?? error.message),
);
after(() => server.close());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Reads requests as Node's own server does. */
async function nodes(bytes: Buffer): Promise<Reading> {
  const wire = new Wire();
  const requests: { request: IncomingMessage; body: string }[] = [];
  const errors: string[] = [];
  watched.set(wire, {
    error: (code) => errors.push(code),
    message: (request) => {
      const entry = { request, body: '' };
      requests.push(entry);
      request.on('data', (data: Buffer) => {
        entry.body += data.toString('latin1');
      });
      request.on('error', () => {});
    },
  });
  server.emit('connection', wire);
  // Node answers a request without Host by itself, without telling anybody.
  wire._write = (chunk: Buffer, _encoding, done): void => {
    if (chunk.includes('HTTP/1.1 400')) errors.push('missing host');
    done();
  };
  wire.push(bytes);
  // Two turns: one to read, one for the 'data' and 'end' of the messages that were read.
  await turn();
  await turn();
  const seen = requests.map(({ request, body }): Seen => {
    const fields = request.rawHeaders;
    const whole = request.complete ? body : `${body}…`;
    return { method: request.method ?? '', target: request.url ?? '', fields, body: whole };
  });
  watched.delete(wire);
  wire.destroy();
  return { seen, refused: errors[0] ?? null, closed: errors[0] === 'HPE_CLOSED_CONNECTION' };
}

const START = [
  ['GET / HTTP/1.1', 'POST /p?q HTTP/1.1', 'HEAD / HTTP/1.1', 'OPTIONS * HTTP/1.1', 'GET http://a.test/ HTTP/1.1'],
  ['POST / HTTP/1.0', 'CONNECT a.test:80 HTTP/1.1', 'GET / HTTP/1.2', 'PRI * HTTP/2.0', 'GET /', 'NEW / HTTP/1.1'],
  ['GET b HTTP/1.1', 'GET * HTTP/1.1', 'GET http://b.test/ HTTP/1.1', 'GET /\u00e9 HTTP/1.1', 'M-SEARCH / HTTP/1.1'],
].flat();
const FIELD = [
  [
    'X: y',
    'x-z:',
    'X:\t y \t',
    'X: \u00e9"',
    'Cookie: a=b',
    'A,B: c',
    'X : y',
    ' folded',
    'X',
    ': y',
    'X: \x01',
    'X\0: y',
  ],
  ['Host: a.test', 'Host:', 'host: b c', 'Connection: close', 'Connection: keep-alive, X', 'Connection: upgrade'],
  [
    'Upgrade: websocket',
    'Expect: 100-continue',
    'Expect: x',
    'Trailer: t',
    'Keep-Alive: timeout=5',
    'Proxy-Connection: close',
  ],
].flat();
const FRAMING = [
  ['Content-Length: 5', 'Content-Length:5 ', 'Content-Length: 0', 'Content-Length: 05', 'Content-Length: +5'],
  ['Content-Length: 5, 5', 'Content-Length: ', 'Content-Length: 0x5', 'Content-Length: 5 5', 'Content-Length: -1'],
  ['Transfer-Encoding: chunked', 'transfer-encoding:Chunked', 'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding:'],
  [
    'Transfer-Encoding: chunked, gzip',
    'Transfer-Encoding: identity',
    'Transfer-Encoding: chunked;a=b',
    'Transfer-Encoding: gzip',
  ],
  [
    'Transfer-Encoding: chunked,',
    'Transfer-Encoding: "chunked"',
    'Content-Length: 18446744073709551616',
    'Content_Length: 5',
  ],
].flat();
const BODY = [
  [
    '',
    '',
    'hello',
    'hello\r\n',
    '5\r\nhello\r\n0\r\n\r\n',
    '0\r\n\r\n',
    '2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nT: u\r\n\r\n',
  ],
  ['5;a="\\""\r\nhello\r\n0\r\n\r\n', '05\r\nhello\r\n00\r\n\r\n', '5 \r\nhello\r\n0\r\n\r\n', '5\nhello\r\n0\r\n\r\n'],
  ['5\r\nhello0\r\n\r\n', '0x5\r\nhello\r\n0\r\n\r\n', '5;\r\nhello\r\n0\r\n\r\n', '5; a = b\r\nhello\r\n0\r\n\r\n'],
  [
    '0\r\nContent-Length: 5\r\n\r\n',
    '0\r\nHost: b\r\n\r\n',
    '5;a\u00e9\r\nhello\r\n0\r\n\r\n',
    '0;a;b=c;d="e f"\r\n\r\n',
  ],
].flat();
const SCRAP = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  '\t',
  ' ',
  ':',
  ',',
  ';',
  '"',
  '0',
  '5',
  'x',
  '\x7f',
  '\x80',
  '/',
  '=',
  '#',
  '\\',
  '\x0b',
];

const oneOf = (texts: readonly string[]) => fc.constantFrom(...texts);
/** Mostly valid, so that a wrong byte is often the only one. */
const request = fc
  .record({
    start: fc.oneof({ weight: 4, arbitrary: oneOf(START.slice(0, 6)) }, oneOf(START)),
    host: fc.oneof({ weight: 12, arbitrary: fc.constant(['Host: a.test']) }, fc.constant([])),
    framing: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(['Content-Length: 5'], ['Transfer-Encoding: chunked'], []) },
      fc.array(oneOf(FRAMING), { maxLength: 2 }),
    ),
    fields: fc.array(fc.oneof({ weight: 3, arbitrary: oneOf(FIELD.slice(0, 5)) }, oneOf(FIELD)), { maxLength: 3 }),
    body: oneOf(BODY),
  })
  .map(
    ({ start, host, framing, fields, body }) =>
      `${[start, ...host, ...fields, ...framing].join('\r\n')}\r\n\r\n${body}`,
  );

const damage = fc.record({ at: fc.nat(), cut: fc.nat({ max: 2 }), scrap: oneOf(['', ...SCRAP]) });
const stream = fc
  .tuple(fc.array(request, { minLength: 1, maxLength: 3 }), fc.array(damage, { maxLength: 2 }), fc.boolean())
  .map(([requests, damages, damaged]) => {
    let text = requests.join('');
    for (const { at, cut, scrap } of damaged ? damages : []) {
      const place = at % (text.length + 1);
      text = text.slice(0, place) + scrap + text.slice(place + cut);
    }
    return Buffer.from(text, 'latin1');
  });

const line = (start: string, ...fields: string[]) => `${[start, 'Host: a.test', ...fields].join('\r\n')}\r\n\r\n`;
const chunks = (text: string) => line('POST / HTTP/1.1', 'Transfer-Encoding: chunked') + text;

/** Where this layer refuses what Node accepts. Nothing else may turn up in the fuzz below. */
const STRICTER: readonly (readonly [why: string, code: RefusalCode, bytes: string])[] = [
  ['a second Host, even if equal', 'repeated_host', line('GET / HTTP/1.1', 'Host: a.test')],
  ['a Host that is no host', 'bad_host', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
  ['an empty Host', 'bad_host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
  ['no Host in HTTP/1.0', 'missing_host', 'GET / HTTP/1.0\r\n\r\n'],
  ['a target that names another authority', 'host_mismatch', line('GET http://b.test/ HTTP/1.1')],
  ['an asterisk for another method than OPTIONS', 'bad_target', line('GET * HTTP/1.1')],
  ['a fragment in the target', 'bad_target', line('GET /a#b HTTP/1.1')],
  ['user information in the target', 'bad_target', line('GET http://u@a.test/ HTTP/1.1')],
  ['two spaces in the request line', 'bad_request_line', line('GET  / HTTP/1.1')],
  ['a request without a version', 'http_0_9', 'GET /\r\n\r\n'],
  ['an empty line before the first request', 'empty_line', `\r\n${line('GET / HTTP/1.1')}`],
  ['LF alone before a request', 'bare_lf', `\n${line('GET / HTTP/1.1')}`],
  ['CR alone before a request', 'bare_cr', `\r${line('GET / HTTP/1.1')}`],
  ['a length with a leading zero', 'bad_length', `${line('POST / HTTP/1.1', 'Content-Length: 05')}hello`],
  [
    'Transfer-Encoding in HTTP/1.0',
    'encoding_in_1_0',
    `${line('POST / HTTP/1.0', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ],
  [
    'other codings before chunked',
    'encoding_not_supported',
    `${line('POST / HTTP/1.1', 'Transfer-Encoding: gzip, chunked')}0\r\n\r\n`,
  ],
  ['an expectation beside 100-continue', 'expectation_failed', line('POST / HTTP/1.1', 'Expect: 100-continue, x')],
  ['authorisation in trailers', 'bad_trailer', chunks('0\r\nAuthorization: x\r\n\r\n')],
  ['routing fields in trailers', 'bad_trailer', chunks('0\r\nHost: b.test\r\n\r\n')],
  ['a chunk extension with an empty value', 'bad_chunk_extension', chunks('0;a=;b\r\n\r\n')],
];

for (const [why, code, text] of STRICTER) {
  test(`stricter than Node: ${why}`, async () => {
    const bytes = Buffer.from(text, 'latin1');
    assert.equal(ours(bytes).refused, code);
    const node = await nodes(bytes);
    assert.deepEqual([node.refused, node.seen.length], [null, 1]);
  });
}

/** Where this layer accepts what Node refuses, and why that is right. */
const LOOSER: readonly {
  readonly why: string;
  readonly bytes: string;
  readonly holds: (earlier: readonly Seen[], message: Seen, refused: string | null) => boolean;
}[] = [
  {
    why: 'a gateway passes methods on that it does not know (RFC 9110 §9.1); Node has a fixed list',
    bytes: line('NEW / HTTP/1.1'),
    holds: (_, { method }, refused) => refused === 'HPE_INVALID_METHOD' && !METHODS.includes(method),
  },
  {
    why: 'Proxy-Connection says nothing (RFC 9112 §C.2.2); Node takes its close for that of Connection',
    bytes: line('GET / HTTP/1.1', 'Proxy-Connection: close') + line('GET / HTTP/1.1'),
    holds: (earlier, _, refused) =>
      refused === 'HPE_CLOSED_CONNECTION' &&
      earlier.some(({ fields }) => fields.some((name) => name.toLowerCase() === 'proxy-connection')),
  },
  {
    why: 'a tab behind a value is white space like any other (RFC 9110 §5.5); Node takes it for part of the coding',
    bytes: `${line('POST / HTTP/1.1', 'Transfer-Encoding: chunked\t')}0\r\n\r\n`,
    holds: (_, { fields: [...named] }, refused) =>
      refused === 'HPE_INVALID_TRANSFER_ENCODING' && /^transfer-encoding\nchunked$/im.test(named.join('\n')),
  },
];

/** What Node took whole: of a body that it cannot delimit it reports the head first, and refuses it then. */
function takenWhole({ seen, refused }: Reading): readonly Seen[] {
  return refused !== null && seen.at(-1)?.body.endsWith('…') ? seen.slice(0, -1) : seen;
}

for (const { why, bytes, holds } of LOOSER) {
  test(`looser than Node: ${why}`, async () => {
    const own = ours(Buffer.from(bytes));
    const node = await nodes(Buffer.from(bytes));
    assert.equal(own.refused, null);
    const { length } = takenWhole(node);
    const message = own.seen[length];
    assert.ok(message !== undefined && holds(own.seen.slice(0, length), message, node.refused));
  });
}

/** Compares message by message; returns how many both accepted whole. */
function compare(own: Reading, node: Reading): number {
  for (const [index, message] of own.seen.entries()) {
    const other = (message.body.endsWith('…') ? node.seen : takenWhole(node))[index];
    if (other === undefined) {
      const excused = LOOSER.some(({ holds }) => holds(own.seen.slice(0, index), message, node.refused));
      assert.ok(excused, `accepted, but Node says ${node.refused}`);
      return index;
    }
    const { body, ...head } = message;
    const { body: otherBody, ...otherHead } = other;
    assert.deepEqual(head, otherHead);
    if (!body.endsWith('…')) assert.equal(body, otherBody);
  }
  if (node.seen.length > own.seen.length && !own.closed) {
    const known = own.refused === 'bad_encoding' || STRICTER.some(([, code]) => code === own.refused);
    assert.ok(known, `Node accepts what is refused here as ${own.refused}`);
  }
  return own.seen.length;
}

test('what both accept they understand alike, and no difference is unknown', async () => {
  let alike = 0;
  await fc.assert(
    fc.asyncProperty(stream, async (bytes) => {
      alike += compare(ours(bytes), await nodes(bytes));
    }),
    { numRuns: 15_000 },
  );
  assert.ok(alike > 5_000, `only ${alike} messages were compared`);
});

test('a connection reads the same messages however its bytes are cut', () => {
  fc.assert(
    fc.property(stream, fc.integer({ min: 1, max: 40 }), (bytes, step) => {
      assert.deepEqual(ours(bytes, step), ours(bytes));
    }),
    { numRuns: 1_500 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type HeadRole, parseRequestHead, parseResponseHead } from './head.ts';
import { HeadScanner } from './head-scanner.ts';
import { DEFAULT_LIMITS } from './limits.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';
const SMALL = { ...DEFAULT_LIMITS, maxHeadBytes: 64, maxTargetBytes: 32 };

/**
 * What a connection that delivers these pieces ends up with: the head and what follows it, or a refusal's code, be it the
 * scanner's (before the head is whole) or the parser's.
 */
function scan(pieces: readonly Buffer[], role: HeadRole, first = true): string {
  const scanner = new HeadScanner(role, SMALL);
  if (!first) scanner.next();
  for (const [index, piece] of pieces.entries()) {
    // Scanned from the middle of a buffer that its owner overwrites at once, as a socket with a fixed buffer does.
    const chunk = Buffer.concat([Buffer.from('\n\r\n\r\n'), piece]);
    const found = scanner.feed(chunk, 5);
    if (found === 'head') {
      const head =
        role === 'request'
          ? parseRequestHead(scanner.bytes, scanner, SMALL)
          : parseResponseHead(scanner.bytes, scanner, { requestMethod: 'GET', limits: SMALL });
      if (head.kind === 'refusal') return head.code;
      const rest = Buffer.concat([scanner.bytes.subarray(scanner.end), ...pieces.slice(index + 1)]);
      return `head ${scanner.bytes.toString('latin1', scanner.start, scanner.end)} rest ${rest.toString('latin1')}`;
    }
    if (found !== 'more') return found.code;
    chunk.fill(0x0a);
  }
  return 'more';
}

/** Exactly this, however it is cut: whole, into single bytes, and into two at every place. */
function scanned(text: string, role: HeadRole = 'request', first = true): string {
  const bytes = Buffer.from(text, 'latin1');
  const whole = scan([bytes], role, first);
  const single = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
  assert.equal(scan(single, role, first), whole, `${JSON.stringify(text)} byte by byte`);
  for (let at = 0; at <= bytes.length; at++) {
    const cut = [bytes.subarray(0, at), bytes.subarray(at)];
    assert.equal(scan(cut, role, first), whole, `${JSON.stringify(text)} cut at ${at}`);
  }
  return whole;
}

test('finds the end of a head and keeps what follows it', () => {
  assert.equal(scanned(`${GET}body\r\n\r\n`), `head ${GET} rest body\r\n\r\n`);
});

test('asks for more while a head can still become valid', () => {
  for (const text of ['', 'G', 'GET / HTTP/1.1\r', 'GET / HTTP/1.1\r\n', 'GET / HTTP/1.1\r\nHost: a\r\n\r']) {
    assert.equal(scanned(text), 'more');
  }
});

test('refuses as soon as no more bytes could make the head valid', () => {
  assert.equal(scanned('GET / HTTP/1.1\nHost'), 'bare_lf');
  assert.equal(scanned('GET / HTTP/1.1\r\nA: b\nHost'), 'bare_lf');
  assert.equal(scanned('GET / HTTP/1.1\r\nA: b\rc'), 'bare_cr');
  assert.equal(scanned('\x16\x03\x01\x00\x2f'), 'nul');
  assert.equal(scanned('GET /\r\n'), 'http_0_9');
  assert.equal(scanned('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 'h2_preface');
  assert.equal(scanned('hello\r\n'), 'bad_request_line');
  assert.equal(scanned('SSH-2.0-x\r\n', 'response'), 'bad_version');
});

test('no head is larger than the limit, and one that is exactly as large passes', () => {
  const full = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(64 - 32)}\r\n\r\n`;
  assert.equal(full.length, 64);
  assert.equal(scanned(`${full}rest`), `head ${full} rest rest`);
  assert.equal(scanned(full.replace('X: ', 'X:  ')), 'head_too_large');
  assert.equal(scanned(`GET /${'a'.repeat(100)}`), 'target_too_long');
  assert.equal(scanned(`HTTP/1.1 200 ${'a'.repeat(100)}`, 'response'), 'head_too_large');
  assert.equal(scanned(`GET / HTTP/1.1\r\nX: ${'x'.repeat(60)}\n`), 'head_too_large');
});

test('one empty line may stand before a request that is not the first', () => {
  assert.equal(scanned(`\r\n${GET}`), 'empty_line');
  assert.equal(scanned(`\r\n${GET}`, 'request', false), `head ${GET} rest `);
  assert.equal(scanned(`\r\n\r\n${GET}`, 'request', false), 'empty_line');
  assert.equal(scanned(`\n${GET}`, 'request', false), 'bare_lf');
  assert.equal(scanned(`\rGET`, 'request', false), 'bare_cr');
  assert.equal(scanned(`\r\n\nGET`, 'request', false), 'bare_lf');
  assert.equal(scanned('\r\nHTTP/1.1 200 OK\r\n\r\n', 'response', false), 'empty_line');
});

test('gathers a large head from many pieces', () => {
  const head = `GET / HTTP/1.1\r\nHost: a.test\r\n${Array.from({ length: 100 }, (_, at) => `X-${at}: ${'x'.repeat(500)}\r\n`).join('')}\r\n`;
  const bytes = Buffer.from(`${head}rest`);
  const scanner = new HeadScanner('request');
  const found: unknown[] = [];
  for (let at = 0; at < bytes.length; at += 700) found.push(scanner.feed(bytes.subarray(at, at + 700)));
  assert.deepEqual(found, [...found.slice(1).fill('more'), 'head']);
  assert.equal(scanner.bytes.toString('latin1', scanner.start, scanner.end), head);
  assert.equal(scanner.bytes.toString('latin1', scanner.end), 'rest');
});

test('is idle exactly while nothing of the next head has arrived', () => {
  const scanner = new HeadScanner('request');
  assert.equal(scanner.idle, true);
  assert.equal(scanner.feed(Buffer.from('GET')), 'more');
  assert.equal(scanner.idle, false);
  assert.equal(scanner.feed(Buffer.from(' / HTTP/1.1\r\nHost: a\r\n\r\n')), 'head');
  scanner.next();
  assert.equal(scanner.idle, true);
  assert.equal(scanner.feed(Buffer.from('\r\n')), 'more');
  assert.equal(scanner.idle, true);
});

test('finds pipelined heads one after the other in one buffer', () => {
  const bytes = Buffer.from(GET + GET.replace('/', '/2') + GET.replace('/', '/3'));
  const scanner = new HeadScanner('request');
  const targets: string[] = [];
  for (let from = 0; from < bytes.length; from = scanner.end) {
    scanner.next();
    assert.equal(scanner.feed(bytes, from), 'head');
    const head = parseRequestHead(scanner.bytes, scanner);
    targets.push(head.kind === 'request' ? head.target : head.code);
  }
  assert.deepEqual(targets, ['/', '/2', '/3']);
});

test('the answer never depends on how the bytes are cut', () => {
  const piece = fc.constantFrom(
    '\r\n',
    '\r',
    '\n',
    '\0',
    ' ',
    'GET',
    ' / HTTP/1.1\r\n',
    'Host: a',
    ':',
    'HTTP/1.1 200',
    'x',
  );
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(
      text,
      fc.constantFrom<HeadRole>('request', 'response'),
      fc.boolean(),
      fc.boolean(),
      (tail, role, first, begun) => {
        scanned((begun ? 'GET / HTTP/1.1\r\n' : '') + tail, role, first);
      },
    ),
    { numRuns: 3000 },
  );
});

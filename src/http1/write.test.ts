import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChunkedDecoder } from './chunked.ts';
import type { Fields } from './fields.ts';
import { parseRequestHead, parseResponseHead } from './head.ts';
import {
  CHUNK_END,
  chunkHead,
  fieldLine,
  fieldLines,
  headBytes,
  LAST_CHUNK,
  lastChunk,
  requestLine,
  statusLine,
  Unwritable,
} from './write.ts';

const TCHAR = "!#$%&'*+-.^_`|~0123456789ABCXYZabcxyz";
const token = fc.string({ unit: fc.constantFrom(...TCHAR.split('')), minLength: 1, maxLength: 12 });
const byte = (from: number, to: number) => fc.integer({ min: from, max: to }).map((code) => String.fromCharCode(code));
const visible = fc.oneof({ weight: 9, arbitrary: byte(0x21, 0x7e) }, byte(0x80, 0xff));
const inner = fc.oneof({ weight: 5, arbitrary: visible }, fc.constantFrom(' ', '\t'));
const value = fc.string({ unit: inner, maxLength: 30 }).map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''));
const target = fc
  .string({ unit: byte(0x21, 0x7e).filter((char) => char !== '#'), maxLength: 30 })
  .map((text) => `/${text}`);

/** Fields without a meaning to framing: every name begins with x-. */
const fields = fc.array(fc.tuple(token, value), { maxLength: 8 }).map((lines): Fields => {
  const rawNames = lines.map(([name]) => `X-${name}`);
  return { names: rawNames.map((name) => name.toLowerCase()), rawNames, values: lines.map(([, text]) => text) };
});

const ordinary = token.filter((method) => method !== 'CONNECT');

test('a request that was written parses to what was written', () => {
  fc.assert(
    fc.property(ordinary, target, fields, (method, path, sent) => {
      const bytes = headBytes(requestLine(method, path) + fieldLine('Host', 'a.test') + fieldLines(sent));
      const head = parseRequestHead(bytes, { start: 0, end: bytes.length });
      assert.equal(head.kind, 'request', JSON.stringify(head));
      if (head.kind !== 'request') return;
      assert.deepEqual([head.method, head.target, head.path], [method, path, path]);
      assert.deepEqual(head.fields.names.slice(1), sent.names);
      assert.deepEqual(head.fields.rawNames.slice(1), sent.rawNames);
      assert.deepEqual(head.fields.values.slice(1), sent.values);
    }),
  );
});

test('a response that was written parses to what was written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 999 }), value, fields, (status, reason, sent) => {
      const bytes = headBytes(statusLine(status, reason) + fieldLines(sent));
      const head = parseResponseHead(bytes, { start: 0, end: bytes.length }, { requestMethod: 'GET' });
      assert.equal(head.kind, 'response');
      if (head.kind !== 'response') return;
      assert.deepEqual([head.status, head.reason, head.fields], [status, reason, sent]);
    }),
  );
});

test('chunks that were written decode to what was written', () => {
  const trailers = fields.filter((sent) => sent.names.length > 0);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 })), trailers, (chunks, sent) => {
      const framed = chunks.flatMap((data) => [Buffer.from(chunkHead(data.length)), data, Buffer.from(CHUNK_END)]);
      const bytes = Buffer.concat([...framed, Buffer.from(lastChunk(sent), 'latin1')]);
      const received: Buffer[] = [];
      const progress = new ChunkedDecoder().feed(bytes, 0, (data) => received.push(data));
      assert.deepEqual(progress, { kind: 'done', next: bytes.length, trailers: sent });
      assert.deepEqual(Buffer.concat(received), Buffer.concat(chunks));
    }),
  );
});

test('a chunked body without trailers ends with the last chunk', () => {
  assert.equal(lastChunk({ names: [], rawNames: [], values: [] }), LAST_CHUNK);
  assert.equal(new ChunkedDecoder().feed(Buffer.from(LAST_CHUNK), 0, () => {}).kind, 'done');
});

test('leaves out the fields that are to be dropped, by lower-case name', () => {
  const sent: Fields = { names: ['a', 'b', 'a'], rawNames: ['A', 'B', 'a'], values: ['1', '2', '3'] };
  assert.equal(fieldLines(sent, new Set(['a'])), 'B: 2\r\n');
});

/** U+010A and U+010D are LF and CR once their upper byte is gone. */
const BREAKING = ['\r', '\n', '\r\n', '\0', '\u010a', '\u010d', '\u0100', '\u2028', '\x7f', '\x0b'];

test('nothing that could end a line or lose a byte is ever written', () => {
  for (const breaking of BREAKING) {
    const text = `a${breaking}b`;
    for (const write of [
      () => requestLine(text, '/'),
      () => requestLine('GET', `/${text}`),
      () => statusLine(200, text),
      () => fieldLine(text, 'x'),
      () => fieldLine('x', text),
      () => fieldLine('x', breaking),
      () => fieldLines({ names: ['x'], rawNames: ['x'], values: [text] }),
      () => lastChunk({ names: ['x'], rawNames: ['x'], values: [text] }),
    ]) {
      assert.throws(write, Unwritable, JSON.stringify(text));
    }
  }
});

test('neither is a start line, a name or a size that would be read as something else', () => {
  for (const write of [
    () => requestLine('', '/'),
    () => requestLine('GET x', '/'),
    () => requestLine('GET', ''),
    () => requestLine('GET', '/a b'),
    () => requestLine('GET', '/a#b'),
    () => requestLine('GET', '/\u00e9'),
    () => statusLine(99, 'x'),
    () => statusLine(1000, 'x'),
    () => statusLine(200.5, 'x'),
    () => fieldLine('', 'x'),
    () => fieldLine('a:b', 'x'),
    () => fieldLine('a ', 'x'),
    () => fieldLine(' a', 'x'),
    () => chunkHead(0),
    () => chunkHead(-1),
    () => chunkHead(1.5),
    () => chunkHead(Number.NaN),
  ]) {
    assert.throws(write, Unwritable);
  }
});

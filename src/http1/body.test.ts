import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BodyDecoder, CloseDecoder, LengthDecoder } from './body.ts';
import { bodyDecoder } from './body-decoder.ts';
import { ChunkedDecoder } from './chunked.ts';
import type { Fields } from './fields.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { RefusalCode } from './refusals.ts';

const SMALL = {
  ...DEFAULT_LIMITS,
  maxChunkExtensionBytes: 16,
  maxChunkExtensionBytesPerBody: 40,
  maxTrailerBytes: 32,
  maxTrailers: 2,
};

interface Decoded {
  readonly data: string;
  readonly outcome: string;
  readonly rest: string;
  readonly trailers: Fields | null;
}

function decode(decoder: BodyDecoder, pieces: readonly Buffer[]): Decoded {
  let data = '';
  for (const [index, piece] of pieces.entries()) {
    const chunk = Buffer.concat([Buffer.from('??'), piece]);
    const progress = decoder.feed(chunk, 2, (slice) => {
      assert.ok(slice.length > 0, 'no empty slice is passed on');
      data += slice.toString('latin1');
    });
    if (progress.kind === 'refusal') return { data, outcome: progress.code, rest: '', trailers: null };
    if (progress.kind === 'done') {
      const rest = Buffer.concat([chunk.subarray(progress.next), ...pieces.slice(index + 1)]).toString('latin1');
      return { data, outcome: 'done', rest, trailers: progress.trailers };
    }
  }
  return { data, outcome: 'more', rest: '', trailers: null };
}

/** The same outcome however the bytes are cut: whole, into single bytes, and into two at every place. */
function decoded(make: () => BodyDecoder, text: string): Decoded {
  const bytes = Buffer.from(text, 'latin1');
  const whole = decode(make(), [bytes]);
  const single = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
  if (bytes.length > 0) assert.deepEqual(decode(make(), single), whole, `${JSON.stringify(text)} byte by byte`);
  for (let at = 0; at <= bytes.length; at++) {
    const cut = decode(make(), [bytes.subarray(0, at), bytes.subarray(at)]);
    assert.deepEqual(cut, whole, `${JSON.stringify(text)} cut at ${at}`);
  }
  return whole;
}

const chunked = (text: string): Decoded => decoded(() => new ChunkedDecoder(SMALL), text);
const NONE: Fields = { names: [], rawNames: [], values: [] };

test('a body of known length ends with its last byte', () => {
  const whole = { data: 'abc', outcome: 'done', rest: 'GET', trailers: NONE };
  assert.deepEqual(
    decoded(() => new LengthDecoder(3), 'abcGET'),
    whole,
  );
  assert.equal(decoded(() => new LengthDecoder(3), 'ab').outcome, 'more');
  assert.deepEqual(
    decoded(() => new LengthDecoder(0), 'GET'),
    { ...whole, data: '' },
  );
  assert.equal(decoded(() => new LengthDecoder(0), '').outcome, 'done');
});

test('the end of a connection ends only a body that is delimited by it', () => {
  const length = new LengthDecoder(2);
  const closing = new CloseDecoder();
  const chunks = new ChunkedDecoder();
  for (const decoder of [length, closing, chunks]) assert.equal(decode(decoder, [Buffer.from('1')]).outcome, 'more');
  assert.deepEqual(length.end(), { kind: 'refusal', code: 'truncated_body' });
  assert.deepEqual(chunks.end(), { kind: 'refusal', code: 'truncated_body' });
  assert.equal(closing.end().kind, 'done');
  assert.equal(decode(length, [Buffer.from('2')]).outcome, 'done');
  assert.equal(length.end().kind, 'done');
});

test('each framing has its decoder', () => {
  assert.equal(decode(bodyDecoder({ kind: 'none' }), [Buffer.from('x')]).rest, 'x');
  assert.equal(decode(bodyDecoder({ kind: 'length', length: 1 }), [Buffer.from('xy')]).rest, 'y');
  assert.equal(decode(bodyDecoder({ kind: 'chunked' }), [Buffer.from('1\r\nx\r\n0\r\n\r\ny')]).rest, 'y');
  assert.equal(decode(bodyDecoder({ kind: 'close' }), [Buffer.from('xy')]).data, 'xy');
});

test('payload is passed on as views, not as copies', () => {
  const bytes = Buffer.from('5\r\nhello\r\n0\r\n\r\n');
  const seen: Buffer[] = [];
  new ChunkedDecoder().feed(bytes, 0, (slice) => seen.push(slice));
  new LengthDecoder(bytes.length).feed(bytes, 0, (slice) => seen.push(slice));
  assert.deepEqual(
    seen.map((slice) => [slice.buffer === bytes.buffer, slice.length]),
    [
      [true, 5],
      [true, bytes.length],
    ],
  );
});

test('decodes chunks and leaves what follows to the next message', () => {
  assert.deepEqual(chunked('5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\nGET /'), {
    data: 'hello0123456789',
    outcome: 'done',
    rest: 'GET /',
    trailers: NONE,
  });
  assert.equal(chunked('0\r\n\r\n').data, '');
  assert.equal(chunked('00\r\n\r\n').outcome, 'done');
  assert.equal(chunked('0000000000001\r\nx\r\n0\r\n\r\n').data, 'x');
  assert.equal(chunked('a\r\n\r\n0\r\n\r\nG\r\n\r\n0\r\n\r\n').data, '\r\n0\r\n\r\nG\r\n');
});

test('extensions are checked and dropped', () => {
  for (const extension of [';a', ';a=b', ';a="b"', ';a="\t \\"\u00e9;"', ';a;b=c;d=""', ';!#$=~', ';a="=";b']) {
    assert.equal(chunked(`1${extension}\r\nx\r\n0${extension}\r\n\r\n`).data, 'x', extension);
  }
});

test('reads trailers like fields', () => {
  assert.deepEqual(chunked('0\r\nX-Sum: 1 \r\nY:\r\n\r\nGET').trailers, {
    names: ['x-sum', 'y'],
    rawNames: ['X-Sum', 'Y'],
    values: ['1', ''],
  });
});

const REFUSED: readonly (readonly [RefusalCode, ...string[]])[] = [
  [
    'bad_chunk_size',
    '\r\n',
    ';a\r\n',
    'x\r\n',
    '0x5\r\n',
    '-1\r\n',
    '+1\r\n',
    ' 5\r\n',
    '\t5\r\n',
    '5 \r\n',
    '5\t\r\n',
  ],
  ['bad_chunk_size', '5_0\r\n', '5 ;a\r\n', '5g\r\n', '5,5\r\n', '5.0\r\n', '"5"\r\n', '\0', 'ffffffffffffffff\r\n'],
  ['bad_chunk_size', '10000000000000\r\n', '00000000000000\r\n', '5\x0b\r\n', '1\r\nx\r\n\r\n', '1\r\nx\r\n 0\r\n\r\n'],
  ['bare_lf', '5\nhello\r\n', '1\r\nx\r\n0\n\r\n', '5;a\nhello', '0\r\n\n', '0\r\nX: y\n\r\n', '5;a="\n'],
  ['bare_cr', '5\rhello', '0\r\r\n', '0\r\n\r\r\n', '0\r\nX: a\rb\r\n\r\n', '5;a\rX'],
  ['bad_chunk_end', '1\r\nxy\r\n', '5\r\nhello0\r\n\r\n', '1\r\nx\n', '1\r\nx\rx', '1\r\nx\r\rn', '3\r\nhello\r\n'],
  [
    'bad_chunk_extension',
    '5;\r\n',
    '5;;a\r\n',
    '5; a\r\n',
    '5;a \r\n',
    '5;a=\r\n',
    '5;a= b\r\n',
    '5;a=b=c\r\n',
    '5;=b\r\n',
  ],
  [
    'bad_chunk_extension',
    '5;a="b\r\n',
    '5;a="b"c\r\n',
    '5;a="\\\r\n',
    '5;a\0\r\n',
    '5;a="\x7f"\r\n',
    '5;[a]\r\n',
    '5;a\t\r\n',
  ],
  ['chunk_extension_too_large', `1;${'a'.repeat(17)}`, `${'1;aaaaaaaaaaaa\r\nx\r\n'.repeat(4)}`],
  ['nul', '0\r\nX: a\0\r\n\r\n', '0\r\n\0'],
  ['bad_field_name', '0\r\nX\r\n\r\n', '0\r\n: a\r\n\r\n', '0\r\nGET/HTTP\r\n\r\n'],
  ['space_before_colon', '0\r\nX : a\r\n\r\n', '0\r\nGET / HTTP/1.1\r\n\r\n'],
  ['obsolete_fold', '0\r\nX: a\r\n b\r\n\r\n', '0\r\n X: a\r\n\r\n'],
  ['bad_field_value', '0\r\nX: \x01\r\n\r\n'],
  ['trailer_too_large', `0\r\nX: ${'x'.repeat(40)}`, '0\r\nA: b\r\nA: b\r\nA: b\r\n\r\n'],
  ['bad_trailer', '0\r\nHost: a\r\n\r\n', '0\r\nContent-Length: 5\r\n\r\n', '0\r\ntransfer-encoding: chunked\r\n\r\n'],
  [
    'bad_trailer',
    '0\r\nAuthorization: x\r\n\r\n',
    '0\r\nContent-Type: x\r\n\r\n',
    '0\r\nX: y\r\nConnection: x\r\n\r\n',
  ],
];

for (const [code, ...inputs] of REFUSED) {
  test(`refuses chunks such as ${JSON.stringify(inputs[0])} as ${code}`, () => {
    for (const input of inputs) assert.equal(chunked(input).outcome, code, JSON.stringify(input));
  });
}

test('fed after its end, a chunked decoder throws: the caller lost count', () => {
  const decoder = new ChunkedDecoder();
  assert.equal(decode(decoder, [Buffer.from('0\r\n\r\n')]).outcome, 'done');
  assert.equal(decoder.end().kind, 'done');
  assert.throws(() => decoder.feed(Buffer.from('x'), 0, () => {}), /after its end/);
});

test('the outcome never depends on how the bytes are cut', () => {
  const piece = fc.constantFrom(
    '0',
    '1',
    'a',
    '\r\n',
    '\r',
    '\n',
    ';',
    '=',
    '"',
    '\\',
    'x',
    ':',
    ' ',
    'X: y',
    '1\r\nx\r\n',
    '0\r\n',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => void chunked(pieces.join(''))),
    { numRuns: 3000 },
  );
});

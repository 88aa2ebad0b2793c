import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { AnswerReader, MAX_BODY, type ReadAnswer, type Reading } from './answer-reader.ts';

interface Read {
  readonly reading: Reading;
  readonly answer: ReadAnswer | null;
}

function read(text: string | Buffer, pieces: readonly number[] = []): Read {
  const bytes = Buffer.from(text);
  const reader = new AnswerReader();
  let at = 0;
  for (const size of [...pieces, bytes.length]) {
    const reading = reader.feed(bytes.subarray(at, at + size));
    if (reading !== 'more') return { reading, answer: reader.taken(false) };
    at += size;
  }
  return { reading: 'more', answer: reader.taken(true) };
}

function bodyOf({ answer }: Read): string | undefined {
  return answer?.body.toString('utf8');
}

describe('an answer', () => {
  test('ends with its length, its last chunk, or the connection', () => {
    const ways = [
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n',
      'HTTP/1.0 200 OK\r\n\r\nhello',
    ];
    for (const text of ways) {
      const found = read(text);
      assert.equal(bodyOf(found), 'hello', text);
      assert.equal(found.answer?.complete, true, text);
    }
  });

  test('is the same however it is cut', () => {
    const text =
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404 Not Found\r\nServer: x\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n';
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 }), (pieces) => {
        const { reading, answer } = read(text, pieces);
        assert.equal(reading, 'done');
        assert.deepEqual(
          [answer?.status, answer?.body.toString(), answer?.fields.get('server')],
          [404, 'abc0123456789', 'x'],
        );
      }),
    );
  });

  test('is read where pulls would refuse it: bare line feeds, two lengths, both framings', () => {
    const odd = [
      'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello',
      'HTTP/1.1 200 OK\r\nContent-Length: 999\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
      'HTTP/1.1  200\r\nContent-Length: +5\r\n\r\nhello',
    ];
    for (const text of odd) assert.equal(bodyOf(read(text)), 'hello', JSON.stringify(text));
  });

  test('with a broken chunk is an answer as far as it came', () => {
    const found = read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n');
    assert.equal(bodyOf(found), 'hello');
    assert.equal(found.answer?.complete, false);
  });

  test('without an end is cut at a limit, and says that it is not whole', () => {
    const endless = read(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(2 * MAX_BODY)}`);
    assert.deepEqual(
      [endless.reading, endless.answer?.body.length, endless.answer?.complete],
      ['done', MAX_BODY, false],
    );
    const short = read('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
    assert.deepEqual([short.reading, short.answer?.complete], ['more', false]);
  });
});

describe('no answer', () => {
  test('is what begins with something else, shown without what a terminal would obey', () => {
    const { reading } = read('SSH-2.0-OpenSSH_9.2\u001b[2J\r\n');
    assert.deepEqual(reading, { unreadable: 'it says "SSH-2.0-OpenSSH_9.2.[2J.."' });
  });

  test('is a head that never ends, and interim answers that never end', () => {
    const head = read(`HTTP/1.1 200 OK\r\n${'X-Long: y\r\n'.repeat(10_000)}`);
    assert.deepEqual(head.reading, { unreadable: 'the head of its answer has no end' });
    const interim = read('HTTP/1.1 100 Continue\r\n\r\n'.repeat(30));
    assert.deepEqual(interim.reading, { unreadable: 'interim answers without end' });
  });

  test('makes no bytes whatever fail otherwise', () => {
    const begun = fc.constantFrom(
      '',
      'HTTP/1.',
      'HTTP/1.1 200 OK\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    fc.assert(
      fc.property(begun, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        const { reading } = read(Buffer.concat([Buffer.from(start), rest]), [3, 1, 40]);
        assert.ok(reading === 'more' || reading === 'done' || reading.unreadable.length < 100);
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packPem, readPem, unpackPem, writePem } from './pem.ts';
import { PkiError, type PkiErrorCode } from './pki-error.ts';

const ONE = writePem('CERTIFICATE', Buffer.from('one'));
const TWO = writePem('PRIVATE KEY', Buffer.from('two'));

function refusal(text: string): readonly [PkiErrorCode, number | null] {
  try {
    readPem(text);
  } catch (error) {
    if (error instanceof PkiError) return [error.code, error.block];
    throw error;
  }
  return assert.fail('accepted');
}

test('blocks are written with lines of 64 characters and read back', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 }), (bodies) => {
      const text = bodies.map((body) => writePem('CERTIFICATE', body)).join('');
      assert.ok(text.split('\n').every((line) => line.length <= 64));
      assert.deepEqual(
        readPem(text).map(({ der }) => [...der]),
        bodies.map((body) => [...body]),
      );
    }),
  );
});

test('a block that is packed is the same text again, whoever wrote it', () => {
  const octets = fc.uint8Array({ minLength: 40, maxLength: 300 });
  fc.assert(
    fc.property(octets, fc.constantFrom('CERTIFICATE', 'PRIVATE KEY'), (body, label) => {
      // A SEQUENCE, as all of them are.
      const pem = writePem(label, Buffer.concat([Buffer.from([0x30]), body]));
      const packed = packPem(label, pem);
      assert.ok(packed.length < 0.8 * pem.length);
      assert.equal(unpackPem(label, packed), pem);
      for (const other of [pem.trimEnd(), pem.replaceAll('\n', '\r\n'), ` ${pem}`, pem + pem, body.join('')]) {
        assert.equal(unpackPem(label, packPem(label, other)), other);
      }
    }),
  );
});

test('what editors and mail do to a text does no harm', () => {
  const plain = readPem(ONE + TWO);
  const mangled = [
    `\uFEFF${ONE}${TWO}`,
    (ONE + TWO).replaceAll('\n', '\r\n'),
    (ONE + TWO).replaceAll('\n', '\r'),
    (ONE + TWO).trimEnd(),
    (ONE + TWO).replaceAll(/^/gm, '    '),
    `Bag Attributes\n  friendlyName: x\nsubject=CN = a\n${ONE}\n\n-----\n# the key\n${TWO}that was it\n`,
    (ONE + TWO).replaceAll('\n', ' \n\n'),
  ];
  for (const text of mangled) assert.deepEqual(readPem(text), plain, JSON.stringify(text));
});

test('a text without blocks has none', () => {
  assert.deepEqual(readPem(''), []);
  assert.deepEqual(readPem('not PEM at all'), []);
});

test('a refusal names the block and the reason', () => {
  const body = 'AAAA';
  assert.deepEqual(refusal(`${ONE}-----BEGIN CERTIFICATE-----\n${body}\n`), ['pem_unclosed', 2]);
  assert.deepEqual(refusal(`${ONE}${TWO.replace('-----END PRIVATE KEY-----\n', '')}${ONE}`), ['pem_unclosed', 2]);
  assert.deepEqual(refusal(`-----BEGIN A-----\n${body}\n-----END B-----\n`), ['pem_unclosed', 1]);
  assert.deepEqual(refusal(`${ONE}-----END CERTIFICATE-----\n`), ['pem_unexpected_end', 2]);
  assert.deepEqual(refusal(`${ONE}-----BEGIN CERTIFICATE----\n${body}\n`), ['pem_malformed_boundary', 2]);
  // What is left of a PEM text after a trip through a JSON string or a shell.
  assert.deepEqual(refusal(ONE.replaceAll('\n', '\\n')), ['pem_malformed_boundary', 1]);
  for (const bad of ['AAA', 'AA!A', 'A===', '', 'AA=A']) {
    assert.deepEqual(refusal(`${ONE}-----BEGIN X-----\n${bad}\n-----END X-----`), ['pem_bad_base64', 2], bad);
  }
});

test('sizes are limited', () => {
  assert.deepEqual(refusal('x'.repeat(256 * 1024 + 1)), ['pem_too_large', null]);
  assert.deepEqual(refusal('ä'.repeat(128 * 1024 + 1)), ['pem_too_large', null]);
  assert.equal(readPem(ONE.repeat(100)).length, 100);
  assert.deepEqual(refusal(ONE.repeat(101)), ['pem_too_many_blocks', null]);
});

test('whatever the text, nothing but a PkiError is thrown', () => {
  const piece = fc.constantFrom('-----BEGIN ', '-----END ', 'A-----', '\n', '-----', 'AAAA', 'Proc-Type: 4,ENCRYPTED');
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
      try {
        readPem(pieces.join(''));
      } catch (error) {
        assert.ok(error instanceof PkiError);
      }
    }),
    { numRuns: 1000 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant } from '../domain/ids.ts';
import {
  boolean,
  contextConstructed,
  contextPrimitive,
  integer,
  namedBits,
  nullValue,
  octetString,
  oid,
  sequence,
  set,
  time,
} from './der.ts';
import {
  type DerElement,
  DerError,
  members,
  readBoolean,
  readDer,
  readNamedBits,
  readOid,
  readSmallInteger,
  readTime,
} from './der-read.ts';
import { PkiError } from './pki-error.ts';

function hex(bytes: Buffer): string {
  return bytes.toString('hex');
}

test('integers are minimal and positive', () => {
  assert.equal(hex(integer(0)), '020100');
  assert.equal(hex(integer(127)), '02017f');
  assert.equal(hex(integer(128)), '02020080');
  assert.equal(hex(integer(256)), '02020100');
  assert.equal(hex(integer(Buffer.from('0000007f', 'hex'))), '02017f');
  assert.equal(hex(integer(Buffer.from('00ff', 'hex'))), '020200ff');
});

test('small types are written as X.690 shows them', () => {
  assert.equal(hex(boolean(true)), '0101ff');
  assert.equal(hex(nullValue()), '0500');
  assert.equal(hex(oid('1.2.840.113549')), '06062a864886f70d');
  assert.equal(hex(oid('2.999.3')), '0603883703');
  assert.equal(hex(namedBits([0])), '03020780');
  assert.equal(hex(namedBits([5, 6])), '03020106');
  assert.equal(hex(namedBits([8])), '0303070080');
  assert.equal(hex(namedBits([])), '030100');
  assert.equal(hex(contextPrimitive(6, Buffer.from('ab'))), '86026162');
  assert.equal(hex(contextConstructed(0, integer(2))), 'a003020102');
  assert.equal(hex(set(integer(2), integer(1))), '3106020101020102');
});

test('lengths take the short form as long as they can', () => {
  for (const [length, header] of [
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65536, '0483010000'],
  ] as const) {
    assert.equal(hex(octetString(Buffer.alloc(length))).slice(0, header.length), header);
  }
});

test('times switch from UTCTime to GeneralizedTime at 2050', () => {
  const last = time(instant(Date.UTC(2049, 11, 31, 23, 59, 59, 999)));
  const first = time(instant(Date.UTC(2050, 0, 1)));
  assert.equal(last.toString('latin1'), '\x17\x0d491231235959Z');
  assert.equal(first.toString('latin1'), '\x18\x0f20500101000000Z');
  assert.equal(time(instant(Date.UTC(1950, 0, 1))).toString('latin1'), '\x17\x0d500101000000Z');
  for (const at of [Date.UTC(1949, 11, 31), Date.UTC(10_000, 0, 1), Number.NaN]) {
    assert.throws(() => time(instant(at)), PkiError);
  }
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(9999, 11, 31) }), (at) => {
      assert.equal(readTime(readDer(time(instant(at)))), Math.floor(at / 1000) * 1000);
    }),
  );
  fc.assert(fc.property(fc.nat(0x7fffffff), (value) => readSmallInteger(readDer(integer(value))) === value));
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(40)), (bits) => {
      const ascending = bits.toSorted((one, other) => one - other);
      assert.deepEqual(readNamedBits(readDer(namedBits(bits))), ascending);
    }),
  );
  const arcs = fc.tuple(fc.nat(2), fc.nat(39), fc.array(fc.nat(0x7fffffff), { maxLength: 8 }));
  fc.assert(
    fc.property(arcs, ([root, second, rest]) => {
      const dotted = [root, second, ...rest].join('.');
      assert.equal(readOid(readDer(oid(dotted))), dotted);
    }),
  );
});

test('what BER allows and DER does not is refused', () => {
  const readings: readonly (readonly [string, string, (element: DerElement) => unknown])[] = [
    ['indefinite length', '30800000', members],
    ['length not minimal', '04810100', members],
    ['length with leading zero', `04820080${'00'.repeat(128)}`, members],
    ['bytes after the end', '020100ff', members],
    ['cut short', '0203', members],
    ['nothing', '', members],
    ['long tag', '1f0100', members],
    ['member longer than its sequence', '3003040500', members],
    ['boolean neither 0 nor ff', '010101', readBoolean],
    ['integer not minimal', '02020001', readSmallInteger],
    ['negative integer', '0201ff', readSmallInteger],
    ['oid with a leading 80', '06038001ff', readOid],
    ['oid cut short', '06022a86', readOid],
    ['time without seconds', '170b3001010000Z', readTime],
    ['bits with too many unused', '03020880', readNamedBits],
  ];
  for (const [name, bytes, read] of readings) {
    assert.throws(() => read(readDer(Buffer.from(bytes, 'hex'))), DerError, name);
  }
  for (const text of ['300230000000Z', '300101000000+0100', '300101240000Z', '3001010000Z']) {
    const bytes = Buffer.concat([Buffer.of(0x17, text.length), Buffer.from(text)]);
    assert.throws(() => readTime(readDer(bytes)), DerError, text);
  }
});

test('nesting is limited', () => {
  let nested = sequence();
  for (let depth = 0; depth < 40; depth += 1) nested = sequence(nested);
  assert.throws(() => {
    let element: DerElement | undefined = readDer(nested);
    while (element !== undefined) element = members(element)[0];
  }, DerError);
});

test('whatever the bytes, the reader throws nothing but its own error', () => {
  const walk = (element: DerElement): void => {
    if ((element.tag & 0x20) !== 0) for (const member of members(element)) walk(member);
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        walk(readDer(bytes));
      } catch (error) {
        assert.ok(error instanceof DerError);
      }
    }),
    { numRuns: 2000 },
  );
});

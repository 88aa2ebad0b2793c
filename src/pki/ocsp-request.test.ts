import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextConstructed, integer, octetString, oid, sequence } from './der.ts';
import { MAX_OCSP_REQUEST, readOcspRequest } from './ocsp-request.ts';

const CERT_ID = sequence(
  sequence(oid('1.3.14.3.2.26')),
  octetString(Buffer.alloc(20, 1)),
  octetString(Buffer.alloc(20, 2)),
  integer(4711),
);
const NONCE = sequence(sequence(oid('1.3.6.1.5.5.7.48.1.2'), octetString(octetString(Buffer.alloc(32, 3)))));
const GOOD = sequence(sequence(sequence(sequence(CERT_ID)), contextConstructed(2, NONCE)));

test('bytes that are no request of OCSP are answered with null, whatever they are', () => {
  assert.equal(readOcspRequest(GOOD)?.certificates[0]?.serial, '1267');
  assert.equal(readOcspRequest(GOOD)?.nonce?.length, 32);
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed % below;
  };
  let refused = 0;
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(GOOD);
    for (let flips = 1 + random(3); flips > 0; flips--) bytes[random(bytes.length)] = random(256);
    if (readOcspRequest(round % 5 === 0 ? bytes.subarray(0, random(bytes.length)) : bytes) === null) refused++;
  }
  assert.ok(refused > 5_000);
  for (let round = 0; round < 2_000; round++) {
    const noise = Buffer.from(Array.from({ length: random(200) }, () => random(256)));
    assert.equal(readOcspRequest(noise), null);
  }
  assert.equal(readOcspRequest(Buffer.alloc(MAX_OCSP_REQUEST + 1, 0x30)), null);
});

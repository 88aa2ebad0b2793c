import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptBody } from './kept-body.ts';

test('a body that comes byte by byte is kept in few pieces, in order', () => {
  const body = new KeptBody();
  const sent = Buffer.from(Array.from({ length: 16_384 }, (_, at) => at % 251));
  for (let at = 0; at < sent.length; at++) assert.ok(body.add(sent.subarray(at, at + 1)));
  assert.ok(body.pieces.length < 100, `${body.pieces.length} pieces`);
  assert.ok(Buffer.concat(body.pieces).equals(sent));
  assert.equal(body.add(Buffer.from('x')), false);
});

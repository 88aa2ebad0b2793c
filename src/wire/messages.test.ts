import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CAVEATS } from '../domain/caveats.ts';
import { REMARKS, remark } from './messages.ts';

test('no two messages have the same code', () => {
  const codes = [...Object.values(REMARKS), ...Object.values(CAVEATS)].map(({ code }) => code);
  assert.deepEqual(
    codes.filter((code, index) => codes.indexOf(code) !== index),
    [],
  );
});

test('a remark ends with what it is about in this case, and one full stop', () => {
  assert.match(remark('private_origin_lost').message, /writing the record again\.$/);
  assert.match(remark('private_origin_lost', '/puts/0').message, /writing the record again: \/puts\/0\.$/);
  assert.match(remark('pending_deployment', 'zone').message, /sent again: zone\.$/);
});

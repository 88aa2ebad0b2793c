import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBuckets } from './token-buckets.ts';

const LIMIT = { quota: 120, window: 60 };

test('a bucket gives what it holds, fills evenly, and never beyond its quota', () => {
  const buckets = new TokenBuckets(LIMIT);
  assert.deepEqual(buckets.take('one', 0, 120), { left: 0, wait: null, reset: 60 });
  assert.deepEqual(buckets.take('one', 0), { left: 0, wait: 1, reset: 60 });
  assert.deepEqual(buckets.take('one', 10_000, 20), { left: 0, wait: null, reset: 60 });
  assert.equal(buckets.take('one', 10_000_000, 121).wait, 1);
  assert.equal(buckets.take('one', 10_000_000, 120).wait, null);
});

test('what is refused costs nothing, and says how long to wait for all of it', () => {
  const buckets = new TokenBuckets(LIMIT);
  buckets.take('one', 0, 100);
  assert.deepEqual(buckets.take('one', 0, 60), { left: 20, wait: 20, reset: 50 });
  assert.equal(buckets.take('one', 0, 20).wait, null);
});

test('keys have buckets of their own, and a clock that goes back takes nothing away', () => {
  const buckets = new TokenBuckets(LIMIT);
  buckets.take('one', 60_000, 120);
  assert.equal(buckets.take('two', 60_000, 120).wait, null);
  assert.equal(buckets.take('one', 0).wait, 1);
  assert.equal(buckets.take('one', 500).wait, null);
});

test('the key that was not seen for longest is forgotten first', () => {
  const buckets = new TokenBuckets({ quota: 1, window: 3_600 });
  buckets.take('first', 0);
  buckets.take('second', 0);
  buckets.take('first', 0);
  for (let number = 0; number < 9_999; number += 1) buckets.take(`key ${number}`, 0);
  assert.notEqual(buckets.take('first', 0).wait, null);
  assert.equal(buckets.take('second', 0).wait, null);
});

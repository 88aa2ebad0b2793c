import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sparkline } from './sparkline.ts';

test('the highest is full, nothing is low, something little is seen, and the unknown is a dot', () => {
  assert.equal(sparkline([null, 0, 1, 1_000, 500], 10), '·▁▂█▅');
  assert.equal(sparkline([0, 0], 10), '▁▁');
  assert.equal(sparkline([null, null], 10), '··');
  assert.equal(sparkline([], 10), '');
});

test('more points than there is room for are added up', () => {
  assert.equal(sparkline([1, 1, 2, 0, null, null, null, 4], 4), '▅▅·█');
  assert.equal(sparkline([1, 2, 3], 2).length, 2);
});

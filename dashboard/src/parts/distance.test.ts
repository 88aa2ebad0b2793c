import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distance } from './distance.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const TICK = 30_000;

const CASES: readonly (readonly [at: string, words: string])[] = [
  ['2026-11-30T12:00:20Z', 'just now'],
  ['2026-11-30T12:00:40Z', 'in a moment'],
  ['2026-11-30T11:59:10Z', 'just now'],
  ['2026-11-30T11:58:01Z', '1 minute ago'],
  ['2026-11-30T13:59:59Z', 'in 1 hour'],
  ['2026-12-01T11:59:59Z', 'in 23 hours'],
  // Not "tomorrow": it is the day after.
  ['2026-12-02T05:00:00Z', 'in 1 day'],
  ['2026-12-30T11:00:00Z', 'in 29 days'],
  ['2027-02-28T12:00:00Z', 'in 3 months'],
  ['2027-12-15T12:00:00Z', 'in 12 months'],
  ['2028-05-30T12:00:00Z', 'in 18 months'],
  ['2031-11-29T12:00:00Z', 'in 5 years'],
  ['2036-11-27T12:00:00Z', 'in 10 years'],
  ['2021-12-01T12:00:00Z', '5 years ago'],
];

test('a distance is said in words that are not further off than the half of their unit', () => {
  for (const [at, words] of CASES) assert.equal(distance(Date.parse(at), NOW, TICK), words, at);
});

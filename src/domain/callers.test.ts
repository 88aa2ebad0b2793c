import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addedCallers, type CallerCounts, comers, mergedExamples, MOST_COUNTED, refusable } from './callers.ts';

const MOST: CallerCounts = {
  accepted: MOST_COUNTED,
  without: MOST_COUNTED,
  foreign: MOST_COUNTED,
  unverified: MOST_COUNTED,
  looks: MOST_COUNTED,
};

test('whatever origins claim, counts stay whole numbers that can be stored and read again', () => {
  const sum = addedCallers(MOST, MOST);
  assert.deepEqual(sum, MOST);
  assert.ok(Number.isSafeInteger(comers(sum)) && Number.isSafeInteger(refusable(sum)));
  const example = { address: '192.0.2.7', count: MOST_COUNTED };
  assert.deepEqual(mergedExamples([[example, example], [example]]), [example]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mapChange } from './map-change.ts';

const values = ['one', 'two', 'three'].map((text) => ({ text }));
const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const entries = fc.array(fc.tuple(keys, fc.constantFrom(...values)), { maxLength: 8 });

function carriedOut<Value>(before: ReadonlyMap<string, Value>, after: ReadonlyMap<string, Value>) {
  const { put, dropped } = mapChange(before, after);
  const result = new Map(before);
  for (const key of dropped) assert.ok(result.delete(key), `${key} is dropped and was not there`);
  for (const key of put) {
    const value = after.get(key);
    if (value === undefined) assert.fail(`${key} is put and is not there`);
    assert.notEqual(result.get(key), value, `${key} is put and did not change`);
    result.set(key, value);
  }
  return result;
}

test('the change of two maps leads from one to the other and names nothing in vain', () => {
  fc.assert(
    fc.property(entries, entries, (one, other) => {
      const [before, after] = [new Map(one), new Map(other)];
      assert.deepEqual(carriedOut(before, after), after);
    }),
    { numRuns: 500 },
  );
});

test('the same holds for a copy with some keys set and others deleted, also where one comes back at the end', () => {
  const steps = fc.array(fc.tuple(keys, fc.option(fc.constantFrom(...values))), { maxLength: 6 });
  fc.assert(
    fc.property(entries, steps, (one, changes) => {
      const before = new Map(one);
      const after = new Map(before);
      for (const [key, value] of changes) {
        if (value === null) after.delete(key);
        else after.set(key, value);
      }
      assert.deepEqual(carriedOut(before, after), after);
    }),
    { numRuns: 500 },
  );
});

test('an equal value that is another object is a change', () => {
  const before = new Map([['a', { text: 'one' }]]);
  assert.deepEqual(mapChange(before, new Map([['a', { text: 'one' }]])), { put: ['a'], dropped: [] });
  assert.deepEqual(mapChange(before, before), { put: [], dropped: [] });
});

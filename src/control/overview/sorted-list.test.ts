import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exchanged } from './sorted-list.ts';

interface Item {
  readonly key: number;
}

const byKey = (a: Item, b: Item) => a.key - b.key;
const ITEMS = fc.array(fc.record({ key: fc.integer({ min: 0, max: 20 }) }), { maxLength: 60 });

test('property: a list of which items were exchanged is what sorting it anew would make of it', () => {
  fc.assert(
    fc.property(ITEMS, ITEMS, fc.array(fc.nat({ max: 59 })), (items, come, places) => {
      const list = items.toSorted(byKey);
      const gone = [...new Set(places)].flatMap((place) => list[place] ?? []);
      const next = exchanged(list, { gone, come }, byKey);
      const wanted = [...list.filter((item) => !gone.includes(item)), ...come];
      assert.deepEqual(
        next.map(({ key }) => key),
        wanted.map(({ key }) => key).toSorted((a, b) => a - b),
      );
      assert.deepEqual(new Set(next), new Set(wanted));
      assert.deepEqual(list, items.toSorted(byKey), 'the list that was there is another one now');
    }),
  );
});

test('what is not in a list does not leave it', () => {
  const list = [{ key: 1 }, { key: 2 }];
  assert.deepEqual(exchanged(list, { gone: [{ key: 1 }, { key: 9 }], come: [] }, byKey), list);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldPage, page } from './page.ts';

const ITEMS = Array.from({ length: 45 }, (_, count) => ({ id: `id-${count}` }));

/** Which page is answered, and what is on it first. */
function answered(query: { readonly page: number; readonly holding?: string }): readonly unknown[] {
  const asked = { per_page: 20, ...query };
  const held = heldPage(ITEMS, asked, ({ id }, one) => id === one);
  const { info, result } = page(ITEMS, held, ({ id }) => id);
  return [info.page, result[0]];
}

test('the page that holds what is wanted is answered, whatever page says', () => {
  assert.deepEqual(answered({ page: 1, holding: 'id-0' }), [1, 'id-0']);
  assert.deepEqual(answered({ page: 3, holding: 'id-19' }), [1, 'id-0']);
  assert.deepEqual(answered({ page: 1, holding: 'id-20' }), [2, 'id-20']);
  assert.deepEqual(answered({ page: 1, holding: 'id-44' }), [3, 'id-40']);
});

test('where it is not there, or nothing is wanted, page counts', () => {
  assert.deepEqual(answered({ page: 2, holding: 'gone' }), [2, 'id-20']);
  assert.deepEqual(answered({ page: 2 }), [2, 'id-20']);
});

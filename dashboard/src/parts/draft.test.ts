import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restored } from './draft.ts';

const EMPTY = { name: '', zones: [] as readonly string[], forAll: true, ends: null as string | null };

test('a draft comes back as it was left', () => {
  const left = { name: 'terraform', zones: ['example.test'], forAll: false, ends: '2031-01-31T12:00:00Z' };
  assert.deepEqual(restored(EMPTY, left), left);
  assert.deepEqual(restored(EMPTY, { name: 'terraform' }), { ...EMPTY, name: 'terraform' });
});

test('what an earlier version kept in another form is left out, and the rest is not lost for it', () => {
  for (const zones of ['example.test', null, { all: true }, 7])
    assert.deepEqual(restored(EMPTY, { name: 'terraform', zones }), { ...EMPTY, name: 'terraform' });
});

test('what is no draft is none', () => {
  for (const kept of [null, undefined, 'text', 7, true]) assert.deepEqual(restored(EMPTY, kept), EMPTY);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import type { LockOutcome } from './outcome.ts';
import { nextPause, waitToShut } from './pace.ts';

const NOW = instant(Date.UTC(2030, 0, 1));
const WELL: LockOutcome = {
  lock: 'www',
  server: '',
  zones: [],
  hostnames: [],
  files: [],
  trouble: null,
  shutsAt: null,
};
const SILENT: LockOutcome = { ...WELL, trouble: { code: 'outage', detail: '' } };
const USUAL = { interval: 300_000, failed: 0, now: NOW, chance: 0.5 };

test('origins that were started together do not ask together', () => {
  assert.equal(nextPause([WELL], USUAL), 300_000);
  assert.equal(nextPause([WELL], { ...USUAL, chance: 0 }), 270_000);
  assert.equal(nextPause([WELL], { ...USUAL, chance: 1 }), 330_000);
});

test('after trouble it is asked again soon, then less and less often, never less than usual', () => {
  const pauses = [0, 1, 2, 3, 4, 5, 100].map((failed) => nextPause([WELL, SILENT], { ...USUAL, failed }));
  assert.deepEqual(pauses, [15_000, 30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
  assert.equal(nextPause([SILENT], { ...USUAL, interval: 10_000, failed: 9 }), 10_000);
});

test('it never sleeps past the end of an opening', () => {
  const open = { ...WELL, shutsAt: instant(NOW + 42_000) };
  assert.equal(nextPause([WELL, open], USUAL), 42_000);
  assert.equal(nextPause([SILENT, open], { ...USUAL, failed: 9 }), 42_000);
  assert.equal(nextPause([{ ...open, shutsAt: instant(NOW - 1) }], USUAL), 0);
});

test('a single run waits for the first opening that ends in time, and for no other', () => {
  const open = (seconds: number) => ({ ...WELL, shutsAt: instant(NOW + seconds * 1_000) });
  const last = instant(NOW + 60_000);
  assert.equal(waitToShut([WELL, open(61), open(60), open(42)], NOW, last), 42_000);
  assert.equal(waitToShut([WELL, open(61)], NOW, last), null);
  assert.equal(waitToShut([open(-1)], NOW, last), 0);
});

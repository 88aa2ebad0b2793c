import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restartPause } from './restart-pause.ts';

test('a worker that lived for a while is replaced at once, and so is the first that did not', () => {
  assert.deepEqual(restartPause(7, 10_000), { failures: 0, pause: 0 });
  assert.deepEqual(restartPause(0, 5), { failures: 1, pause: 0 });
});

test('the more end at once in a row, the longer the pause, up to ten seconds', () => {
  const pauses: number[] = [];
  let failures = 0;
  for (let turn = 0; turn < 60; turn++) {
    const next = restartPause(failures, 5);
    failures = next.failures;
    pauses.push(next.pause);
  }
  assert.deepEqual(pauses.slice(0, 5), [0, 100, 200, 400, 800]);
  assert.equal(pauses.at(-1), 10_000);
  assert.ok(pauses.every((pause, at) => at === 0 || pause >= (pauses[at - 1] ?? 0)));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { looking } from './looking.ts';

/** Looks that end when the test says so. */
function world() {
  const open: { readonly signal: AbortSignal; readonly answer: (text: string) => Promise<void> }[] = [];
  const seen: string[] = [];
  const look = (signal: AbortSignal) =>
    new Promise<string>((resolve) => {
      open.push({
        signal,
        answer: async (text) => {
          resolve(text);
          // What follows from an answer has happened once everything that was ready has run.
          await new Promise((ready) => setImmediate(ready));
        },
      });
    });
  return { open, seen, one: looking(look, (text: string) => seen.push(text)) };
}

test('news that come faster than answers keep no answer away, and make one more look for all of them', async () => {
  const { open, seen, one } = world();
  one.now();
  for (let event = 0; event < 1000; event++) one.again();
  assert.equal(open.length, 1);
  assert.equal(open[0]?.signal.aborted, false);
  await open[0]?.answer('first');
  assert.deepEqual([seen, open.length], [['first'], 2]);
  await open[1]?.answer('second');
  assert.deepEqual([seen, open.length], [['first', 'second'], 2]);
});

test('a deed does not wait for a look that began before it, and what that one answers late is not told', async () => {
  const { open, seen, one } = world();
  one.now();
  one.again();
  one.now();
  assert.equal(open[0]?.signal.aborted, true);
  await open[1]?.answer('newer');
  await open[0]?.answer('older');
  assert.deepEqual(seen, ['newer']);
  assert.equal(open.length, 2, 'the newer look has seen what was due');
});

test('after its end nothing is told and nothing is looked at', async () => {
  const { open, seen, one } = world();
  one.now();
  one.again();
  one.end();
  assert.equal(open[0]?.signal.aborted, true);
  await open[0]?.answer('late');
  assert.deepEqual([seen, open.length], [[], 1]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from './call.ts';
import { afterLook, type Resource } from './resource.ts';

const GONE: Outcome<string> = {
  kind: 'unreachable',
  problems: [{ code: 0, message: 'Nobody answers.', pointer: null }],
};
const ANSWER: Outcome<string> = { kind: 'answer', result: 'locked', info: null, messages: [] };

test('what was seen stays where the newest look fails, and says so, until one succeeds', () => {
  const seen = afterLook({ kind: 'loading' }, ANSWER);
  const old = afterLook(seen, GONE);
  assert.deepEqual(old, { kind: 'ready', value: 'locked', info: null, messages: [], stale: GONE.problems });
  assert.deepEqual(afterLook(old, ANSWER), seen);
});

test('where nothing was seen, a look that fails is a failure', () => {
  for (const before of [{ kind: 'loading' }, { kind: 'failed', problems: [] }] satisfies Resource<string>[])
    assert.deepEqual(afterLook<string>(before, GONE), { kind: 'failed', problems: GONE.problems });
});

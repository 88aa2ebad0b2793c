import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sessions } from './sessions.ts';

function kept(...names: readonly string[]): Sessions {
  const sessions = new Sessions();
  for (const name of names) sessions.keep({ ticket: Buffer.from(name), endsAt: 1_000 });
  return sessions;
}

function taken(sessions: Sessions, count: number, now = 0): readonly (string | undefined)[] {
  return Array.from({ length: count }, () => sessions.take(now)?.ticket.toString());
}

test('the newest is used first, each once while there are others, and the last one again', () => {
  assert.deepEqual(taken(kept('a', 'b', 'c'), 5), ['c', 'b', 'a', 'a', 'a']);
});

test('no more than four are kept', () => {
  assert.deepEqual(taken(kept('a', 'b', 'c', 'd', 'e', 'f'), 4), ['f', 'e', 'd', 'c']);
});

test('a new one takes the place of one that was used again', () => {
  const sessions = kept('a');
  assert.deepEqual(taken(sessions, 2), ['a', 'a']);
  sessions.keep({ ticket: Buffer.from('b'), endsAt: 1_000 });
  assert.deepEqual(taken(sessions, 1), ['b']);
});

test('what was dropped is not used', () => {
  const sessions = kept('a', 'b');
  sessions.drop();
  assert.deepEqual(taken(sessions, 2), [undefined, undefined]);
});

test('none is used past the end of the certificate that it was made with', () => {
  const sessions = kept('a');
  assert.deepEqual(taken(sessions, 1, 999), ['a']);
  sessions.keep({ ticket: Buffer.from('b'), endsAt: 500 });
  assert.deepEqual(taken(sessions, 2, 500), ['a', 'a']);
  assert.deepEqual(taken(sessions, 1, 1_000), [undefined]);
});

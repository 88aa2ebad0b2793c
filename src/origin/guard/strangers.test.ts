import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Strangers } from './strangers.ts';

test('the address with most makes room by the oldest, for anybody else at once', () => {
  const strangers = new Strangers<string>(3);
  assert.equal(strangers.enter('b1', 'b', 0), null);
  assert.equal(strangers.enter('a1', 'a', 0), null);
  assert.equal(strangers.enter('a2', 'a', 0), null);
  assert.equal(strangers.enter('c1', 'c', 0), 'a1');
  strangers.leave('a1', 'a');
  assert.equal(strangers.size, 3);
});

test('in a rush of one address who has just come may finish, and who has been there for a while makes room', () => {
  const strangers = new Strangers<string>(2);
  strangers.enter('a1', 'a', 0);
  strangers.enter('a2', 'a', 900);
  assert.equal(strangers.enter('a3', 'a', 999), 'a3');
  strangers.leave('a3', 'a');
  assert.equal(strangers.enter('a4', 'a', 1_000), 'a1');
});

test('who has left twice is counted once, and addresses are forgotten', () => {
  const strangers = new Strangers<string>(1);
  strangers.enter('a1', 'a', 0);
  strangers.leave('a1', 'a');
  strangers.leave('a1', 'a');
  assert.equal(strangers.size, 0);
  assert.equal(strangers.enter('b1', 'b', 0), null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandshakeQueue } from './handshake-queue.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('handshakes begin one for each turn of the loop, and addresses take turns', async () => {
  const queue = new HandshakeQueue(100);
  const begun: string[] = [];
  for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) {
    assert.ok(queue.enter(name.charAt(0), () => void begun.push(name)));
  }
  assert.deepEqual(begun, []);
  for (let turns = 1; turns <= 6; turns++) {
    await turn();
    assert.equal(begun.length, turns);
  }
  assert.deepEqual(begun, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  assert.equal(queue.size, 0);
});

test('who is one too many is told at once, and there is room again afterwards', async () => {
  const queue = new HandshakeQueue(2);
  let begun = 0;
  const begin = () => {
    begun++;
  };
  assert.deepEqual([queue.enter('a', begin), queue.enter('a', begin), queue.enter('b', begin)], [true, true, false]);
  await turn();
  assert.ok(queue.enter('b', begin));
  await turn();
  await turn();
  assert.equal(begun, 3);
});

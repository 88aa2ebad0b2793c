import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandshakeQueue } from './handshake-queue.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('handshakes begin one for each turn of the loop, and addresses take turns', async () => {
  const queue = new HandshakeQueue();
  const begun: string[] = [];
  for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) {
    queue.enter(name.charAt(0), { begin: () => void begun.push(name), isGone: () => false });
  }
  assert.deepEqual(begun, []);
  for (let turns = 1; turns <= 6; turns++) {
    await turn();
    assert.equal(begun.length, turns);
  }
  assert.deepEqual(begun, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  assert.equal(queue.size, 0);
});

test('who has gone takes no turn', async () => {
  const queue = new HandshakeQueue();
  const begun: string[] = [];
  for (const name of ['a1', 'a2', 'b1', 'a3']) {
    queue.enter(name.charAt(0), { begin: () => void begun.push(name), isGone: () => name !== 'a3' });
  }
  await turn();
  assert.deepEqual([begun, queue.size], [['a3'], 0]);
});

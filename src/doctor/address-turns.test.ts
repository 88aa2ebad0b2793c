import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressTurns } from './address-turns.ts';
import type { Target } from './target.ts';

const at = (host: string, address: string): Target => ({ host, address, port: 443, door: 'https' });

test('few targets do not wait for the thousands of another address', () => {
  const many = Array.from({ length: 2_000 }, (_none, index) => at(`m${index}`, '192.0.2.1'));
  const turns = new AddressTurns(
    [...many, at('one', '192.0.2.2'), at('two', '192.0.2.2'), at('three', '192.0.2.3')],
    4,
  );
  const taken = Array.from({ length: 7 }, () => turns.take()?.host);
  assert.deepEqual(taken, ['m0', 'one', 'three', 'm1', 'two', 'm2', 'm3']);
});

test('an address that does not answer holds no more than its share, and gets the next when one is done', () => {
  const silent = Array.from({ length: 10 }, (_none, index) => at(`s${index}`, '192.0.2.1'));
  const turns = new AddressTurns(silent, 2);
  const [first, second, third] = [turns.take(), turns.take(), turns.take()];
  assert.deepEqual([first?.host, second?.host, third], ['s0', 's1', null]);
  assert.ok(second !== null);
  turns.done(second);
  assert.equal(turns.take()?.host, 's2');
  assert.equal(turns.take(), null);
});

test('all come once', () => {
  const targets = Array.from({ length: 50 }, (_none, index) => at(`h${index}`, `192.0.2.${index % 3}`));
  const turns = new AddressTurns(targets, 1);
  const seen: string[] = [];
  for (let next = turns.take(); next !== null; next = turns.take()) {
    seen.push(next.host);
    turns.done(next);
  }
  assert.deepEqual(seen.toSorted(), targets.map(({ host }) => host).toSorted());
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turnstile } from './turnstile.ts';

test('whoever has many waiting does not keep the others waiting for all of them', async () => {
  const turnstile = new Turnstile<string>(1);
  const did: string[] = [];
  const work = (name: string) => async () => void did.push(name);
  const first = Promise.withResolvers<void>();
  const passes = [turnstile.pass('a', () => first.promise)];
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2']) passes.push(turnstile.pass(name.slice(0, 1), work(name)));
  first.resolve();
  await Promise.all(passes);
  assert.deepEqual(did, ['a1', 'b1', 'a2', 'b2', 'a3']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turnstile } from './turnstile.ts';

test('whoever has many waiting does not keep the others waiting for all of them', async () => {
  const turnstile = new Turnstile<string>({ places: 1, each: 1, atTarget: 1 });
  const did: string[] = [];
  const work = (name: string) => async () => void did.push(name);
  const first = Promise.withResolvers<void>();
  const passes = [turnstile.pass('a', () => first.promise)];
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2']) passes.push(turnstile.pass(name.slice(0, 1), work(name)));
  first.resolve();
  await Promise.all(passes);
  assert.deepEqual(did, ['a1', 'b1', 'a2', 'b2', 'a3']);
});

test('no more than its share goes to one target at once, and a fault gives its place back', async () => {
  const turnstile = new Turnstile<string>({ places: 3, each: 3, atTarget: 1 });
  const inside: string[] = [];
  const gates = new Map(['x1', 'x2', 'y1'].map((name) => [name, Promise.withResolvers<void>()]));
  const pass = (name: string) =>
    turnstile.pass(
      'a',
      async () => {
        inside.push(name);
        await gates.get(name)?.promise;
      },
      name.slice(0, 1),
    );
  const passes = ['x1', 'x2', 'y1'].map(pass);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(inside, ['x1', 'y1']);
  gates.get('x1')?.reject(new Error('a fault'));
  await assert.rejects(passes[0] ?? assert.fail(), /a fault/);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(inside, ['x1', 'y1', 'x2']);
  for (const gate of gates.values()) gate.resolve();
  await Promise.all(passes.slice(1));
});

import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { test } from 'node:test';
import { createResolver, type Resolved } from './resolve.ts';

type Done = (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void;

/** A resolver over a system that answers when told, and a clock that the test turns. */
function world() {
  const asked: { readonly name: string; readonly answer: Done }[] = [];
  let now = 0;
  const resolver = createResolver(
    () => now,
    (name, _options, answer) => void asked.push({ name, answer }),
  );
  const told: Resolved[] = [];
  const resolve = (name: string) => resolver.resolve(name, (resolved) => void told.push(resolved));
  const turn = (milliseconds: number) => {
    now += milliseconds;
  };
  return { asked, told, resolve, turn };
}

const FOUND: LookupAddress[] = [
  { address: '192.0.2.1', family: 4 },
  { address: '2001:db8::1', family: 6 },
];

test('all who ask for a name at the same time are answered by one question', () => {
  const { asked, told, resolve } = world();
  for (const name of ['a.test', 'a.test', 'b.test', 'a.test']) resolve(name);
  assert.deepEqual(
    asked.map(({ name }) => name),
    ['a.test', 'b.test'],
  );
  asked[0]?.answer(null, FOUND);
  const addresses = { kind: 'found', addresses: ['192.0.2.1', '2001:db8::1'] };
  assert.deepEqual(told, [addresses, addresses, addresses]);
});

test('an answer counts for ten seconds, a failure for two', () => {
  const { asked, told, resolve, turn } = world();
  resolve('a.test');
  asked[0]?.answer(null, FOUND);
  turn(9_999);
  resolve('a.test');
  assert.deepEqual([asked.length, told.length], [1, 2]);
  turn(1);
  resolve('a.test');
  asked[1]?.answer(Object.assign(new Error('gone'), { code: 'ENOTFOUND' }), []);
  turn(1_999);
  resolve('a.test');
  assert.equal(asked.length, 2);
  assert.equal(told.at(-1)?.kind, 'failed');
  turn(1);
  resolve('a.test');
  assert.equal(asked.length, 3);
});

test('a name with very many addresses is cut, and very many names push out the oldest', () => {
  const { asked, told, resolve } = world();
  resolve('many.test');
  asked[0]?.answer(
    null,
    Array.from({ length: 1_000 }, (_, n) => ({ address: `192.0.${n >> 8}.${n & 255}`, family: 4 })),
  );
  assert.equal(told[0]?.kind === 'found' && told[0].addresses.length, 16);
  for (let n = 0; n < 10_000; n++) {
    resolve(`n${n}.test`);
    asked.at(-1)?.answer(null, FOUND);
  }
  const before = asked.length;
  resolve('n9999.test');
  assert.equal(asked.length, before);
  resolve('many.test');
  assert.equal(asked.length, before + 1);
});

test('the system knows localhost, and that invalid names are none', async () => {
  const resolver = createResolver(() => performance.now());
  const resolved = (name: string) => new Promise<Resolved>((resolve) => resolver.resolve(name, resolve));
  const local = await resolved('localhost');
  assert.ok(local.kind === 'found' && local.addresses.length > 0);
  const none = await resolved('nobody.invalid');
  assert.equal(none.kind, 'failed');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EdgeCertificate } from './edge-certificate.ts';
import { changes, moved, ordered, priorities } from './order.ts';

function certificate(id: string, hosts: readonly string[], bent: Partial<EdgeCertificate> = {}): EdgeCertificate {
  const times = { uploaded_on: '2031-01-01T00:00:00Z', expires_on: '2032-01-01T00:00:00Z' };
  return { id, type: 'legacy_custom', hosts, issuer: 'CN=x', status: 'active', priority: 0, ...times, ...bent };
}

const [A, B, C] = [
  certificate('a', ['www.example.test']),
  certificate('b', ['*.example.test', 'example.test']),
  certificate('c', ['shop.example.test'], { type: 'sni_custom' }),
];
const ids = (all: readonly EdgeCertificate[] | null) => all?.map(({ id }) => id).join(' ') ?? null;

test('one goes a place up or down, never beyond the ends or past one of another type', () => {
  const all = [A, B, C];
  assert.equal(ids(moved(all, 0, 1)), 'b a c');
  assert.equal(ids(moved(all, 1, -1)), 'b a c');
  assert.equal(ids(moved(all, 0, -1)), null);
  assert.equal(ids(moved(all, 1, 1)), null);
  assert.equal(ids(moved(all, 2, -1)), null);
});

test('numbers keep the order, and those on further pages behind', () => {
  assert.deepEqual(
    priorities([B, A], true).map(({ priority }) => priority),
    [2, 1],
  );
  const high = [certificate('d', [], { priority: 7 }), certificate('e', [], { priority: 3 })];
  assert.deepEqual(
    priorities(high, false).map(({ priority }) => priority),
    [9, 8],
  );
});

test('an order that was chosen is kept until there are others', () => {
  assert.equal(ids(ordered([A, B, C], ['b', 'a', 'c'])), 'b a c');
  assert.equal(ids(ordered([A, B, C], ['c', 'a', 'b'])), 'a b c', 'types would be mixed');
  assert.equal(ids(ordered([A, C], ['b', 'a', 'c'])), 'a c');
  assert.equal(ids(ordered([A, B, C], [])), 'a b c');
});

test('what visitors are shown otherwise is told by name; a wildcard stands for one label, what has ended for none', () => {
  const told = (before: readonly EdgeCertificate[], after: readonly EdgeCertificate[]) =>
    changes(before, after).map(({ host, to }) => `${host} ${to.id}`);
  assert.deepEqual(told([A, B], [B, A]), ['www.example.test b']);
  assert.deepEqual(told([B, A], [A, B]), ['www.example.test a']);
  const deep = certificate('d', ['a.b.example.test']);
  assert.deepEqual(told([deep, B], [B, deep]), []);
  const ended = certificate('e', ['www.example.test'], { status: 'expired' });
  assert.deepEqual(told([A, ended], [ended, A]), []);
});

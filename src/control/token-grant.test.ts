import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accountId, zoneId } from '../domain/ids.ts';
import { PERMISSIONS } from './api/permissions.ts';
import { sure } from './control-plane.fixture.ts';
import type { Rights } from './token.ts';
import { beyond } from './token-grant.ts';

const ZONES = ['a', 'b', 'c'].map((letter) => sure(zoneId(letter.repeat(32))));
const ACCOUNTS = ['d', 'e'].map((letter) => sure(accountId(letter.repeat(32))));
const PERMISSION_SET = ['*', ...PERMISSIONS].filter((name) => /^(?:\*|dns)/.test(name));
const NETWORKS = ['10.0.0.0/8', '10.1.0.0/16', '2001:db8::/32'];

const rights: fc.Arbitrary<Rights> = fc.record({
  permissions: fc.subarray(PERMISSION_SET, { minLength: 1 }),
  zones: fc.oneof(fc.constant('all' as const), fc.subarray(ZONES)),
  accounts: fc.oneof(fc.constant('all' as const), fc.subarray(ACCOUNTS)),
  addresses: fc.subarray(NETWORKS),
  notBefore: fc.constant(null),
  expiresAt: fc.option(fc.nat(3), { nil: null }),
});

test('property: everybody may grant what they have', () => {
  fc.assert(fc.property(rights, (own) => assert.equal(beyond(own, own), null)));
});

/** Rights like `wish`, cut down where they go beyond `own`: random ones hardly ever lie within others. */
function cutDown(own: Rights, wish: Rights): Rights {
  let cut = own;
  for (const field of ['permissions', 'zones', 'accounts', 'addresses', 'expiresAt'] as const) {
    const next = { ...cut, [field]: wish[field] };
    if (beyond(own, next) === null) cut = next;
  }
  return cut;
}

test('property: rights handed on and on never grow', () => {
  let handedOn = 0;
  fc.assert(
    fc.property(rights, rights, rights, fc.boolean(), (first, wish, other, cut) => {
      const second = cutDown(first, wish);
      const third = cut ? cutDown(second, other) : other;
      if (beyond(second, third) !== null) return;
      handedOn += 1;
      assert.equal(beyond(first, second), null);
      assert.equal(beyond(first, third), null);
    }),
    { numRuns: 3000 },
  );
  assert.ok(handedOn > 1000, 'the examples say something');
});

test('what goes too far is named, with the field that is to blame', () => {
  const own: Rights = {
    permissions: ['dns:edit'],
    zones: ZONES.slice(0, 1),
    accounts: ACCOUNTS.slice(0, 1),
    addresses: ['10.0.0.0/8'],
    notBefore: null,
    expiresAt: 10,
  };
  const wider: readonly (readonly [Partial<Rights>, string])[] = [
    [{ permissions: ['ssl:read'] }, '/permissions'],
    [{ permissions: ['*'] }, '/permissions'],
    [{ zones: 'all' }, '/zones'],
    [{ zones: ZONES.slice(0, 2) }, '/zones'],
    [{ accounts: 'all' }, '/accounts'],
    [{ accounts: ACCOUNTS }, '/accounts'],
    [{ addresses: [] }, '/addresses'],
    [{ addresses: ['10.0.0.0/7'] }, '/addresses'],
    [{ expiresAt: null }, '/expires_on'],
    [{ expiresAt: 11 }, '/expires_on'],
  ];
  for (const [change, pointer] of wider) {
    const refused = beyond(own, { ...own, ...change });
    assert.deepEqual([refused?.code, refused?.pointer], ['beyond_own_rights', pointer]);
  }
  assert.equal(
    beyond(own, { ...own, permissions: ['dns:read'], zones: [], addresses: ['10.2.3.4/32'], expiresAt: 9 }),
    null,
  );
});

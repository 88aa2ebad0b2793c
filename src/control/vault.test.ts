import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { Secret } from '../pki/secret.ts';
import { StartError } from './start-error.ts';
import { openVault } from './vault.ts';

const vault = openVault({ id: '0'.repeat(16), key: createSecretKey(Buffer.alloc(32, 1)) });
const other = openVault({ id: '1'.repeat(16), key: createSecretKey(Buffer.alloc(32, 2)) });

test('what is sealed opens in its own place, and no two seals are alike', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.uuid(), (text, id) => {
      const sealed = vault.seal('client', id, new Secret(text));
      assert.equal(vault.open('client', id, sealed).reveal(), text);
      assert.notEqual(vault.seal('client', id, new Secret(text)), sealed);
    }),
  );
});

test('a sealed key does not open elsewhere, under another key, or altered', () => {
  const sealed = vault.seal('client', 'a', new Secret('the key itself'));
  const attempts = [
    () => vault.open('client', 'b', sealed),
    () => vault.open('visitor', 'a', sealed),
    () => other.open('client', 'a', sealed),
    () => vault.open('client', 'a', ''),
    () => vault.open('client', 'a', 'v1.'),
    () => vault.open('client', 'a', sealed.slice(0, -4)),
    () => vault.open('client', 'a', `v2.${sealed.slice(3)}`),
  ];
  for (const attempt of attempts) {
    assert.throws(attempt, (error) => {
      assert.ok(error instanceof StartError);
      assert.doesNotMatch(inspect(error), /the key itself/);
      return true;
    });
  }
  fc.assert(
    fc.property(
      fc.nat(Buffer.from(sealed.slice(3), 'base64').length - 1),
      fc.integer({ min: 1, max: 255 }),
      (at, by) => {
        const bytes = Buffer.from(sealed.slice(3), 'base64');
        bytes.writeUInt8(bytes.readUInt8(at) ^ by, at);
        assert.throws(() => vault.open('client', 'a', `v1.${bytes.toString('base64')}`), StartError);
      },
    ),
  );
});

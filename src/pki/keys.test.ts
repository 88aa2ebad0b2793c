import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { instant } from '../domain/ids.ts';
import { createAuthority, validFor } from './issue.ts';
import { generateKey, importKey, keyMatches, keyObject, keyTypeOf, publicSpki } from './keys.ts';
import { PkiError, type PkiErrorCode } from './pki-error.ts';
import { PROFILES } from './profiles.ts';
import { Secret } from './secret.ts';

function refusal(pem: string): PkiErrorCode {
  try {
    importKey(pem);
  } catch (error) {
    if (error instanceof PkiError) return error.code;
    throw error;
  }
  return assert.fail('accepted');
}

test('a key never shows, however it is printed', async () => {
  const key = await generateKey();
  // oxlint-disable-next-line typescript/restrict-template-expressions -- the mistake this is about
  const careless = `${key}`;
  assert.equal(careless, '[redacted]');
  const shown = [
    String(key),
    JSON.stringify({ key }),
    inspect({ key }, { depth: null, showHidden: true }),
    format('%s %o %O %j', key, key, key, key),
    Object.values(key).join(),
    new Error('with', { cause: key }).stack ?? '',
  ];
  for (const text of shown) assert.doesNotMatch(text, /PRIVATE|MIG|MII/);
  assert.match(key.reveal(), /^-----BEGIN PRIVATE KEY-----\n/);
});

test('keys are of the type asked for', async () => {
  for (const type of ['ec:P-256', 'ec:P-384', 'rsa:2048', 'rsa:3072'] as const) {
    assert.equal(keyTypeOf(keyObject(await generateKey(type))), type);
  }
  assert.equal(keyTypeOf(keyObject(await generateKey())), 'ec:P-256');
});

test('a new key is written as OpenSSL would, and its number has all octets', async () => {
  // One number in 256 begins with a zero: among 2,000 some certainly do.
  const keys = await Promise.all(Array.from({ length: 2_000 }, () => generateKey()));
  const texts = keys.map((key) => key.reveal());
  assert.equal(new Set(texts).size, keys.length);
  assert.deepEqual(new Set(texts.map(({ length }) => length)).size, 1);
  for (const key of keys) {
    const object = createPrivateKey(key.reveal());
    assert.equal(object.export({ format: 'pem', type: 'pkcs8' }).toString(), key.reveal());
    assert.deepEqual(publicSpki(key), createPublicKey(object).export({ format: 'der', type: 'spki' }));
  }
});

test('keys come back from PKCS#8 and from the older forms', async () => {
  for (const [type, older] of [
    ['ec:P-256', 'sec1'],
    ['rsa:2048', 'pkcs1'],
  ] as const) {
    const key = await generateKey(type);
    const object = createPrivateKey(key.reveal());
    assert.equal(importKey(key.reveal()).reveal(), key.reveal());
    assert.equal(importKey(object.export({ format: 'pem', type: older }).toString()).reveal(), key.reveal());
    assert.deepEqual(
      publicSpki(new Secret(key.reveal())),
      createPublicKey(object).export({ format: 'der', type: 'spki' }),
    );
  }
});

test('what cannot be used as a key is refused by name', async () => {
  const pem = (await generateKey()).reveal();
  const object = createPrivateKey(pem);
  const lock = { format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  assert.equal(refusal(object.export({ ...lock, type: 'pkcs8' }).toString()), 'key_encrypted');
  assert.equal(refusal(object.export({ ...lock, type: 'sec1' }).toString()), 'key_encrypted');
  assert.equal(refusal(pem + pem), 'key_several');
  assert.equal(refusal(''), 'key_missing');
  assert.equal(refusal('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'), 'key_unparsable');
  assert.throws(() => keyObject(new Secret('nothing')), PkiError);
});

test('a key is told from another by the certificate', async () => {
  const key = await generateKey();
  const subject = { commonName: 'a' };
  const validity = validFor(instant(0), 1000);
  const { certificate } = createAuthority({ profile: PROFILES.pullRoot, subject, key, validity });
  assert.equal(keyMatches(key, certificate), true);
  assert.equal(keyMatches(await generateKey(), certificate), false);
  assert.equal(new X509Certificate(certificate.pem).checkPrivateKey(keyObject(key)), true);
});

test('the texts of a new key are byte for byte what OpenSSL writes', async () => {
  for (const type of ['ec:P-256', 'ec:P-384', 'rsa:2048'] as const) {
    for (let round = 0; round < 20; round++) {
      const key = await generateKey(type);
      const handle = createPrivateKey(key.reveal());
      assert.equal(key.reveal(), handle.export({ format: 'pem', type: 'pkcs8' }));
      assert.deepEqual(publicSpki(key), createPublicKey(handle).export({ format: 'der', type: 'spki' }));
      if (type === 'rsa:2048') break;
    }
  }
});

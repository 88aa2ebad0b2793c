import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { decryptKey, encryptKey } from './encrypted-key.ts';
import { generateKey, importKey, KEY_TYPES, publicSpki } from './keys.ts';
import { PkiError } from './pki-error.ts';
import { Secret } from './secret.ts';

const WORDS = new Secret('correct horse battery staple ä');

function openssl(args: readonly string[], input: string): string {
  return execFileSync('openssl', [...args], {
    input,
    encoding: 'utf8',
    env: { ...process.env, WORDS: WORDS.reveal() },
  });
}

async function refusal(pem: string, words = WORDS): Promise<string> {
  try {
    await decryptKey(pem, words);
  } catch (error) {
    assert.ok(error instanceof PkiError);
    return error.code;
  }
  return assert.fail('it was opened');
}

for (const type of KEY_TYPES) {
  test(`a key of ${type} goes under a passphrase, and openssl opens it to the same key`, async () => {
    const key = await generateKey(type);
    const pem = await encryptKey(key, WORDS);
    assert.match(pem, /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    assert.ok(!pem.includes(key.reveal().split('\n')[1] ?? ''));
    const opened = importKey(openssl(['pkey', '-passin', 'env:WORDS'], pem));
    assert.deepEqual(publicSpki(opened), publicSpki(key));
    assert.deepEqual(publicSpki(await decryptKey(pem, WORDS)), publicSpki(key));
  });
}

test('what openssl puts under a passphrase is opened, with the digest and the rounds that were taken there', async () => {
  const key = await generateKey();
  for (const more of [[], ['-v2prf', 'hmacWithSHA512'], ['-iter', '100000'], ['-v2prf', 'hmacWithSHA1']]) {
    const args = ['pkcs8', '-topk8', '-v2', 'aes-256-cbc', ...more, '-passout', 'env:WORDS'];
    const pem = openssl(args, key.reveal());
    assert.deepEqual(publicSpki(await decryptKey(pem, WORDS)), publicSpki(key), more.join(' '));
  }
});

test('another passphrase, an altered text and a key in clear are refused, and say nothing of the key', async () => {
  const key = await generateKey();
  const pem = await encryptKey(key, WORDS);
  assert.equal(await refusal(pem, new Secret('another passphrase')), 'key_not_opened');
  const lines = pem.split('\n');
  const last = lines.at(-3) ?? '';
  lines.splice(-3, 1, `${last.startsWith('A') ? 'B' : 'A'}${last.slice(1)}`);
  assert.ok(['key_not_opened', 'key_encryption_unknown'].includes(await refusal(lines.join('\n'))));
  assert.equal(await refusal(key.reveal()), 'key_missing');
  assert.equal(await refusal(pem + pem), 'key_several');
  assert.equal(
    await refusal('-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n'),
    'key_encryption_unknown',
  );
});

test('other ways of encryption are named as such', async () => {
  const key = await generateKey();
  for (const way of [
    ['-v2', 'aes-128-cbc'],
    ['-scrypt', '-v2', 'aes-256-cbc'],
  ]) {
    const made = spawnSync('openssl', ['pkcs8', '-topk8', ...way, '-passout', 'env:WORDS'], {
      input: key.reveal(),
      encoding: 'utf8',
      env: { ...process.env, WORDS: WORDS.reveal() },
    });
    assert.equal(made.status, 0, made.stderr);
    assert.equal(await refusal(made.stdout), 'key_encryption_unknown');
  }
});

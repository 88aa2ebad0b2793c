import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../domain/ids.ts';
import { bundleSha256, readBundle, writeBundle } from './bundle.ts';
import { createAuthority, issueLeaf, validFor } from './issue.ts';
import { generateKey } from './keys.ts';
import { PkiError, type PkiErrorCode } from './pki-error.ts';
import { PROFILES } from './profiles.ts';

const key = await generateKey();
const validity = validFor(instant(Date.UTC(2026, 0, 1)), 86_400_000);
const [ONE, TWO] = ['Eins, Ä', '-----BEGIN CERTIFICATE-----'].map((commonName) =>
  createAuthority({ profile: PROFILES.pullRoot, subject: { commonName }, key, validity }),
);
assert.ok(ONE !== undefined && TWO !== undefined);
const LEAF = issueLeaf(ONE, { profile: PROFILES.pullLeaf, subject: { commonName: 'l' }, key, validity });
const CAS = [ONE.certificate, TWO.certificate];

function refusal(text: string): readonly [PkiErrorCode, number | null] {
  try {
    readBundle(text);
  } catch (error) {
    if (error instanceof PkiError) return [error.code, error.block];
    throw error;
  }
  return assert.fail('accepted');
}

test('a bundle names its certificates and is read back', () => {
  const text = writeBundle(CAS);
  assert.deepEqual(readBundle(text), CAS);
  assert.ok(text.startsWith(`# CN=Eins\\, Ä\n# SHA-256 ${CAS[0]?.fingerprint}\n# valid until 2026-01-02\n-----BEGIN`));
});

test('the same certificates give the same text and hash', () => {
  assert.equal(writeBundle(readBundle(writeBundle(CAS))), writeBundle(CAS));
  assert.match(bundleSha256(writeBundle(CAS)), /^[0-9a-f]{64}$/);
  assert.notEqual(bundleSha256(writeBundle(CAS)), bundleSha256(writeBundle(CAS.toReversed())));
  assert.equal(bundleSha256(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('duplicates count once', () => {
  assert.deepEqual(readBundle(writeBundle([...CAS, ...CAS])), CAS);
});

test('what would open or shut an origin by mistake is refused', () => {
  const text = writeBundle(CAS);
  assert.deepEqual(refusal(''), ['pem_empty', null]);
  assert.deepEqual(refusal('# nothing but a comment\n'), ['pem_empty', null]);
  assert.deepEqual(refusal(text + LEAF.certificate.pem), ['bundle_not_a_ca', 3]);
  assert.deepEqual(refusal(text + key.reveal()), ['bundle_private_key', 3]);
  assert.deepEqual(refusal(text.slice(0, -40)), ['pem_unclosed', 2]);
  assert.deepEqual(refusal(text.replace('MII', 'AII')), ['certificate_unparsable', 1]);
  assert.deepEqual(refusal(`${text}-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n`), [
    'pem_unexpected_block',
    3,
  ]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { X509Facts } from '../domain/certificate.ts';
import { instant } from '../domain/ids.ts';
import { type Authority, createAuthority, issueLeaf, validFor } from './issue.ts';
import { keep, keptBefore } from './kept-certificate.ts';
import { generateKey } from './keys.ts';
import { PROFILES, type Profile } from './profiles.ts';

const NOW = instant(Date.UTC(2030, 0, 1));
const validity = validFor(NOW, 86_400_000);
const authority = async (profile: Profile, issuer?: Authority) => {
  const request = { profile, subject: { organization: 'a', commonName: 'b' }, key: await generateKey(), validity };
  return createAuthority(issuer === undefined ? request : { ...request, issuer });
};
const root = await authority(PROFILES.pullRoot);
const intermediate = await authority(PROFILES.pullIntermediate, root);
const LEAF = issueLeaf(intermediate, {
  profile: PROFILES.pullLeaf,
  subject: { commonName: 'a, b' },
  key: await generateKey('rsa:2048'),
  validity,
  names: [
    { kind: 'dns', value: 'www.zone.test' },
    { kind: 'uri', value: 'postern://i.test/zone/1' },
  ],
}).certificate;
const SELF_SIGNED = createAuthority({
  profile: { ca: null, keyUsage: null, extendedKeyUsage: null },
  subject: { commonName: 'a'.repeat(60) },
  key: await generateKey('ec:P-384'),
  validity,
}).certificate;
const ALL = [root.certificate, intermediate.certificate, LEAF, SELF_SIGNED];

/** Every fact, read one by one. */
function plain(facts: X509Facts): Record<string, unknown> {
  return Object.fromEntries(Object.keys(LEAF).map((name) => [name, facts[name as keyof X509Facts]]));
}

test('a certificate that is kept says the same as before, at once and when it is kept again', () => {
  for (const facts of ALL) {
    const kept = keep(facts);
    assert.deepEqual(plain(kept), plain(facts));
    assert.equal(keep(kept), kept);
    const again = keptBefore(kept, kept.pem) ?? assert.fail();
    assert.deepEqual(plain(again), plain(facts));
  }
});

test('what is not the certificate of its fingerprint is none', () => {
  const { pem } = LEAF;
  assert.equal(keptBefore(SELF_SIGNED, pem), null);
  fc.assert(
    fc.property(
      fc.nat(pem.length - 1),
      fc.constantFrom('A', 'a', '0', '+', '/', '=', '-', ' ', '\n'),
      (at, character) => {
        const changed = `${pem.slice(0, at)}${character}${pem.slice(at + 1)}`;
        const kept = keptBefore(LEAF, changed);
        // Around the certificate a change may go unnoticed: it is written anew.
        assert.equal(kept?.pem ?? pem, pem);
      },
    ),
    { numRuns: 500 },
  );
});

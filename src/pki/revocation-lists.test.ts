import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { X509Facts } from '../domain/certificate.ts';
import { type Instant, instant } from '../domain/ids.ts';
import { crlPem, writeCrl } from './crl.ts';
import { boolean, contextConstructed, integer, octetString, oid, sequence, time } from './der.ts';
import { type Authority, createAuthority, issueLeaf, validFor } from './issue.ts';
import { generateKey, type KeyType } from './keys.ts';
import { PkiError } from './pki-error.ts';
import { PROFILES } from './profiles.ts';
import { reread } from './read.ts';
import { revocationLists, standingOf } from './revocation-lists.ts';
import { signatureAlgorithm, signed } from './signature.ts';

const NOW = instant(Date.UTC(2030, 0, 1));
const DAY = 86_400_000;

async function authority(commonName = 'CA', keyType?: KeyType): Promise<Authority> {
  const [key, validity] = [await generateKey(keyType), validFor(NOW, 30 * DAY)];
  return createAuthority({ profile: PROFILES.pullRoot, subject: { commonName }, key, validity });
}

async function leafOf(issuer: Authority): Promise<X509Facts> {
  const [key, validity] = [await generateKey(), validFor(NOW, DAY)];
  return issueLeaf(issuer, { profile: PROFILES.pullLeaf, subject: { commonName: 'leaf' }, key, validity, names: [] })
    .certificate;
}

interface Wanted {
  readonly revoked?: readonly X509Facts[];
  readonly from?: Instant;
  readonly until?: Instant;
}

function listOf(issuer: Authority, { revoked = [], from = NOW, until = instant(NOW + DAY) }: Wanted = {}): string {
  const entries = revoked.map(({ serial }) => ({ serial, at: NOW, reason: 'keyCompromise' as const }));
  return crlPem(writeCrl(issuer, { number: 1, thisUpdate: from, nextUpdate: until, revoked: entries }));
}

test('a list says who is revoked, from when and until when it counts; for each kind of key', async () => {
  for (const keyType of ['ec:P-256', 'ec:P-384', 'rsa:2048'] as const) {
    const ca = await authority('CA', keyType);
    const [good, bad] = [await leafOf(ca), await leafOf(ca)];
    const lists = revocationLists(listOf(ca, { revoked: [bad] }), [ca.certificate]);
    const span = { from: NOW, until: NOW + DAY };
    assert.deepEqual(standingOf([good, ca.certificate], lists), { revoked: false, ...span }, keyType);
    assert.deepEqual(standingOf([bad, ca.certificate], lists), { revoked: true, ...span }, keyType);
  }
});

test('of two lists the newer one counts, in whatever order they stand', async () => {
  const ca = await authority();
  const leaf = await leafOf(ca);
  const [older, newer] = [listOf(ca), listOf(ca, { revoked: [leaf], from: instant(NOW + 1000) })];
  for (const text of [older + newer, newer + older]) {
    assert.equal(standingOf([leaf, ca.certificate], revocationLists(text, [ca.certificate]))?.revoked, true);
  }
});

test('every CA of a path needs a list, the shortest of them sets the end, and a revoked CA takes its leafs along', async () => {
  const [root, middle] = [await authority('root'), await authority('middle')];
  const leaf = await leafOf(middle);
  const cas = [root.certificate, middle.certificate];
  const path = [leaf, middle.certificate, root.certificate];
  assert.equal(standingOf(path, revocationLists(listOf(middle), cas)), null);
  assert.equal(standingOf(path, revocationLists(listOf(root), cas)), null);
  const sooner = listOf(root, { from: instant(NOW - DAY), until: instant(NOW + 1000) });
  assert.deepEqual(standingOf(path, revocationLists(sooner + listOf(middle), cas)), {
    revoked: false,
    from: NOW,
    until: NOW + 1000,
  });
  const struck = listOf(root, { revoked: [middle.certificate] }) + listOf(middle);
  assert.equal(standingOf(path, revocationLists(struck, cas))?.revoked, true);
});

test('a list that the CA has not signed is none: of a namesake, forged, changed afterwards', async () => {
  const [ca, namesake] = [await authority(), await authority()];
  const leaf = await leafOf(ca);
  const der = Buffer.from(listOf(ca, { revoked: [leaf] }).replaceAll(/-----.*-----|\s/g, ''), 'base64');
  const at = der.indexOf(Buffer.from(leaf.serial, 'hex'));
  assert.ok(at > 0);
  der[at] = (der[at] ?? 0) ^ 1;
  for (const text of [listOf(namesake), crlPem(der)]) {
    assert.equal(revocationLists(text, [ca.certificate]).size, 0);
  }
  assert.equal(revocationLists(listOf(ca), [namesake.certificate]).size, 0);
});

test('a list that is not of all certificates, or names no end, is not relied on', async () => {
  const ca = await authority();
  const { identifier } = signatureAlgorithm(ca.key);
  const list = (...rest: readonly Uint8Array[]) => {
    const name = reread(ca.certificate).der.subject;
    return crlPem(signed(sequence(integer(1), identifier, name, time(NOW), ...rest), ca.key));
  };
  const end = time(instant(NOW + DAY));
  // RFC 5280 §5.2.5: an issuing distribution point says which certificates a list is about.
  const extension = (critical: boolean) =>
    contextConstructed(0, sequence(sequence(oid('2.5.29.28'), boolean(critical), octetString(sequence()))));
  const sizes = [list(end), list(), list(end, extension(true)), list(end, sequence(), extension(false))];
  assert.deepEqual(
    sizes.map((text) => revocationLists(text, [ca.certificate]).size),
    [1, 0, 0, 1],
  );
});

test('what is no list at all is said to be none', async () => {
  const ca = await authority();
  for (const text of ['', ca.certificate.pem]) {
    assert.throws(() => revocationLists(text, [ca.certificate]), PkiError);
  }
});

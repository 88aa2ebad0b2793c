import 'reflect-metadata';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import * as peculiar from '@peculiar/x509';
import fc from 'fast-check';
import { instant } from '../domain/ids.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../domain/revocation.ts';
import { crlPem, writeCrl } from './crl.ts';
import { type Authority, createAuthority, issueLeaf, validFor } from './issue.ts';
import { generateKey, type KeyType } from './keys.ts';
import { PkiError } from './pki-error.ts';
import { PROFILES } from './profiles.ts';

const DAY = 86_400_000;
const NOW = instant(Math.floor(Date.now() / 1_000) * 1_000);
const WEEK = { thisUpdate: instant(NOW - 3_600_000), nextUpdate: instant(NOW + 7 * DAY) };

async function authorities(type: KeyType = 'ec:P-256') {
  const common = { validity: validFor(NOW, 90 * DAY), subject: { commonName: 'lists' } };
  const root = createAuthority({ ...common, profile: PROFILES.pullRoot, key: await generateKey(type) });
  const subject = { commonName: 'lists below' };
  const key = await generateKey(type);
  return {
    root,
    below: createAuthority({ ...common, subject, profile: PROFILES.pullIntermediate, key, issuer: root }),
  };
}

async function leafUnder(issuer: Authority) {
  const request = { profile: PROFILES.pullLeaf, subject: { commonName: 'leaf' }, validity: validFor(NOW, DAY) };
  return issueLeaf(issuer, { ...request, key: await generateKey() });
}

function openssl(t: TestContext, files: Readonly<Record<string, string>>, args: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'postern-crl-'));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return spawnSync('openssl', args, { cwd: directory, encoding: 'utf8', maxBuffer: 2 ** 26 });
}

for (const type of ['ec:P-256', 'ec:P-384', 'rsa:2048'] as const) {
  test(`openssl checks a whole path by the lists of ${type} authorities, and refuses who stands on one`, async (t) => {
    const { root, below } = await authorities(type);
    const good = await leafUnder(below);
    const ended = await leafUnder(below);
    const revoked = [{ serial: ended.certificate.serial, at: NOW, reason: 'keyCompromise' }] as const;
    const files = {
      'root.pem': root.certificate.pem,
      'below.pem': below.certificate.pem,
      'good.pem': good.certificate.pem,
      'ended.pem': ended.certificate.pem,
      'lists.pem':
        crlPem(writeCrl(root, { number: 1, ...WEEK, revoked: [] })) +
        crlPem(writeCrl(below, { number: 7, ...WEEK, revoked })),
    };
    const how = ['-crl_check_all', '-purpose', 'sslclient', '-x509_strict', '-CAfile', 'root.pem'];
    const verify = (leaf: string) =>
      openssl(t, files, ['verify', ...how, '-untrusted', 'below.pem', '-CRLfile', 'lists.pem', leaf]);
    const passed = verify('good.pem');
    assert.equal(passed.status, 0, passed.stderr);
    const refused = verify('ended.pem');
    assert.notEqual(refused.status, 0);
    assert.match(refused.stderr, /certificate revoked/);
  });
}

test('lists of two authorities with the same names stand in one file, each for its own certificates', async (t) => {
  const pairs = [await authorities(), await authorities()];
  const files: Record<string, string> = {};
  const cas: string[] = [];
  const lists: string[] = [];
  for (const [index, { root, below }] of pairs.entries()) {
    const [good, ended] = [await leafUnder(below), await leafUnder(below)];
    files[`good${index}`] = good.certificate.pem + below.certificate.pem;
    files[`ended${index}`] = ended.certificate.pem + below.certificate.pem;
    cas.push(root.certificate.pem);
    const revoked = [{ serial: ended.certificate.serial, at: NOW, reason: 'superseded' }] as const;
    lists.push(crlPem(writeCrl(root, { number: 1, ...WEEK, revoked: [] })));
    lists.push(crlPem(writeCrl(below, { number: 1, ...WEEK, revoked })));
  }
  for (const order of [lists, lists.toReversed()]) {
    const all = { ...files, cas: cas.join(''), lists: order.join('') };
    const how = ['-crl_check_all', '-purpose', 'sslclient', '-x509_strict', '-CAfile', 'cas', '-CRLfile', 'lists'];
    const verify = (leaf: string) => openssl(t, all, ['verify', ...how, '-untrusted', leaf, leaf]);
    for (const index of [0, 1]) {
      const passed = verify(`good${index}`);
      assert.equal(passed.status, 0, passed.stderr);
      assert.match(verify(`ended${index}`).stderr, /certificate revoked/);
    }
  }
});

test('openssl reads a list as it was meant', async (t) => {
  const { root } = await authorities();
  const at = instant(Date.UTC(2051, 0, 2, 3, 4, 5));
  const revoked = [
    { serial: 'ff', at: NOW, reason: 'unspecified' },
    { serial: '1234567890abcdef1234567890abcdef', at, reason: 'superseded' },
  ] as const;
  const pem = crlPem(writeCrl(root, { number: 300, ...WEEK, revoked }));
  const text = openssl(t, { 'list.pem': pem }, ['crl', '-in', 'list.pem', '-noout', '-text']).stdout;
  for (const line of [
    /Version 2 \(0x1\)/,
    /Issuer: CN = lists/,
    /X509v3 Authority Key Identifier/,
    /X509v3 CRL Number: \s+300\b/,
    /Serial Number: FF\s+Revocation Date: [^\n]+\n\s+Serial Number: 1234567890ABCDEF1234567890ABCDEF/,
    /Jan {2}2 03:04:05 2051 GMT\s+CRL entry extensions:\s+X509v3 CRL Reason Code: \s+Superseded/,
  ]) {
    assert.match(text, line);
  }
});

test('whatever is revoked, another reader finds exactly that, and the issuer’s signature', async () => {
  const { root } = await authorities();
  const issuer = new peculiar.X509Certificate(root.certificate.pem);
  const reasons = Object.keys(REVOCATION_REASONS) as RevocationReason[];
  const serial = fc
    .uint8Array({ minLength: 1, maxLength: 20 })
    .map((bytes) => Buffer.from(bytes).toString('hex').replace(/^0+/, ''))
    .filter((text) => text !== '');
  const entry = fc.record({
    serial,
    seconds: fc.integer({ min: 0, max: 4_000_000_000 }),
    reason: fc.constantFrom(...reasons),
  });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(entry, { maxLength: 40, selector: (one) => one.serial }), async (entries) => {
      const revoked = entries.map(({ seconds, ...rest }) => ({ ...rest, at: instant(seconds * 1_000) }));
      const list = new peculiar.X509Crl(writeCrl(root, { number: 5, ...WEEK, revoked }));
      assert.equal(await list.verify(issuer), true);
      assert.deepEqual(
        list.entries.map(({ serialNumber, revocationDate, reason }) => ({
          serial: serialNumber.replace(/^0+/, ''),
          at: revocationDate.getTime(),
          reason: reason ?? 0,
        })),
        revoked.map(({ reason, ...rest }) => ({ ...rest, reason: REVOCATION_REASONS[reason] })),
      );
    }),
    { numRuns: 30 },
  );
});

test('a list of 100,000 is read whole by openssl', async (t) => {
  const { root } = await authorities();
  const revoked = Array.from({ length: 100_000 }, (_, count) => ({
    serial: (0x4000_0000 + count).toString(16),
    at: NOW,
    reason: 'superseded' as const,
  }));
  const pem = crlPem(writeCrl(root, { number: 2, ...WEEK, revoked }));
  const files = { 'list.pem': pem, 'ca.pem': root.certificate.pem };
  const read = openssl(t, files, ['crl', '-in', 'list.pem', '-noout', '-CAfile', 'ca.pem', '-crlnumber']);
  assert.match(read.stderr, /verify OK/);
  const text = openssl(t, files, ['crl', '-in', 'list.pem', '-noout', '-text']).stdout;
  assert.equal(text.match(/Serial Number:/g)?.length, 100_000);
});

test('who may not sign lists signs none, and no list ends before it begins', async () => {
  const { root, below } = await authorities();
  const leaf = await leafUnder(below);
  const refused = (code: string) => (error: unknown) => error instanceof PkiError && error.code === code;
  assert.throws(() => writeCrl(leaf, { number: 1, ...WEEK, revoked: [] }), refused('issuer_signs_no_lists'));
  const never = { thisUpdate: NOW, nextUpdate: NOW };
  assert.throws(() => writeCrl(root, { number: 1, ...never, revoked: [] }), refused('validity_invalid'));
});

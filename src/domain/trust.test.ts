import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CertificateDraft } from './certificate-changes.ts';
import { provable, zoneBundle } from './trust.ts';
import { after, ca, draft, facts, newZone, SHARED, to, wish } from './zone.fixture.ts';
import type { Zone } from './zone.ts';

const CHAIN = [ca('their issuing CA', 'their root'), ca('their root')];

function upload(tag: string, over: Partial<CertificateDraft> = {}) {
  return to.upload(tag, { chain: CHAIN, ...over });
}

function trusted(zone: Zone): readonly string[] {
  return zoneBundle(zone).certificates.map(({ subject }) => subject);
}

const AUTHORITY = ['CN=root', 'CN=intermediate'];
const THEIR_CAS = ['CN=their issuing CA', 'CN=their root'];

describe('the bundle of a zone', () => {
  test('is its own root and intermediate', () => {
    assert.deepEqual(trusted(newZone()), AUTHORITY);
    assert.equal(zoneBundle(newZone()).kind, 'zone');
  });

  test('never holds what the shared identity hangs on, whatever is switched on', () => {
    const plain = newZone();
    const shared = after(plain, to.set({ globalPull: true, zonePull: true }), to.serve('www.example.test'));
    assert.deepEqual(zoneBundle(shared), zoneBundle(plain));
    assert.ok(zoneBundle(shared).certificates.every(({ fingerprint }) => fingerprint !== SHARED.fingerprint));
  });

  test('is complete before a level is switched on: origins trust first, edges present second', () => {
    const uploaded = after(newZone(), upload('first'));
    assert.deepEqual(trusted(uploaded), [...AUTHORITY, ...THEIR_CAS]);
    assert.deepEqual(trusted(after(uploaded, to.set({ zonePull: true }))), trusted(uploaded));
  });

  test('holds the issuers of uploads of both levels, associated or not', () => {
    const zone = after(newZone(), upload('own', { level: 'hostname' }));
    assert.deepEqual(trusted(zone), [...AUTHORITY, ...THEIR_CAS]);
    assert.deepEqual(trusted(after(zone, to.associate(wish('www.example.test', 'own')))), trusted(zone));
  });

  test('names each CA once', () => {
    const zone = after(newZone(), upload('first'), upload('second'), upload('own', { level: 'hostname' }));
    assert.deepEqual(trusted(zone), [...AUTHORITY, ...THEIR_CAS]);
    const ours = after(newZone(), upload('first', { chain: [ca('intermediate', 'root'), ca('root')] }));
    assert.deepEqual(trusted(ours), AUTHORITY);
  });

  test('forgets the issuers of an upload with its deletion, unless another upload needs them', () => {
    const two = after(newZone(), upload('first'), upload('second'));
    assert.deepEqual(trusted(after(two, to.drop('first'))), [...AUTHORITY, ...THEIR_CAS]);
    assert.deepEqual(trusted(after(two, to.drop('first'), to.drop('second'))), AUTHORITY);
  });

  test('holds CAs only: trusting a leaf would let in whoever has its key, for nothing', () => {
    const zone = after(newZone(), upload('first', { chain: [facts('a stray leaf'), ca('their root')] }));
    assert.deepEqual(trusted(zone), [...AUTHORITY, 'CN=their root']);
  });

  test('does not grow with the zone’s own renewals', () => {
    const renewed = draft('renewed', { source: 'managed', chain: [ca('intermediate', 'root')] });
    assert.deepEqual(trusted(after(newZone(), { kind: 'add_certificate', draft: renewed })), AUTHORITY);
  });
});

describe('the bundle can vouch for what the zone level presents', () => {
  test('where that is managed', () => {
    assert.equal(provable(newZone()), true);
  });

  test('where its issuers came with the upload', () => {
    assert.equal(provable(after(newZone(), upload('first'))), true);
    assert.equal(provable(after(newZone(), upload('first', { chain: [ca('their root')] }))), true);
  });

  test('not where they came without their root: OpenSSL ends a path at a self-signed certificate only', () => {
    assert.equal(provable(after(newZone(), upload('first', { chain: CHAIN.slice(0, 1) }))), false);
  });

  test('not where none came, nor where what came is no CA', () => {
    assert.equal(provable(after(newZone(), to.upload('first'))), false);
    assert.equal(provable(after(newZone(), upload('first', { chain: [facts('a stray leaf')] }))), false);
    const selfSigned = facts('a stray leaf', { issuer: 'CN=a stray leaf' });
    assert.equal(provable(after(newZone(), upload('first', { chain: [selfSigned] }))), false);
  });

  test('by the upload that is presented, not by others', () => {
    const bare = to.upload('bare');
    assert.equal(provable(after(newZone(), upload('first'), bare)), false);
    assert.equal(provable(after(newZone(), bare, upload('second'))), true);
    assert.equal(provable(after(newZone(), bare, to.drop('bare'))), true);
    assert.equal(provable(after(newZone(), to.upload('own', { level: 'hostname' }))), true);
  });

  test('where there is nothing to present', () => {
    assert.equal(provable(newZone({ certificates: new Map() })), true);
  });
});

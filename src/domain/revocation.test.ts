import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientCertificate } from './certificate.ts';
import { type Command, change } from './change.ts';
import { compile, zoneIdentity } from './compile.ts';
import { plan } from './plan.ts';
import { hasServed, isRevoked, type RevocationTarget, revocationOf } from './revocation.ts';
import {
  after,
  ca,
  DAY,
  draft,
  edgeFor,
  facts,
  host,
  idOf,
  later,
  MANAGED,
  NOW,
  newZone,
  SHARED,
  refused,
  to,
  world,
} from './zone.fixture.ts';
import type { Zone } from './zone.ts';

const INTERMEDIATE = ca('intermediate', 'root');
const issued = (tag: string) => facts(tag, { issuer: INTERMEDIATE.subject });

/** The identity that the zone presents, as its own CA issued it. */
const PRESENTED: ClientCertificate = { ...MANAGED, leaf: issued('managed'), chain: [INTERMEDIATE] };
/** One that was in use before. */
const REPLACED: ClientCertificate = {
  ...PRESENTED,
  id: idOf.certificate('replaced'),
  leaf: issued('replaced'),
  wish: { ...MANAGED.wish, kind: 'delete' },
};
const ZONE = newZone({
  certificates: new Map([
    [PRESENTED.id, PRESENTED],
    [REPLACED.id, REPLACED],
  ]),
});

const byId = (tag: string): RevocationTarget => ({ kind: 'certificate', id: idOf.certificate(tag) });
const bySerial = (serial: string): RevocationTarget => ({ kind: 'serial', serial });

function revoke(target: RevocationTarget, force = false): Command {
  return { kind: 'revoke_certificate', target, reason: 'keyCompromise', force };
}

test('a certificate that was in use before is revoked by its id, with all that is known of it', () => {
  const zone = after(ZONE, revoke(byId('replaced')));
  assert.deepEqual(
    [...zone.revocations.values()],
    [
      {
        issuer: INTERMEDIATE.fingerprint,
        serial: REPLACED.leaf.serial,
        certificate: REPLACED.id,
        subject: 'CN=replaced',
        reason: 'keyCompromise',
        at: NOW,
        notAfter: REPLACED.leaf.notAfter,
      },
    ],
  );
  assert.equal(zone.certificates, ZONE.certificates);
});

test('its serial number names the same certificate, and twice is once', () => {
  const once = after(ZONE, revoke(byId('replaced')));
  const again = change(once, { ...revoke(bySerial(REPLACED.leaf.serial)), reason: 'superseded' } as Command, world());
  assert.ok(again.kind === 'changed');
  assert.equal(again.zone, once);
  assert.equal(revocationOf(once, bySerial(REPLACED.leaf.serial))?.reason, 'keyCompromise');
});

test('a number that nobody knows is revoked until the end of the CA', () => {
  const zone = after(ZONE, revoke(bySerial('abc')));
  const found = revocationOf(zone, bySerial('abc'));
  assert.deepEqual([found?.certificate, found?.subject, found?.notAfter], [null, null, INTERMEDIATE.notAfter]);
});

test('what the zone presents is not revoked by accident', () => {
  assert.equal(refused(ZONE, revoke(byId('managed'))).code, 'revoke_presented');
  assert.equal(refused(ZONE, revoke(bySerial(PRESENTED.leaf.serial))).code, 'revoke_presented');
});

test('by force it is, and then pulls are refused: made with none or with the revoked one is never', () => {
  const served = after(ZONE, to.serve('www.example.test'), to.set({ zonePull: true }));
  const name = host('www.example.test');
  assert.equal(plan(edgeFor(served), name, 'https', NOW).kind, 'present');
  const ended = after(served, revoke(byId('managed'), true));
  assert.equal(zoneIdentity(ended), null);
  const planned = plan(edgeFor(ended), name, 'https', NOW);
  assert.deepEqual([planned.kind, 'because' in planned && planned.because], ['refuse', 'no_identity']);
  assert.deepEqual(compile(ended, SHARED).rules.zonePull, { kind: 'on', identity: null });
});

test('where an upload is presented, the managed identity behind it is revoked without force, and does not come back', () => {
  const covered = after(ZONE, to.upload('own'));
  const zone = after(covered, revoke(byId('managed')));
  assert.equal(zoneIdentity(zone)?.certificate, idOf.certificate('own'));
  assert.equal(zoneIdentity(after(zone, to.drop('own'))), null);
});

test('a revoked certificate never comes back, nor does one below a revoked intermediate', () => {
  const zone = after(ZONE, revoke(byId('replaced')));
  const again = draft('replaced', { leaf: issued('replaced'), chain: [INTERMEDIATE] });
  assert.equal(refused(zone, { kind: 'add_certificate', draft: again }).code, 'certificate_revoked');
  assert.equal(
    refused(zone, { kind: 'add_certificate', draft: { ...again, level: 'hostname', chain: [] } }).code,
    'certificate_revoked',
  );
  const former = ca('former', 'root');
  const below = { leaf: facts('below', { issuer: former.subject }), chain: [former, ca('root')] };
  const without = after(ZONE, { kind: 'revoke_intermediate', intermediate: former, reason: 'superseded' });
  assert.equal(refused(without, { kind: 'add_certificate', draft: draft('below', below) }).code, 'certificate_revoked');
  assert.equal(isRevoked(ZONE, below), false);
});

test('the same number from another CA is another certificate', () => {
  const zone = after(ZONE, revoke(byId('replaced')));
  const other = facts('other', { serial: REPLACED.leaf.serial });
  assert.equal(isRevoked(zone, { leaf: other, chain: [ca('issuer')] }), false);
  after(zone, to.upload('other', { leaf: other }));
});

test('who did not issue a certificate does not revoke it', () => {
  const zone = after(ZONE, to.upload('own'));
  assert.equal(refused(zone, revoke(byId('own'))).code, 'not_issued_here');
  assert.equal(refused(zone, revoke(bySerial(facts('own').serial))).code, 'not_issued_here');
  assert.equal(refused(zone, revoke(byId('nobody'))).code, 'certificate_not_found');
  const foreign = { kind: 'revoke_intermediate', intermediate: ca('x', 'stranger'), reason: 'superseded' } as const;
  assert.equal(refused(zone, foreign).code, 'not_issued_here');
});

test('a CA in use is replaced before it is revoked', () => {
  assert.equal(refused(ZONE, revoke(bySerial(INTERMEDIATE.serial))).code, 'authority_in_use');
  assert.equal(refused(ZONE, revoke(bySerial(ca('root').serial))).code, 'authority_in_use');
  const own = { kind: 'revoke_intermediate', intermediate: INTERMEDIATE, reason: 'cACompromise' } as const;
  assert.equal(refused(ZONE, own).code, 'authority_in_use');
});

test('the root revokes an intermediate that issues no more, and what stands below it ends', () => {
  const former = ca('former', 'root');
  const old: ClientCertificate = {
    ...PRESENTED,
    id: idOf.certificate('old'),
    leaf: facts('old', { issuer: former.subject }),
    chain: [former],
    wish: { ...MANAGED.wish, kind: 'delete' },
  };
  const rotated = { ...ZONE, certificates: new Map(ZONE.certificates).set(old.id, old) };
  const zone = after(rotated, { kind: 'revoke_intermediate', intermediate: former, reason: 'superseded' });
  const [entry] = zone.revocations.values();
  assert.deepEqual([entry?.issuer, entry?.serial], [ca('root').fingerprint, former.serial]);
  const presented: Zone = { ...rotated, certificates: new Map([[old.id, { ...old, wish: MANAGED.wish }]]) };
  assert.equal(
    refused(presented, { kind: 'revoke_intermediate', intermediate: former, reason: 'superseded' }).code,
    'authority_in_use',
  );
});

test('there is an end to how many a zone can revoke', () => {
  const zone = after(ZONE, revoke(bySerial('1')));
  assert.equal(
    refused(zone, revoke(bySerial('2')), world({ limits: { ...world().limits, revocationsPerZone: 1 } })).code,
    'too_many_certificates',
  );
});

test('an entry has served when a list held it that was signed after the certificate had ended', () => {
  const [entry] = after(ZONE, revoke(byId('replaced'))).revocations.values();
  assert.ok(entry !== undefined);
  const end = entry.notAfter;
  assert.deepEqual(
    [later(DAY), end, later(6 * DAY)].map((listed) => hasServed(entry, listed)),
    [false, false, true],
  );
  // Revoked after its end: the list before knew nothing of it.
  assert.equal(hasServed({ ...entry, at: later(7 * DAY) }, later(6 * DAY)), false);
  const zone = after(ZONE, revoke(byId('replaced')));
  const forgotten = after(zone, { kind: 'forget_revocations', keys: [...zone.revocations.keys()] });
  assert.equal(forgotten.revocations.size, 0);
});

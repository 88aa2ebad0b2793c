import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { attestationKey } from '../../domain/attestation.ts';
import { instant } from '../../domain/ids.ts';
import { generateKey, publicSpki } from '../../pki/keys.ts';
import { loadCertificates } from '../../pki/read.ts';
import { knock } from '../../doctor/knock.ts';
import { readBundle } from '../../pki/bundle.ts';
import { zoneSignature } from '../../pki/zone-signature.ts';
import { addressPolicy } from '../../pull/address-policy.ts';
import { attestationPage } from '../../wire/attestation-page.ts';
import { readReport } from '../../wire/attestation-report.ts';
import { ACTOR, dataPath, name, newZone, openPlane, sure } from '../control-plane.fixture.ts';
import { restrictedPlane } from '../restricted-plane.ts';
import { CLOCK, GROUND, HOST, lockedZone, OFTEN, SELDOM, until } from './keeping.fixture.ts';

const EVERYTHING = {
  accounts: 'all',
  actor: null,
  action: null,
  since: null,
  before: null,
  olderThan: null,
  limit: 1,
} as const;

test('a lock is seen as it is, each change is kept, and what was known outlives a restart', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir, { clock: CLOCK, rotationTick: 5 });
  const { id, server } = await lockedZone(t, plane);
  plane.attest(GROUND, OFTEN);
  const locked = await until(plane, id, ({ verdict, fullAt }) => verdict === 'locked' && fullAt !== null);
  for (const verdict of ['open', 'broken', 'locked'] as const) {
    server.turn(verdict === 'broken' ? 'closed' : verdict);
    // A look that began before may see both: the next one sees what is.
    await until(plane, id, (one) => one.verdict === verdict && one.fullAt === one.at);
  }
  const { origin } = locked;
  const evidence = await plane.attestationEvidence(id, origin);
  assert.ok(evidence !== null && evidence.checked.length > 10);
  await plane.close();

  const again = await openPlane(t, dir, { clock: CLOCK, rotationTick: 5 });
  const [known] = again.attestations(id).attestations;
  assert.equal(known?.verdict, 'locked');
  assert.ok(known.lastOpen !== null && known.lastBroken !== null && known.lockedSince !== null);
  assert.ok(known.lockedSince > locked.since);
  const changes = await again.attestationChanges(id, { origin: attestationKey(locked), since: null, most: 10 });
  assert.deepEqual(changes.map(({ verdict }) => verdict).toReversed(), ['locked', 'open', 'broken', 'locked']);
});

test('when a lock was looked at outlives a restart, also where a look told nothing new', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir, { clock: CLOCK, rotationTick: 5 });
  const { id } = await lockedZone(t, plane);
  plane.attest(GROUND, { quick: 20, full: SELDOM.full });
  await until(plane, id, ({ at, fullAt }) => fullAt !== null && at > fullAt);
  await plane.close();
  const [last] = plane.attestations(id).attestations;
  const again = await openPlane(t, dir, { clock: CLOCK, rotationTick: 5 });
  assert.deepEqual(again.attestations(id).attestations, [last]);
});

test('what is asked for is what is said of the hostname', async (t) => {
  const plane = await openPlane(t, dataPath(t), { clock: CLOCK, rotationTick: 5 });
  const { id, server } = await lockedZone(t, plane);
  plane.attest(GROUND, SELDOM);
  await plane.attestNow(id, null);
  assert.deepEqual([...server.asked], ['/']);
  server.asked.clear();
  const command = { kind: 'set_look_paths', path: '/status', paths: new Map([[HOST, '/healthz?full=1']]) } as const;
  await plane.commit({ zone: id, command, actor: ACTOR });
  const changed = plane.attestations(id).attestations[0]?.fullAt;
  // It is looked at anew without anybody asking.
  await until(plane, id, ({ fullAt }) => fullAt !== changed);
  assert.deepEqual([...server.asked], ['/healthz?full=1']);
  server.asked.clear();
  await plane.commit({ zone: id, command: { ...command, paths: new Map([[HOST, null]]) }, actor: ACTOR });
  await plane.attestNow(id, null);
  assert.deepEqual([...server.asked], ['/status']);
  const told = await plane.audit({ ...EVERYTHING, zones: [id] });
  assert.match(JSON.stringify(told), /set_look_paths.*healthz/);
});

test('a look on request comes at once, and only where there is something to look at', async (t) => {
  const plane = await openPlane(t, dataPath(t), { clock: CLOCK, rotationTick: 5 });
  const { id, put } = await lockedZone(t, plane);
  const off = await plane.attestNow(id, HOST);
  assert.equal('code' in off && off.code, 'attestation_off');
  plane.attest(GROUND, SELDOM);
  assert.deepEqual(await plane.attestNow(id, null), { waiting: 0 });
  const [first] = plane.attestations(id).attestations;
  assert.ok(first?.fullAt !== null);
  assert.deepEqual(await plane.attestNow(id, HOST), { waiting: 0 });
  const [second] = plane.attestations(id).attestations;
  assert.ok(sure(second?.fullAt) >= sure(first?.fullAt));
  const nobody = await plane.attestNow(id, name('nobody.example.test'));
  assert.equal('code' in nobody && nobody.code, 'attestation_nothing');
  for (let count = 2; count <= 101; count++) await put(count, { name: name(`h${count}.example.test`) });
  const many = await plane.attestNow(id, null);
  assert.equal('code' in many && many.code, 'attestation_too_many');
});

test('what goes away is forgotten, and what has no lock is said to have none', async (t) => {
  const plane = await openPlane(t, dataPath(t), { clock: CLOCK, rotationTick: 5 });
  const { id } = await lockedZone(t, plane);
  plane.attest(GROUND, OFTEN);
  await until(plane, id, ({ verdict }) => verdict === 'locked');
  await plane.commit({ zone: id, command: { kind: 'set', settings: { zonePull: false } }, actor: ACTOR });
  while (plane.attestations(id).attestations.length > 0) await sleep(5);
  assert.deepEqual(plane.attestations(id).unattested, [{ hostname: HOST, because: 'no_pull_identity' }]);
  assert.equal(plane.attestationFigures().gauges['locks|locked'], 0);
});

test('the row of a zone, and what a change would do, follow what is seen of its lock', async (t) => {
  const plane = await openPlane(t, dataPath(t), { clock: CLOCK, rotationTick: 5 });
  const { id, server } = await lockedZone(t, plane);
  await newZone(plane, 'other.test');
  const first = () => sure(plane.zoneRows('worst')[0]);
  const off = { kind: 'change', command: { kind: 'set', settings: { zonePull: false } } } as const;
  const codes = async () => {
    const outcome = await plane.impact(id, off);
    return outcome.kind === 'impact' ? outcome.consequences.map(({ code }) => code) : outcome.code;
  };
  assert.equal(plane.zoneRows('name')[0]?.verdict, null);
  assert.deepEqual(await codes(), ['pulled_without_certificate']);
  plane.attest(GROUND, OFTEN);
  const { lockedSince } = await until(plane, id, ({ verdict }) => verdict === 'locked');
  assert.deepEqual(await codes(), ['locked_origin_refuses', 'pulled_without_certificate']);
  const row = sure(plane.zoneRows('name')[0]);
  assert.deepEqual([row.id, row.verdict, row.since, row.hostnames.locked], [id, 'locked', lockedSince, 1]);
  server.turn('open');
  await until(plane, id, ({ verdict }) => verdict === 'open');
  const { verdict, hostnames, concerns } = first();
  assert.deepEqual([first().id, verdict, hostnames.open, concerns.critical], [id, 'open', 1, 1]);
  assert.equal(concerns.first[0]?.code, 'lock_open');
  assert.deepEqual(await codes(), ['pulled_without_certificate']);
});

test('nobody looks where no edge may connect, and says so', async (t) => {
  const plane = await openPlane(t, dataPath(t), { clock: CLOCK, rotationTick: 5 });
  const { id, server } = await lockedZone(t, plane);
  plane.attest({ addresses: addressPolicy([{ host: '127.0.0.1', port: server.port }]) }, OFTEN);
  const { origin } = await until(plane, id, ({ fullAt }) => fullAt !== null);
  const [seen] = plane.attestations(id).attestations;
  assert.equal(seen?.verdict, 'unknown');
  const evidence = await plane.attestationEvidence(id, origin);
  assert.match(JSON.stringify(evidence?.notChecked), /own_listener/);
});

test('who may not see a zone sees nothing of its locks', async (t) => {
  const plane = await openPlane(t, dataPath(t), { clock: CLOCK, rotationTick: 5 });
  const { id } = await lockedZone(t, plane);
  const other = await newZone(plane, 'other.test');
  plane.attest(GROUND, OFTEN);
  const { origin } = await until(plane, id, ({ fullAt }) => fullAt !== null);
  const narrow = restrictedPlane(plane, { zones: [other.id], accounts: 'all' });
  assert.deepEqual(narrow.attestations(id), { attestations: [], unattested: [], pause: null });
  assert.equal(await narrow.attestationEvidence(id, origin), null);
  assert.deepEqual(await narrow.attestationChanges(id, { origin: null, since: null, most: 9 }), []);
  assert.deepEqual(
    narrow.zoneRows('worst').map((row) => row.id),
    [other.id],
  );
  assert.deepEqual(
    new Set(narrow.expiries(instant(Number.MAX_SAFE_INTEGER)).map(({ zone }) => zone?.id)),
    new Set([other.id]),
  );
  const unseen = await narrow.impact(id, { kind: 'change', command: { kind: 'delete_zone' } });
  assert.equal('code' in unseen && unseen.code, 'zone_not_found');
  for (const refused of [await narrow.attestNow(id, null), await narrow.attestationReport(id, CLOCK())]) {
    assert.equal('code' in refused && refused.code, 'zone_not_found');
  }
});

test('a report is signed for its zone and no other, and says what was seen', async (t) => {
  const plane = await openPlane(t, dataPath(t), { clock: CLOCK, rotationTick: 5 });
  const { id } = await lockedZone(t, plane);
  const other = await newZone(plane, 'other.test');
  plane.attest(GROUND, SELDOM);
  await plane.attestNow(id, null);
  const report = await plane.attestationReport(id, instant(0));
  if (report.kind !== 'signed') assert.fail(report.code);
  const trusted = readBundle(plane.bundle(sure(plane.zones.get(id))));
  const { text, signature } = report;
  assert.deepEqual(zoneSignature({ text, signature, trusted }, CLOCK()), { kind: 'believed', zone: id, ahead: false });
  const altered = { text: text.replace('"locked"', '"open"'), signature, trusted };
  assert.equal(zoneSignature(altered, CLOCK()).kind, 'fault');
  const stranger = readBundle(plane.bundle(sure(plane.zones.get(other.id))));
  assert.equal(zoneSignature({ text, signature, trusted: stranger }, CLOCK()).kind, 'fault');
  const read = sure(readReport(text));
  assert.deepEqual([read.verdict, read.locks.length, read.complete], ['locked', 1, true]);
  assert.deepEqual(
    read.changes.map(({ verdict }) => verdict),
    ['locked'],
  );
  assert.ok(sure(read.locks[0]).checked > 10 && sure(read.locks[0]).not_checked.length > 0);
  const hostile = {
    ...read,
    zone_name: '<script>x</script>',
    locks: read.locks.map((one) => ({
      ...one,
      findings: [{ code: 'x', severity: 'low', title: '"><img src=x>', refs: [] }],
    })),
  };
  const page = attestationPage(hostile, report.sha256);
  assert.doesNotMatch(page, /<script|<img/);
  assert.match(page, new RegExp(report.sha256));
});

test('who may try a lock gets certificates for a key of its own: the right one opens it, and no other', async (t) => {
  const plane = await openPlane(t, dataPath(t), { clock: CLOCK, rotationTick: 5 });
  const { id, server } = await lockedZone(t, plane);
  const key = await generateKey();
  const minted = await plane.probeCredentials(id, { hostname: HOST, spki: publicSpki(key) }, ACTOR);
  if (minted.kind !== 'probe_credentials') assert.fail(minted.code);
  assert.ok(minted.endsAt - Date.now() <= 300_000);
  const inside = [];
  for (const [kind, cert] of Object.entries(minted.certificates)) {
    const credential = { cert, key: key.reveal() };
    const asked = { address: '127.0.0.1', port: server.port, serverName: HOST, path: '/', headers: [], timeout: 5_000 };
    const { saw } = await knock({ ...asked, credential });
    if (saw.kind === 'answered') inside.push(kind);
    const [leaf] = loadCertificates(cert);
    assert.ok(kind === 'not_yet_valid' || sure(leaf).notAfter <= minted.endsAt, kind);
  }
  // A certificate without a stated purpose may be used for any (RFC 5280 §4.2.1.12).
  assert.deepEqual(inside.toSorted(), ['no_purpose', 'right']);
  const told = await plane.audit({ ...EVERYTHING, zones: [id] });
  assert.match(JSON.stringify(told), /mint_probe_credentials/);
});

test('a revoked certificate comes along while the list of the zone names one that has not ended', async (t) => {
  const plane = await openPlane(t, dataPath(t), { clock: CLOCK, rotationTick: 5 });
  const { id } = await lockedZone(t, plane);
  const spki = publicSpki(await generateKey());
  const revoked = async () => {
    const minted = await plane.probeCredentials(id, { hostname: HOST, spki }, ACTOR);
    if (minted.kind !== 'probe_credentials') assert.fail(minted.code);
    return minted.certificates.revoked;
  };
  assert.equal(await revoked(), undefined);
  for (const serial of ['8f01', '7a02']) {
    const command = {
      kind: 'revoke_certificate',
      target: { kind: 'serial', serial },
      reason: 'keyCompromise',
      force: false,
    } as const;
    assert.equal((await plane.commit({ zone: id, command, actor: ACTOR })).kind, 'committed');
  }
  const [leaf, issuer] = loadCertificates(sure(await revoked()));
  assert.equal(leaf?.serial, '8f01', 'what was revoked first, which the lists of all origins name');
  assert.equal(issuer?.fingerprint, sure(plane.zones.get(id)).authority.intermediate.fingerprint);
});

test('a look goes out with a revoked certificate too', async (t) => {
  const plane = await openPlane(t, dataPath(t), { clock: CLOCK, rotationTick: 5 });
  const { id } = await lockedZone(t, plane);
  const target = { kind: 'serial', serial: '8f01' } as const;
  const command = { kind: 'revoke_certificate', target, reason: 'keyCompromise', force: false } as const;
  await plane.commit({ zone: id, command, actor: ACTOR });
  plane.attest(GROUND, SELDOM);
  await plane.attestNow(id, HOST);
  const [seen] = plane.attestations(id).attestations;
  // This server has no lists.
  assert.deepEqual([seen?.verdict, seen?.findings.includes('no_revocation')], ['locked', true]);
});

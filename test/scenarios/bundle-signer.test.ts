import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ACTOR, DAY, dataPath, NOW, newZone, openPlane, sure } from '../../src/control/control-plane.fixture.ts';
import type { ControlPlane } from '../../src/control/plane.ts';
import { inPhase, until } from '../../src/control/rotation/rotator.fixture.ts';
import { hostname, type Instant, instant, type ZoneId, zoneId } from '../../src/domain/ids.ts';
import { USUAL_PACE } from '../../src/domain/rotation-pace.ts';
import { checkUpdate, type UpdateFault } from '../../src/origin/bundle-update.ts';
import { bundleSha256, writeBundle, readBundle } from '../../src/pki/bundle.ts';
import { verifyPath } from '../../src/pki/chain.ts';
import { writeDetached } from '../../src/pki/cms.ts';
import type { Authority } from '../../src/pki/issue.ts';
import { writePem } from '../../src/pki/pem.ts';
import { Secret } from '../../src/pki/secret.ts';
import { createZoneAuthority, createZoneIntermediate, issueSignerAhead } from '../../src/pki/zone-authority.ts';
import { manifestText, manifestTime, readManifest } from '../../src/wire/bundle-manifest.ts';

/** What is said of a bundle while the key of the root is away, and who may say it. */

const QUICK = { ...USUAL_PACE, canaryFor: 0, watchFor: 0, drainFor: 0 };
const PASSPHRASE = new Secret('correct horse battery staple');

async function world(t: TestContext) {
  const dir = dataPath(t);
  let now: Instant = NOW;
  const open = () => openPlane(t, dir, { clock: () => now, rotationTick: 1 });
  const plane = await open();
  const { id } = await newZone(plane);
  const turn = (milliseconds: number) => {
    now = instant(now + milliseconds);
  };
  return { dir, open, plane, zone: id, clock: () => now, turn };
}

/** Lets go of the key of the root for so many days. */
async function letGo(plane: ControlPlane, zone: ZoneId, { now, days = 365, signer = true }: LetGo) {
  const sealed = await plane.exportRootKey(zone, PASSPHRASE, ACTOR);
  assert.ok(sealed.kind === 'sealed_root');
  const copy = { encrypted: sealed.encrypted, passphrase: PASSPHRASE };
  const wish = { ...copy, until: instant(now + days * DAY), standby: true, signer };
  assert.equal((await plane.forgetRootKey(zone, wish, ACTOR)).kind, 'committed');
  return copy;
}

interface LetGo {
  readonly now: Instant;
  readonly days?: number;
  readonly signer?: boolean;
}

async function published(plane: ControlPlane, id: ZoneId) {
  const zone = sure(plane.zones.get(id));
  const signed = await plane.bundleManifest(zone);
  if ('code' in signed) return signed.code;
  return { bundle: plane.bundle(zone), manifest: signed.text, signature: signed.signature };
}

async function good(plane: ControlPlane, id: ZoneId) {
  const found = await published(plane, id);
  return typeof found === 'string' ? assert.fail(found) : found;
}

function verdict(
  update: Awaited<ReturnType<typeof good>>,
  trusted: string,
  now: Instant,
  zone: string | null = null,
): UpdateFault | 'good' {
  const checked = checkUpdate({ ...update, trusted: readBundle(trusted), zone, installed: null }, now);
  return checked.kind === 'good' ? 'good' : checked.code;
}

async function rotated(
  plane: ControlPlane,
  zone: ZoneId,
  what: 'intermediate' | 'root',
  phase: 'retiring' | 'ended',
): Promise<void> {
  const request = { what, cause: 'asked', rehearsal: false, revokeFirst: false } as const;
  const pace = { ...QUICK, noticeFor: phase === 'ended' ? 0 : DAY };
  const begun = await plane.startRotation(zone, { ...request, pace, because: '', by: 'tester' }, ACTOR);
  assert.equal(begun.kind, 'committed', JSON.stringify(begun));
  await until(plane, zone, inPhase(phase));
}

function signers(dir: string): number {
  const database = new DatabaseSync(join(dir, 'postern.db'));
  const row = database.prepare("SELECT count(*) AS count FROM secrets WHERE purpose = 'zone_signer'").get();
  database.close();
  return Number(row?.['count']);
}

test('with the root away the intermediate is rotated, and who has the old bundle believes the new one offline', async (t) => {
  const { dir, open, plane, zone, clock, turn } = await world(t);
  const first = await good(plane, zone);
  const copy = await letGo(plane, zone, { now: clock() });
  assert.equal(signers(dir), 1);
  await rotated(plane, zone, 'intermediate', 'ended');
  const second = await good(plane, zone);
  assert.notEqual(second.bundle, first.bundle);
  assert.equal(verdict(second, first.bundle, clock(), zone), 'good');
  await plane.close();

  turn(200 * DAY);
  const again = await open();
  const later = await good(again, zone);
  assert.notEqual(later.manifest, second.manifest, 'signed anew, without the root');
  assert.equal(verdict(later, first.bundle, clock(), zone), 'good');

  const restored = await again.restoreRootKey(zone, copy, ACTOR);
  assert.equal(restored.kind, 'committed');
  assert.equal(signers(dir), 0, 'what may sign without the root is destroyed');
  assert.equal(sure(again.zones.get(zone)).authority.signer, null);
});

test('what is said counts no longer than who said it, is not signed in vain near that end, and then not at all', async (t) => {
  const { plane, zone, clock, turn } = await world(t);
  await letGo(plane, zone, { now: clock(), days: 40 });
  const end = sure(sure(plane.zones.get(zone)).authority.signer).notAfter;
  turn(25 * DAY);
  const near = await good(plane, zone);
  assert.equal(Date.parse(sure(readManifest(near.manifest)).expires_on), end);
  turn(14 * DAY);
  assert.deepEqual(await good(plane, zone), near);
  turn(2 * DAY);
  assert.equal(await published(plane, zone), 'bundle_unsigned');
});

test('without a signer nothing new is said while the root is away', async (t) => {
  const { dir, plane, zone, clock } = await world(t);
  const first = await good(plane, zone);
  await letGo(plane, zone, { now: clock(), signer: false });
  assert.equal(signers(dir), 0);
  assert.deepEqual(await good(plane, zone), first, 'what was said before still counts');
  await rotated(plane, zone, 'intermediate', 'ended');
  assert.equal(await published(plane, zone), 'bundle_unsigned');
});

test('a root that comes while the old one is away is not vouched for: it is compared by hand, and then believed', async (t) => {
  const { dir, plane, zone, clock } = await world(t);
  const first = await good(plane, zone);
  await letGo(plane, zone, { now: clock() });
  await rotated(plane, zone, 'root', 'retiring');
  const both = await good(plane, zone);
  assert.equal(verdict(both, first.bundle, clock()), 'signer_unknown');
  assert.equal(verdict(both, both.bundle, clock()), 'good');
  assert.equal(signers(dir), 1, 'an undo would need it again');
});

/** A zone's authority with a signer that its root has certified ahead, in the hands of whoever took it. */
async function stolen() {
  const zone = sure(zoneId('a'.repeat(32)));
  const zoneName = sure(hostname('example.test'));
  const request = { installation: 'test.postern.internal', now: NOW, zone, zoneName };
  const authority = await createZoneAuthority(request);
  const signer = await issueSignerAhead(authority.root, { ...request, until: instant(NOW + 365 * DAY) });
  return { request, authority, signer };
}

function saying(signer: Authority, bundle: string, zone: string) {
  const manifest = manifestText({
    format: 'postern-bundle',
    zone,
    zone_name: 'example.test',
    version: 7,
    sha256: bundleSha256(bundle),
    issued_on: manifestTime(NOW),
    expires_on: manifestTime(instant(NOW + DAY)),
    certificates: [],
    openings: [],
  });
  const signature = writePem('CMS', writeDetached(Buffer.from(manifest, 'utf8'), signer));
  return { bundle, manifest, signature };
}

test('who steals the signer can say what the root has signed, and bring in no CA of their own', async () => {
  const { request, authority, signer } = await stolen();
  const own = [authority.root.certificate, authority.intermediate.certificate];
  const trusted = writeBundle(own);
  const next = await createZoneIntermediate(authority.root, request);
  const theirs = await createZoneAuthority(request);
  const forged = await createZoneIntermediate(authority.intermediate, request);
  const said = (certificates: Parameters<typeof writeBundle>[0], zone: string = request.zone) =>
    verdict(saying(signer, writeBundle(certificates), zone), trusted, NOW);
  assert.equal(said(own), 'good');
  assert.equal(said([authority.root.certificate, next.certificate]), 'good');
  assert.equal(said([...own, theirs.root.certificate]), 'ca_unknown');
  assert.equal(said([...own, theirs.intermediate.certificate]), 'ca_unknown');
  assert.equal(said([...own, forged.certificate]), 'ca_unknown', 'what the intermediate signed is not the root’s word');
  assert.equal(said(own, 'b'.repeat(32)), 'signer_unknown', 'it speaks for its own zone alone');
});

test('the signer is no client, no server and no CA', async () => {
  const { request, authority, signer } = await stolen();
  const anchors = [authority.root.certificate];
  const seen = (purpose: 'client' | 'server' | 'document') =>
    verifyPath(signer.certificate, { offered: [], anchors, purpose }, NOW);
  assert.equal(seen('document').kind, 'verified');
  for (const purpose of ['client', 'server'] as const) {
    const path = seen(purpose);
    assert.ok(path.kind === 'failed' && path.because === 'wrong_usage');
  }
  const below = await issueSignerAhead(signer, { ...request, until: instant(NOW + DAY) });
  const path = verifyPath(below.certificate, { offered: [signer.certificate], anchors, purpose: 'document' }, NOW);
  assert.ok(path.kind === 'failed' && path.because === 'not_a_ca');
});

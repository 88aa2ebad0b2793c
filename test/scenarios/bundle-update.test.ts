import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Instant, instant } from '../../src/domain/ids.ts';
import { USUAL_PACE } from '../../src/domain/rotation-pace.ts';
import { checkUpdate, type UpdateFault } from '../../src/origin/bundle-update.ts';
import { readBundle } from '../../src/pki/bundle.ts';
import { readManifest } from '../../src/wire/bundle-manifest.ts';
import { ACTOR, DAY, dataPath, NOW, newZone, openPlane, sure } from '../../src/control/control-plane.fixture.ts';
import type { ControlPlane } from '../../src/control/plane.ts';

const QUICK = { ...USUAL_PACE, canaryFor: 0, watchFor: 0, drainFor: 0 };

/** A control plane whose clock is the machine's, moved by what the test says: openssl has no other. */
async function world(t: TestContext) {
  let ahead = 0;
  const clock = () => instant(Date.now() + ahead);
  const turn = (milliseconds: number) => {
    ahead += milliseconds;
  };
  const dir = dataPath(t);
  const open = () => openPlane(t, dir, { clock, rotationTick: 1 });
  const plane = await open();
  const zone = await newZone(plane);
  return { plane, open, zone: zone.id, clock, turn };
}

async function published(plane: ControlPlane, id: Parameters<ControlPlane['zones']['get']>[0]) {
  const zone = sure(plane.zones.get(id));
  const signed = await plane.bundleManifest(zone);
  if ('code' in signed) assert.fail(signed.code);
  return { bundle: plane.bundle(zone), manifest: signed.text, signature: signed.signature };
}

type Published = Awaited<ReturnType<typeof published>>;

function verdict(
  update: Published,
  old: string,
  now: Instant,
  over: { zone?: string; installed?: number } = {},
): UpdateFault | 'good' {
  const { zone = null, installed = null } = over;
  const checked = checkUpdate({ ...update, trusted: readBundle(old), zone, installed }, now);
  return checked.kind === 'good' ? 'good' : checked.code;
}

function opensslVerifies(t: TestContext, { manifest, signature }: Published, old: string): boolean {
  const place = mkdtempSync(join(tmpdir(), 'postern-cms-'));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  for (const [name, text] of [
    ['m.json', manifest],
    ['m.sig', signature],
    ['old.pem', old],
  ] as const) {
    writeFileSync(join(place, name), text);
  }
  const what = ['-inform', 'PEM', '-in', 'm.sig', '-content', 'm.json', '-CAfile', 'old.pem', '-purpose', 'any'];
  try {
    execFileSync('openssl', ['cms', '-verify', '-binary', ...what, '-out', '/dev/null'], { cwd: place, stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

async function rotated(
  plane: ControlPlane,
  zone: Parameters<ControlPlane['zones']['get']>[0],
  phase: string,
): Promise<void> {
  const request = { what: 'root', cause: 'asked', rehearsal: false, revokeFirst: false, pace: QUICK } as const;
  const begun = await plane.startRotation(zone, { ...request, because: '', by: 'tester' }, ACTOR);
  assert.equal(begun.kind, 'committed');
  while (sure(sure(plane.zones.get(zone)).rotation).phase.kind !== phase) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

test('what is said of a bundle is signed so that its own root, openssl and a checker of ours believe it', async (t) => {
  const { plane, zone, clock } = await world(t);
  const first = await published(plane, zone);
  const manifest = sure(readManifest(first.manifest));
  assert.equal(manifest.zone, zone);
  assert.deepEqual(
    manifest.certificates.map(({ sha256, leaves_on }) => [sha256, leaves_on]),
    readBundle(first.bundle).map(({ fingerprint }) => [fingerprint, null]),
  );
  assert.equal(verdict(first, first.bundle, clock(), { zone }), 'good');
  assert.ok(opensslVerifies(t, first, first.bundle));
  assert.deepEqual(await published(plane, zone), first, 'nothing is signed anew');
});

test('who has only the old root believes a bundle with the new one, before and after the new one took over', async (t) => {
  const { plane, zone, clock } = await world(t);
  const first = await published(plane, zone);
  await rotated(plane, zone, 'retiring');
  const second = await published(plane, zone);
  assert.notEqual(second.bundle, first.bundle);
  assert.equal(verdict(second, first.bundle, clock(), { zone }), 'good');
  assert.ok(opensslVerifies(t, second, first.bundle));
  const manifest = sure(readManifest(second.manifest));
  assert.ok(manifest.version > sure(readManifest(first.manifest)).version);
  const [root] = readBundle(first.bundle);
  const leaving = manifest.certificates.find(({ sha256 }) => sha256 === root?.fingerprint);
  assert.ok(Date.parse(leaving?.leaves_on ?? '') > clock(), 'its date of notice is told');
  assert.equal(verdict(second, second.bundle, clock()), 'good');
});

test('is refused where anything is wrong with it', async (t) => {
  const { plane, zone, clock } = await world(t);
  const other = await newZone(plane, 'other.test');
  const first = await published(plane, zone);
  const foreign = await published(plane, other.id);
  const { version } = sure(readManifest(first.manifest));
  const rows: readonly (readonly [UpdateFault, UpdateFault | 'good'])[] = [
    ['manifest_unreadable', verdict({ ...first, manifest: '{}' }, first.bundle, clock())],
    [
      'not_signed',
      verdict({ ...first, manifest: first.manifest.replace('example.test', 'another.test') }, first.bundle, clock()),
    ],
    ['signature_unreadable', verdict({ ...first, signature: first.bundle }, first.bundle, clock())],
    ['signer_unknown', verdict(first, foreign.bundle, clock())],
    ['other_zone', verdict(first, first.bundle, clock(), { zone: other.id })],
    ['older', verdict(first, first.bundle, clock(), { installed: version + 1 })],
    ['other_bundle', verdict({ ...first, bundle: foreign.bundle }, first.bundle, clock())],
    ['expired', verdict(first, first.bundle, instant(clock() + 31 * DAY))],
  ];
  for (const [expected, found] of rows) assert.equal(found, expected);
  assert.ok(!opensslVerifies(t, first, foreign.bundle));
});

test('is signed anew with half of its time left, keeps its version and survives a restart', async (t) => {
  const { plane, open, zone, turn } = await world(t);
  const first = await published(plane, zone);
  await plane.close();
  const again = await open();
  assert.deepEqual(await published(again, zone), first);
  turn(16 * DAY);
  const later = await published(again, zone);
  assert.notEqual(later.manifest, first.manifest);
  assert.equal(sure(readManifest(later.manifest)).version, sure(readManifest(first.manifest)).version);
  assert.ok(NOW > 0);
});

test('listeners are told when origins have something to install, and not else', async (t) => {
  const { plane, zone } = await world(t);
  const told: string[] = [];
  plane.events.listen({ token: 'test', hear: ({ event }) => told.push(event.kind), ended: () => undefined });
  await plane.commit({ zone, command: { kind: 'set', settings: { ssl: 'full' } }, actor: ACTOR });
  assert.deepEqual(told, ['revision_committed']);
  await rotated(plane, zone, 'retiring');
  const changed = told.filter((kind) => kind === 'bundle_changed').length;
  assert.equal(changed, 1, 'the new root came; that it took over changes nothing for them');
});

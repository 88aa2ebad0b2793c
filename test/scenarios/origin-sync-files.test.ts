import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DAY, newZone, sure } from '../../src/control/control-plane.fixture.ts';
import { instant } from '../../src/domain/ids.ts';
import { type Argv, runCommand } from '../../src/origin/sync/command.ts';
import { readPin } from '../../src/origin/sync/judge.ts';
import type { Get } from '../../src/origin/sync/published.ts';
import { syncLock } from '../../src/origin/sync/sync-lock.ts';
import { readBundle } from '../../src/pki/bundle.ts';

import {
  codes,
  handing,
  inStep,
  type Lock,
  lockIn,
  published,
  rotated,
  SILENT,
  snapshot,
  type What,
  world,
} from './sync-world.ts';

/** What sync does to files, against a control plane in this process and commands that write down that they ran. */

test('what has not changed is not fetched, not written and not reloaded', async (t) => {
  const { lock, first, zone, directory } = await inStep(t, true);
  const ran = lock.ran();
  assert.deepEqual(ran, ['test', 'reload'], 'for the lists, which were not there');
  const before = snapshot(join(directory, 'origin'));
  const asked: string[] = [];
  assert.deepEqual(codes(await lock.sync(handing(first, zone, asked), { crl: lock.crl })), []);
  assert.deepEqual([asked, lock.ran(), snapshot(join(directory, 'origin'))], [[], ran, before]);
});

test('a new bundle is installed with owner and mode kept, tested and taken up, and its lists with it', async (t) => {
  const { lock, zone, plane, clock } = await inStep(t, true);
  chmodSync(lock.bundle, 0o640);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(lock.bundle, 1, 2);
  await rotated(plane, zone);
  const second = await published(plane, zone);
  const would = await lock.sync(handing(second, zone), { crl: lock.crl, dryRun: true });
  assert.deepEqual([would.files, lock.ran().length], [[lock.bundle, lock.crl], 2], '--dry-run only says');
  const outcome = await lock.sync(handing(second, zone), { crl: lock.crl });
  assert.deepEqual([codes(outcome), outcome.files], [[], [lock.bundle, lock.crl]]);
  assert.equal(readFileSync(lock.bundle, 'utf8'), second.bundle);
  assert.equal(readFileSync(lock.crl, 'utf8'), second.lists);
  const { mode, uid, gid } = statSync(lock.bundle);
  assert.equal(mode & 0o7777, 0o640);
  if (isRoot) assert.deepEqual([uid, gid], [1, 2]);
  assert.deepEqual(lock.ran(), ['test', 'reload', 'test', 'reload']);
  const [told] = outcome.zones;
  assert.equal(told?.version, JSON.parse(second.manifest).version);
  assert.equal(told?.lists.length, readBundle(second.bundle).length);
  assert.ok(clock() > 0);
  assert.deepEqual(leftovers(lock), []);
});

function leftovers({ bundle }: Lock): readonly string[] {
  return readdirSync(join(bundle, '..')).filter((name) => /^\.|journal$/.test(name));
}

test('the first bundle is believed for a fingerprint, and for nothing else', async (t) => {
  const around = await world(t);
  const lock = lockIn(around);
  const first = await published(around.plane, around.zone);
  const get = handing(first, around.zone);
  assert.deepEqual(codes(await lock.sync(get)), ['nothing_trusted']);
  assert.deepEqual(codes(await lock.sync(get, { pins: [sure(readPin(`sha256:${'0'.repeat(64)}`))] })), [
    'pin_not_found',
  ]);
  const other = await newZone(around.plane, 'other.test');
  const foreign = await published(around.plane, other.id);
  const root = sure(readBundle(first.bundle)[0]).fingerprint;
  const mixed = { ...foreign, bundle: first.bundle };
  assert.deepEqual(codes(await lock.sync(handing(mixed, around.zone), { pins: [root] })), ['signer_unknown']);
  assert.ok(!existsSync(lock.bundle));
  assert.deepEqual(codes(await lock.sync(get, { pins: [root] })), []);
  assert.equal(readFileSync(lock.bundle, 'utf8'), first.bundle);
  assert.equal(statSync(lock.bundle).mode & 0o7777, 0o644);
});

test('each file that was tampered with or cut short is refused, and the old one stays', async (t) => {
  const { lock, zone, plane, directory } = await inStep(t, true);
  await rotated(plane, zone);
  const second = await published(plane, zone);
  const before = snapshot(join(directory, 'origin'));
  let tried = 0;
  const whats: readonly What[] = ['manifest', 'signature', 'bundle', 'lists'];
  for (const what of whats) {
    const text = second[what];
    const bent: string[] = ['', text.slice(0, text.length / 2), text.slice(0, -2), `${text} x`];
    // One byte in each stretch of the file, of another value but the same kind.
    // Of the signature its value, which stands at the end: versions and the like around it prove nothing.
    const from = what === 'signature' ? text.length - 25 - 90 : 0;
    for (let at = from; at < text.length; at += Math.ceil((text.length - from) / 40)) {
      const one = text.charAt(at);
      if (/\s/.test(one)) continue;
      bent.push(`${text.slice(0, at)}${one === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`);
    }
    for (const wrong of bent) {
      if (stillSays(what, wrong, text)) continue;
      tried += 1;
      const outcome = await lock.sync(handing({ ...second, [what]: wrong }, zone), { crl: lock.crl });
      assert.equal(codes(outcome).length, 1, `${what}: ${JSON.stringify(wrong.slice(0, 300))}`);
    }
  }
  assert.ok(tried > 100);
  assert.deepEqual(snapshot(join(directory, 'origin')), before);
  assert.deepEqual(lock.ran(), ['test', 'reload']);
});

/** PEM lets text stand around its blocks, and the signature is over the manifest, not over itself as a text. */
function stillSays(what: What, wrong: string, text: string): boolean {
  if (what !== 'signature' && what !== 'lists') return false;
  const blocks = (pem: string) =>
    [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \1-----/g)].map(
      // The last character of base64 may hold bits that stand for nothing.
      ([, label, body = '']) => `${label} ${Buffer.from(body, 'base64').toString('hex')}`,
    );
  return blocks(wrong).join() === blocks(text).join();
}

test('older, expired, future and other zones’ bundles are refused', async (t) => {
  const { lock, zone, plane, first, turn, clock } = await inStep(t);
  const other = await published(plane, (await newZone(plane, 'other.test')).id);
  assert.deepEqual(codes(await lock.sync(handing(other, zone))), ['signer_unknown']);
  await rotated(plane, zone);
  const second = await published(plane, zone);
  assert.deepEqual(codes(await lock.sync(handing(second, zone))), []);
  assert.deepEqual(codes(await lock.sync(handing(first, zone))), ['older']);
  assert.equal(readFileSync(lock.bundle, 'utf8'), second.bundle);
  const now = clock();
  turn(40 * DAY);
  assert.deepEqual(codes(await lock.sync(handing(second, zone))), ['expired']);
  turn(-50 * DAY);
  assert.deepEqual(codes(await lock.sync(handing(second, zone))), ['not_yet']);
  turn(now - clock());
  assert.deepEqual(codes(await lock.sync(handing(second, zone))), []);
});

test('without a word of the installed version, nothing from before the file was written is believed', async (t) => {
  const around = await world(t);
  const { plane, zone, turn } = around;
  const lock = lockIn(around);
  const first = await published(plane, zone);
  turn(5_000);
  await rotated(plane, zone);
  const second = await published(plane, zone);
  writeFileSync(lock.bundle, second.bundle);
  utimesSync(lock.bundle, new Date(around.clock() + 1_000), new Date(around.clock() + 1_000));
  // What is signed under the old root is still believed by the bundle of the rotation: only time tells.
  assert.deepEqual(codes(await lock.sync(handing(first, zone))), ['version_unknown']);
  assert.deepEqual(codes(await lock.sync(handing(first, zone), { version: JSON.parse(second.manifest).version })), [
    'older',
  ]);
  assert.deepEqual(codes(await lock.sync(handing(second, zone))), [], 'the same bundle needs no proof of its age');
  assert.deepEqual(codes(await lock.sync(handing(first, zone))), ['older'], 'from then on the version is known');
  writeFileSync(`${lock.bundle}.sync`, 'damaged');
  assert.deepEqual(codes(await lock.sync(handing(first, zone))), ['version_unknown']);
});

test('a damaged bundle is mended by what the last run knew', async (t) => {
  const { lock, zone, first } = await inStep(t);
  for (const damage of ['', 'nothing', first.bundle.slice(0, 100)]) {
    writeFileSync(lock.bundle, damage);
    assert.deepEqual(codes(await lock.sync(handing(first, zone))), []);
    assert.equal(readFileSync(lock.bundle, 'utf8'), first.bundle);
  }
});

test('a server that refuses its configuration keeps the old files to the byte', async (t) => {
  const { lock, zone, plane, directory } = await inStep(t, true);
  await rotated(plane, zone);
  const get = handing(await published(plane, zone), zone);
  const before = snapshot(join(directory, 'origin'));
  const test = ['sh', '-c', 'echo "nginx: [emerg] line 7" >&2; exit 1'] as const;
  const outcome = await lock.sync(get, { crl: lock.crl, commands: { test } });
  assert.deepEqual([codes(outcome), outcome.files], [['test_failed'], []]);
  assert.match(outcome.trouble?.detail ?? '', /line 7/);
  assert.deepEqual(snapshot(join(directory, 'origin')), before, 'the very same files');
  assert.deepEqual(lock.ran(), ['test', 'reload', 'reload'], 'reloaded once more with the old ones');
  // What failed is tried again, and goes well once the server is mended.
  assert.deepEqual(codes(await lock.sync(get, { crl: lock.crl })), []);
});

test('a reload that fails puts the old files back, and says where that does not help', async (t) => {
  const { lock, zone, plane, directory } = await inStep(t);
  await rotated(plane, zone);
  const second = await published(plane, zone);
  const before = snapshot(join(directory, 'origin'));
  const refuses: Argv = ['sh', '-c', 'echo "no such unit" >&2; exit 5'];
  const outcome = await lock.sync(handing(second, zone), { commands: { reload: refuses } });
  assert.deepEqual(codes(outcome), ['reload_failed']);
  assert.match(outcome.trouble?.detail ?? '', /no such unit.*the reload with the old files failed too/s);
  assert.deepEqual(snapshot(join(directory, 'origin')), before);
  const newBytesOnly: Argv = ['sh', '-c', `! cmp -s ${lock.bundle} ${join(directory, 'second.pem')}`];
  writeFileSync(join(directory, 'second.pem'), second.bundle);
  const once = await lock.sync(handing(second, zone), { commands: { reload: newBytesOnly } });
  assert.deepEqual(codes(once), ['reload_failed']);
  assert.doesNotMatch(once.trouble?.detail ?? '', /too$/);
});

test('a symbolic link stays one, and what it leads to is replaced where it lies', async (t) => {
  const { lock, zone, plane, directory } = await inStep(t);
  const real = join(directory, 'real');
  mkdirSync(real);
  const file = join(real, 'trust.pem');
  writeFileSync(file, readFileSync(lock.bundle), { mode: 0o600 });
  const link = join(directory, 'origin', 'link.pem');
  symlinkSync('../real/trust.pem', link);
  await rotated(plane, zone);
  const second = await published(plane, zone);
  const target = { ...lock.target, zones: lock.target.zones.map((one) => ({ ...one, bundle: link })) };
  const ground = { get: handing(second, zone), run: runCommand, clock: () => instant(Date.now()), dryRun: false };
  assert.deepEqual(codes(await syncLock(target, ground)), []);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(realpathSync(link), realpathSync(file));
  assert.equal(readFileSync(file, 'utf8'), second.bundle);
  assert.equal(statSync(file).mode & 0o7777, 0o600);
});

test('while the control plane is silent all stays as it is, and what runs out is said', async (t) => {
  const { lock, directory, turn } = await inStep(t, true);
  const before = snapshot(join(directory, 'origin'));
  const silent = await lock.sync(SILENT, { crl: lock.crl });
  assert.deepEqual([codes(silent), silent.zones[0]?.endings], [['outage'], []]);
  assert.ok(sure(silent.zones[0]).version, 'what is in force is known');
  turn(6 * DAY);
  const lists = await lock.sync(SILENT, { crl: lock.crl });
  assert.match(lists.zones[0]?.endings.join() ?? '', /A revocation list ends .* refuses everybody/);
  turn(19 * DAY);
  const late = await lock.sync(SILENT, { crl: lock.crl });
  assert.match(late.zones[0]?.endings.join() ?? '', /What is said of the bundle holds until/);
  assert.deepEqual(snapshot(join(directory, 'origin')), before);
});

test('nobody who answers "unchanged" keeps an origin at a bundle whose word has run out', async (t) => {
  const { lock, zone, first, turn } = await inStep(t);
  turn(31 * DAY);
  const frozen: Get = async (path, wish) =>
    wish.etag === null ? handing(first, zone)(path, wish) : { kind: 'unchanged' };
  assert.deepEqual(codes(await lock.sync(frozen)), ['expired']);
});

test('two runs at once do not get in each other’s way', async (t) => {
  const { lock, zone, plane } = await inStep(t);
  await rotated(plane, zone);
  const get = handing(await published(plane, zone), zone);
  const slow: Argv = ['sh', '-c', 'sleep 0.3'];
  const both = await Promise.all([lock.sync(get, { commands: { test: slow } }), lock.sync(get)]);
  assert.deepEqual(both.flatMap(codes), ['busy']);
});

test('where it may not write, nothing is touched', async (t) => {
  const { lock, zone, plane, directory } = await inStep(t);
  await rotated(plane, zone);
  const second = await published(plane, zone);
  // Not even root writes there.
  const bundle = '/proc/self/postern-bundle.pem';
  const state = join(directory, 'elsewhere.sync');
  const pins = readBundle(second.bundle).map(({ fingerprint }) => fingerprint);
  const target = { ...lock.target, state, zones: lock.target.zones.map((one) => ({ ...one, bundle, pins })) };
  const ground = { get: handing(second, zone), run: runCommand, clock: () => instant(Date.now()), dryRun: false };
  const ran = lock.ran();
  assert.deepEqual(codes(await syncLock(target, ground)), ['write_failed']);
  assert.deepEqual([existsSync(state), lock.ran()], [false, ran]);
});

test('an origin that nobody vouches to any more is brought back by a fingerprint', async (t) => {
  const around = await world(t);
  const lock = lockIn(around);
  const first = await published(around.plane, around.zone);
  const foreign = await published(around.plane, (await newZone(around.plane, 'other.test')).id);
  writeFileSync(lock.bundle, foreign.bundle);
  const get = handing(first, around.zone);
  assert.deepEqual(codes(await lock.sync(get)), ['signer_unknown']);
  const pins = [sure(readBundle(first.bundle)[0]).fingerprint];
  assert.deepEqual(codes(await lock.sync(get, { pins })), []);
  assert.equal(readFileSync(lock.bundle, 'utf8'), first.bundle);
});

test('of two zones on one server, one that is refused does not hold the other back', async (t) => {
  const { lock, zone, plane, directory } = await inStep(t);
  const other = (await newZone(plane, 'other.test')).id;
  const bundle = join(directory, 'origin', 'other.pem');
  const present = await published(plane, other);
  writeFileSync(bundle, present.bundle);
  await rotated(plane, zone);
  const [own, forged] = [await published(plane, zone), { ...present, manifest: '{}' }];
  const get: Get = (path, wish) =>
    handing(path.includes(zone) ? own : forged, path.includes(zone) ? zone : other)(path, wish);
  const [place] = lock.target.zones;
  const target = { ...lock.target, zones: [sure(place), { ...sure(place), id: other, bundle }] };
  const outcome = await syncLock(target, { get, run: runCommand, clock: () => instant(Date.now()), dryRun: false });
  assert.deepEqual([codes(outcome), outcome.files], [['manifest_unreadable'], [lock.bundle]]);
  assert.deepEqual([readFileSync(lock.bundle, 'utf8'), readFileSync(bundle, 'utf8')], [own.bundle, present.bundle]);
});

test('what a killed run had only staged is put in place by the next, also while nobody answers', async (t) => {
  const { lock, zone, plane, directory } = await inStep(t);
  await rotated(plane, zone);
  const second = await published(plane, zone);
  const staged = join(directory, 'origin', '.bundle.pem.postern-new');
  writeFileSync(staged, second.bundle);
  writeFileSync(join(directory, 'origin', '.bundle.pem.postern-old'), readFileSync(lock.bundle));
  writeFileSync(`${lock.bundle}.sync.journal`, JSON.stringify({ files: [{ path: lock.bundle, existed: true }] }));
  assert.deepEqual(codes(await lock.sync(SILENT)), ['outage']);
  assert.deepEqual([readFileSync(lock.bundle, 'utf8'), lock.ran()], [second.bundle, ['test', 'reload']]);
  assert.deepEqual(leftovers(lock), []);
  // A journal that says nothing has the server take up what is there.
  writeFileSync(`${lock.bundle}.sync.journal`, 'cut sh');
  assert.deepEqual(codes(await lock.sync(handing(second, zone))), []);
  assert.deepEqual([lock.ran().length, leftovers(lock)], [4, []]);
});

test('and where the server refuses what it finds then, the old bytes come back', async (t) => {
  const { lock, first, directory } = await inStep(t);
  writeFileSync(join(directory, 'origin', '.bundle.pem.postern-old'), first.bundle);
  writeFileSync(lock.bundle, 'half of something');
  writeFileSync(`${lock.bundle}.sync.journal`, JSON.stringify({ files: [{ path: lock.bundle, existed: true }] }));
  const outcome = await lock.sync(SILENT, { commands: { test: ['false'] } });
  assert.deepEqual(codes(outcome), ['test_failed', 'outage']);
  assert.equal(readFileSync(lock.bundle, 'utf8'), first.bundle);
});

test('where somebody else may put files, no link of theirs is followed and no journal of theirs is obeyed', async (t) => {
  const { lock, zone, plane, directory } = await inStep(t);
  await rotated(plane, zone);
  const second = await published(plane, zone);
  const [place, victim] = [join(directory, 'origin'), join(directory, 'victim')];
  writeFileSync(victim, 'precious');
  symlinkSync(victim, `${lock.target.state}.new`);
  writeFileSync(`${lock.target.state}.journal`, JSON.stringify({ files: [{ path: victim, existed: false }] }));
  const over = { commands: { test: ['false'] as const } };
  for (const [shared, mode] of [
    [place, 0o777],
    [place, 0o1777],
    [directory, 0o770],
  ] as const) {
    chmodSync(place, 0o755);
    chmodSync(directory, 0o755);
    chmodSync(shared, mode);
    const outcome = await lock.sync(handing(second, zone), over);
    assert.deepEqual([codes(outcome), outcome.trouble?.detail], [['shared_directory'], shared]);
    assert.equal(readFileSync(victim, 'utf8'), 'precious');
  }
});

import assert from 'node:assert/strict';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextRound } from 'node:timers/promises';
import { takeDirectory } from '../data-directory.ts';
import { defaultKekPath, loadKek } from '../kek.ts';
import { openStore } from '../store.ts';
import { turns } from '../turns.ts';
import { openVault } from '../vault.ts';
import { dataPath, NOW, newZone, openPlane } from '../control-plane.fixture.ts';
import { addRecord, backupOf, fill, inHand, listing, REQUEST, watchedPlane } from './backup.fixture.ts';
import { Backups } from './backups.ts';
import { verifyBackup, restoreBackup } from './restore.ts';

const ALL = { actor: null, action: null, since: null, before: null, olderThan: null, limit: 50 } as const;

test('a backup taken in the middle of commits holds everything up to one revision, and nothing after', async (t) => {
  const { dir, plane } = await watchedPlane(t);
  const zone = await fill(plane, 2);
  const first = plane.revision() + 1;
  let ended = false;
  let count = first;
  const writing = (async () => {
    for (; !ended; count += 1) {
      await addRecord(plane, zone, count, 2_000);
      // As between calls of the API: a commit by itself waits for nothing that lets others run.
      await nextRound();
    }
  })();
  const backups: Buffer[] = [];
  for (let round = 0; round < 4; round += 1) backups.push(await backupOf(plane));
  ended = true;
  await writing;
  const newest = plane.revision();
  const seen = new Set<number>();
  for (const [round, bytes] of backups.entries()) {
    const to = join(dirname(dir), `restored-${round}`);
    const { header } = await restoreBackup(inHand(bytes, `${dir}.kek`), { dir: to, newToken: false });
    const restored = await openPlane(t, to, { kek: `${dir}.kek` });
    assert.equal(restored.revision(), header.revision);
    const [there] = restored.zones.all();
    // From the first round on, each revision made one record, whose comment begins with its number.
    const numbers = [...(there?.records.values() ?? [])].map(({ comment }) => Number(comment?.split(' ')[0]));
    const expected = Array.from({ length: header.revision - first + 1 }, (_, index) => first + index);
    assert.deepEqual(
      numbers.filter((number) => number >= first),
      expected,
    );
    seen.add(header.revision);
    await restored.close();
  }
  assert.ok(
    [...seen].some((revision) => revision > first && revision < newest),
    'none was taken in the middle',
  );
});

test('one at a time is taken; who leaves makes room, and nothing stays in the directory', async (t) => {
  const { dir, plane, logged } = await watchedPlane(t);
  await fill(plane, 4);
  const before = listing(dir);
  const first = await plane.takeBackup(REQUEST);
  if (first.kind !== 'backup') assert.fail(first.code);
  assert.deepEqual(listing(dir), before, 'the copy has no name while it is sent');
  const second = await plane.takeBackup(REQUEST);
  assert.deepEqual([second.kind, second.kind === 'problem' && second.code], ['problem', 'backup_under_way']);
  const gone = new Promise((resolve) => first.bytes.once('close', resolve));
  first.bytes.destroy();
  await gone;
  assert.ok(logged.some((line) => line.startsWith('backup_cut_off')));
  await backupOf(plane);
  await backupOf(plane);
  assert.deepEqual(listing(dir), before);
});

test('the log says who took one, before a byte of it leaves', async (t) => {
  const { plane, logged } = await watchedPlane(t);
  await newZone(plane);
  const taken = await plane.takeBackup(REQUEST);
  if (taken.kind !== 'backup') assert.fail(taken.code);
  const [entry] = await plane.audit({ ...ALL, zones: 'all', accounts: 'all' });
  assert.deepEqual([entry?.action, entry?.actorToken, entry?.zone], ['take_backup', 'test', null]);
  assert.deepEqual(entry?.after, { revision: 1, kek: taken.facts.kek_id });
  assert.equal(logged.filter((line) => line.startsWith('take_backup')).length, 1);
  taken.bytes.destroy();
});

test('where there is no room for a copy, that is said, and the next one may try again', async (t) => {
  const { dir, plane, logged } = await watchedPlane(t);
  // What no copy can be written to.
  mkdirSync(join(dir, 'backup.db'));
  const refused = await plane.takeBackup(REQUEST);
  assert.deepEqual([refused.kind, refused.kind === 'problem' && refused.code], ['problem', 'backup_failed']);
  assert.ok(logged.some((line) => line.startsWith('backup_failed')));
  rmdirSync(join(dir, 'backup.db'));
  await backupOf(plane);
});

test('what a killed process has left of a copy goes away at the next start', async (t) => {
  const dir = dataPath(t);
  await (await openPlane(t, dir)).close();
  for (const name of ['backup.db', 'backup.db-journal']) writeFileSync(join(dir, name), 'a part');
  const plane = await openPlane(t, dir);
  assert.ok(!listing(dir)?.some((name) => name.startsWith('backup')));
  await verifyBackup(inHand(await backupOf(plane), `${dir}.kek`), join(dirname(dir), 'look-'));
});

test('a control plane that ends lets a copy finish and ends what is being sent', async (t) => {
  const { dir, plane } = await watchedPlane(t);
  await fill(plane, 4);
  const sending = await plane.takeBackup(REQUEST);
  if (sending.kind !== 'backup') assert.fail(sending.code);
  const gone = new Promise((resolve) => sending.bytes.once('close', resolve));
  await plane.close();
  await gone;
  const late = await plane.takeBackup(REQUEST);
  assert.deepEqual([late.kind, late.kind === 'problem' && late.code], ['problem', 'unavailable']);

  const again = await openPlane(t, dir);
  const copying = again.takeBackup(REQUEST);
  await again.close();
  const copied = await copying;
  assert.equal(copied.kind, 'backup');
  if (copied.kind === 'backup') assert.ok(copied.bytes.destroyed);
  assert.ok(!listing(dir)?.some((name) => name.startsWith('backup')));
});

test('who stops reading loses the turn', async (t) => {
  const dir = dataPath(t);
  const first = await openPlane(t, dir);
  await fill(first, 4);
  await first.close();
  const directory = takeDirectory(dir);
  const store = await openStore(directory);
  t.after(async () => {
    await store.destroy();
    directory.release();
  });
  const vault = openVault(loadKek(defaultKekPath(dir), null));
  const log = () => undefined;
  const parts = {
    directory,
    store,
    vault,
    installation: 'x',
    inTurn: turns(),
    clock: () => NOW,
    log,
    revision: () => 1,
  };
  const backups = new Backups({ ...parts, patience: 20 });
  const slow = await backups.take(REQUEST);
  if (slow.kind !== 'backup') assert.fail(slow.code);
  await new Promise((resolve) => slow.bytes.once('close', resolve));
  const next = await backups.take(REQUEST);
  assert.equal(next.kind, 'backup');
  await backups.close();
});

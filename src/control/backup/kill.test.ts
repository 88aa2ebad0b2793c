import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { NOW, openPlane } from '../control-plane.fixture.ts';
import { backupOf, fill, inHand, listing, watchedPlane } from './backup.fixture.ts';
import { verifyBackup } from './restore.ts';

// Takes one backup after the other, and reads none of them but the first byte.
const TAKER = `
  const [, start, dir] = process.argv;
  const { openControlPlane } = await import(start);
  const plane = await openControlPlane({ dir, kek: null, clock: () => ${NOW}, log: () => {} });
  for (;;) {
    const { bytes } = await plane.takeBackup({ actor: { token: 'taker', from: 'test' }, version: '0' });
    const closed = new Promise((resolve) => bytes.once('close', resolve));
    bytes.once('data', () => bytes.destroy());
    await closed;
  }
`;

/** Starts the taker and kills it as soon as a copy shows in the directory; what lay there then. */
async function killedWhileCopying(t: TestContext, dir: string): Promise<readonly string[]> {
  const start = new URL('../start.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', TAKER, start, dir], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const kill = () => child.kill('SIGKILL');
  t.after(kill);
  const watcher = watch(dir, (_, name) => {
    if (name === 'backup.db') kill();
  });
  await once(child, 'close');
  watcher.close();
  assert.equal(child.signalCode, 'SIGKILL', 'it ran until it was killed');
  return listing(dir) ?? [];
}

test('kill -9 while a copy is made leaves nothing that the next start does not take away', async (t) => {
  const { dir, plane } = await watchedPlane(t);
  await fill(plane, 60);
  const revision = plane.revision();
  await plane.close();
  let parts = 0;
  for (let round = 0; round < 20 && parts < 2; round += 1) {
    const left = await killedWhileCopying(t, dir);
    if (left.includes('backup.db')) parts += 1;
    const again = await openPlane(t, dir);
    assert.equal(again.revision(), revision);
    assert.deepEqual(
      listing(dir)?.filter((name) => /backup|restoring/.test(name)),
      [],
    );
    const { contents } = await verifyBackup(inHand(await backupOf(again), `${dir}.kek`), join(dirname(dir), 'look-'));
    assert.equal(contents.records, 60);
    await again.close();
  }
  assert.ok(parts > 0, 'no kill came in the middle of a copy');
});

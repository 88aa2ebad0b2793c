import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { backupOf, fill, listing, watchedPlane } from '../../src/control/backup/backup.fixture.ts';
import { upArguments } from './postern.ts';
import { endWithTests, environment, PROGRAM, run } from './program.ts';
import { until } from './until.ts';

interface Halfway extends Place {
  readonly child: ChildProcess;
  /** How it ended. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly stderr: () => string;
}

interface Place {
  readonly file: string;
  readonly kek: string;
  readonly to: string;
}

/** A backup of some size, and where it is to be restored to. */
async function backedUp(t: TestContext): Promise<Place & { readonly bytes: Buffer }> {
  const { dir, plane } = await watchedPlane(t);
  await fill(plane, 5);
  const bytes = await backupOf(plane);
  await plane.close();
  const file = join(dirname(dir), 'postern.backup');
  writeFileSync(file, bytes);
  return { bytes, file, kek: `${dir}.kek`, to: join(dirname(dir), 'restored') };
}

/** `postern restore` that has got half of a backup on stdin, and has written something of that. */
async function halfway(t: TestContext): Promise<Halfway> {
  const { bytes, ...place } = await backedUp(t);
  const child = spawn(process.execPath, [PROGRAM, 'restore', '-', '--data', place.to, '--kek', place.kek], {
    env: environment(),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  endWithTests(child);
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const ended = once(child, 'close').then(() => child.exitCode ?? child.signalCode);
  child.stdin.on('error', () => undefined).write(bytes.subarray(0, Math.floor(bytes.length / 2)));
  const staged = join(place.to, 'restoring', 'postern.db');
  await until('a part is written', () => existsSync(staged) && statSync(staged).size > 0);
  return { ...place, child, ended, stderr: () => Buffer.concat(said).toString('utf8') };
}

test('kill -9 in the middle of a restore leaves no store; nothing starts there, and a second restore goes through', async (t) => {
  const { child, ended, file, kek, to } = await halfway(t);
  child.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL');
  assert.ok(!listing(to)?.some((name) => name.startsWith('postern.db')));
  const started = await run([...upArguments(to, `${file}.ready`), '--kek', kek]);
  assert.equal(started.code, 3);
  assert.match(started.stderr, /A restore into .* did not come to its end\n.*postern restore/);
  const again = await run(['restore', file, '--data', to, '--kek', kek]);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /^records +5$/m);
  assert.deepEqual(
    listing(to)?.filter((name) => !name.startsWith('lock')),
    ['postern.db'],
  );
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} in the middle of a restore leaves nothing at all`, async (t) => {
    const { child, ended, to, stderr } = await halfway(t);
    child.kill(signal);
    assert.equal(await ended, 3);
    assert.match(stderr(), /It was called off, and nothing of it was left/);
    assert.equal(listing(to), null);
  });
}

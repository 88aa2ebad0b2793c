import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readBundle } from '../../src/pki/bundle.ts';
import { freePorts } from '../support/free-port.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { assertGolden, type CommandLine, startCommandLine } from './command-line.ts';

/** Rotations, bundles that are vouched for, and locks that are open, on the command line. */

let line: CommandLine;
let port = 0;
before(async () => {
  line = await startCommandLine();
  // Nobody listens there: the origin cannot be proved.
  [port = 0] = await freePorts(1);
});
after(() => line[Symbol.asyncDispose]());

async function zone(name: string): Promise<readonly ['--zone', string]> {
  const { result } = await line.postern.call<{ readonly id: string }>('POST', '/zones', { name });
  const record = { type: 'A', name: 'www', content: '127.0.0.1', proxied: true, origin: { https_port: port } };
  await line.postern.call('POST', `/zones/${result.id}/dns_records`, record);
  await line.postern.call('PUT', `/zones/${result.id}/origin_tls_client_auth/settings`, { enabled: true });
  return ['--zone', name];
}

interface Facts {
  readonly phase: string;
  readonly outcome: string | null;
  readonly waits_for: string;
  readonly cause: string;
  readonly rehearsal: boolean;
  readonly pace: Readonly<Record<string, number>>;
}

test('a rotation is begun, followed, steered and reported', async () => {
  const at = await zone('turned.test');
  assert.equal(await line.good('rotations', 'list', ...at), 'turned.test never had a rotation.\n');
  const none = await line.run('rotations', 'show', ...at);
  assert.deepEqual([none.code, /rotations start/.test(none.stderr)], [2, true]);

  const flags = ['--what', 'root', '--notice-for', '14d', '--canary-percent', '50', '--reason', 'yearly'];
  const begun = await line.json<Facts>('rotations', 'start', ...at, ...flags);
  assert.deepEqual([begun.pace['notice_seconds'], begun.pace['canary_percent']], [14 * 86_400, 50]);
  const again = await line.run('rotations', 'start', ...at, '--what', 'leaf');
  assert.equal(again.code, 2);
  assert.match(again.stderr, /under way.*10470/);
  assert.equal((await line.run('rotations', 'start', ...at, '--what', 'leaf', '--watch-for', 'long')).code, 2);

  const held = await line.good('rotations', 'wait', ...at, '--for', 'proof');
  assert.match(held, /held back/);
  assert.match(held, /could not be reached/);
  assertGolden(
    'rotations-show',
    held.replaceAll(String(port), '54321'.slice(0, String(port).length)).replace(/\d\d:\d\d:\d\d/g, 'hh:mm:ss'),
  );
  assert.match(await line.good('rotations', 'list', ...at), /root +asked .* proving +0\/1 +proof/);

  const noReason = await line.run('rotations', 'force', ...at, '--yes');
  assert.equal(noReason.code, 2);
  assert.match(noReason.stderr, /--reason/);
  const unasked = await line.run('rotations', 'force', ...at, '--reason', 'so');
  assert.match(unasked.stderr, /Nobody can be asked here/);
  assert.match(await line.good('rotations', 'pause', ...at, '--reason', 'freeze'), /paused/);
  await line.good('rotations', 'resume', ...at);
  await line.good('rotations', 'undo', ...at, '--reason', 'enough');
  const ended = await line.run('rotations', 'wait', ...at, '--json');
  assert.equal(ended.code, 1, 'it was undone');
  assert.equal((JSON.parse(ended.stdout) as Facts).outcome, 'undone');
  const report = await line.good('rotations', 'report', ...at);
  assert.match(report, /^# Rotation of the root of turned\.test\n/);
  for (const words of ['undone: enough', '| start | bootstrap | yearly |', '| undo | bootstrap | enough |']) {
    assert.ok(report.includes(words), report);
  }
});

test('an emergency is rehearsed, and asks before it begins', async () => {
  const at = await zone('alarm.test');
  const refused = await line.run('rotations', 'emergency', ...at);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /given up at once\. Nobody can be asked here/);
  const first = await line.run('rotations', 'emergency', ...at, '--revoke-first');
  assert.match(first.stderr, /Pulls of alarm\.test fail from now on/);
  const rehearsed = await line.json<Facts>('rotations', 'emergency', ...at, '--rehearse');
  assert.deepEqual([rehearsed.cause, rehearsed.rehearsal, rehearsed.pace['notice_seconds']], ['emergency', true, 0]);
});

test('a bundle is taken only where the one that is there, or a fingerprint, vouches for it', async () => {
  using scratch = scratchDirectory();
  const [at, other] = [await zone('vouched.test'), await zone('foreign.test')];
  const [own, foreign] = [join(scratch.path, 'own.pem'), join(scratch.path, 'foreign.pem')];
  await line.good('ca', 'bundle', ...at, '--out', own);
  await line.good('ca', 'bundle', ...other, '--out', foreign);
  const before = readFileSync(own, 'utf8');
  const good = await line.run('ca', 'bundle', ...at, '--out', own, '--trusted', own);
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stderr, /vouched for: version \d+/);
  const [root] = readBundle(before);
  await line.good('ca', 'bundle', ...at, '--out', own, '--trust', `sha256:${root?.fingerprint}`);

  writeFileSync(own, before);
  for (const argv of [
    ['--trusted', foreign],
    ['--trust', `sha256:${'0'.repeat(64)}`],
  ]) {
    const refused = await line.run('ca', 'bundle', ...at, '--out', own, ...argv);
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stderr, /vouches for the signer.*Nothing was written/s);
  }
  assert.equal((await line.run('ca', 'bundle', ...at, '--trust', 'sha256:1')).code, 2);
  assert.equal((await line.run('ca', 'bundle', '--shared', '--trusted', own)).code, 2);
  assert.equal(readFileSync(own, 'utf8'), before);
});

test('a bundle that is older than the one that is there is not taken, though its root vouches for it', async () => {
  using scratch = scratchDirectory();
  const at = await zone('replayed.test');
  const own = join(scratch.path, 'own.pem');
  await line.good('ca', 'bundle', ...at, '--out', own);
  await line.good('ca', 'bundle', ...at, '--out', own, '--trusted', own);
  await line.good('ca', 'bundle', ...at, '--out', own, '--trusted', own);
  // As it is where a newer one was installed, and somebody hands out the one before.
  const beside = readFileSync(`${own}.json`, 'utf8');
  writeFileSync(
    `${own}.json`,
    beside.replace(/"version": (\d+)/, (_, version) => `"version": ${Number(version) + 1}`),
  );
  const refused = await line.run('ca', 'bundle', ...at, '--out', own, '--trusted', own);
  assert.equal(refused.code, 1, refused.stderr);
  assert.match(refused.stderr, /older than the one installed.*Nothing was written/s);
});

test('a lock is opened for a while, with a reason, and shut before its time', async () => {
  const at = await zone('glass.test');
  const open = ['aop', 'open', '--origin', 'www.glass.test', '--for', '30m'] as const;
  assert.match((await line.run(...open, '--yes')).stderr, /There is no reason/);
  assert.match((await line.run(...open, '--reason', 'monitoring')).stderr, /let everybody in\. Nobody can be asked/);
  assert.match(await line.good(...open, '--reason', 'monitoring', '--yes'), /^open until 20.*: www\.glass\.test\n$/);
  assert.match(await line.good('aop', 'openings', ...at), /www\.glass\.test +open .* bootstrap +monitoring/);
  assert.match((await line.run('aop', 'status', ...at)).stderr, /A lock of this zone is open/);
  assert.match(await line.good('aop', 'shut', '--origin', 'www.glass.test'), /^Shut: www\.glass\.test/);
  assert.match(await line.good('aop', 'openings', ...at), /shutting/);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { foldedValues } from '../support/echo-application.ts';
import { knock } from '../support/knock.ts';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { type ServerAuthority, serverAuthority, strangers } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { environment, PROGRAM, run } from './program.ts';
import { addRecord, assertStatus, lockedSite, type Site, statusOf, visit } from './site.ts';

/** An installation with a locked origin is backed up while it runs, ends, and comes back elsewhere. */
describe('what was backed up while it ran and is restored elsewhere', needs('nginx'), () => {
  let scratch: Scratch;
  let authority: ServerAuthority;
  let site: Site;
  let restored: Postern;
  let bundle: string;
  let written: readonly string[];
  const at = (name: string) => join(scratch.path, name);

  before(async () => {
    scratch = scratchDirectory();
    authority = await serverAuthority();
    await using original = await startPostern({ dir: at('here'), argv: ['--kek', at('here.key')] });
    site = await lockedSite('nginx', original, { name: 'kept.test', authority });
    assertStatus(await visit(original, site.host), 200, 'before');
    const { token } = original;
    bundle = await bundleOf(original, site.zone);
    written = await backedUpWhileItRuns(original, site.zone, at('postern.backup'));
    original.signal('SIGTERM');
    assert.equal(await original.ended, 0);
    // Another machine has the backup and, from another place, the key.
    copyFileSync(at('here.key'), at('there.key'));
    for (const gone of ['here', 'here.key']) rmSync(at(gone), { recursive: true });
    const ended = await run(['restore', at('postern.backup'), '--data', at('there'), '--kek', at('there.key')]);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /^installation +[0-9a-f]{16}\.postern\.internal\n/);
    // No backup holds the text of a token; whoever has it may put it back.
    writeFileSync(at('there/bootstrap-token'), token, { mode: 0o600 });
    restored = await startPostern({ dir: at('there'), argv: ['--kek', at('there.key')] });
  });
  after(async () => {
    await restored?.[Symbol.asyncDispose]();
    await site?.[Symbol.asyncDispose]();
    scratch?.[Symbol.dispose]();
  });

  test('pulls from the origin that was locked before, and the origin verifies it', async () => {
    assertStatus(await visit(restored, site.host), 200, 'through the restored edge');
    const seen = site.origin.application.seen.at(-1);
    assert.ok(seen);
    assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), ['SUCCESS']);
  });

  test('is still the only way in', async () => {
    for (const [what, credential] of await strangers(site.origin.bundle)) {
      const seen = site.origin.application.seen.length;
      const outcome = await knock({ port: site.origin.tlsPort, sni: site.host, credential });
      assert.equal(statusOf(outcome), 400, what);
      assert.equal(site.origin.application.seen.length, seen, `${what} reached the application`);
    }
  });

  test('has every change from before the backup was begun, takes new ones, and knows its tokens', async () => {
    const { result } = await restored.call<readonly { readonly name: string }[]>(
      'GET',
      `/zones/${site.zone}/dns_records?per_page=100`,
    );
    const names = new Set(result.map(({ name }) => name));
    for (const name of written) assert.ok(names.has(name), name);
    await addRecord(restored, site.zone, { name: 'after.kept.test' });
    assert.equal(await bundleOf(restored, site.zone), bundle);
    const log = await restored.call<readonly { readonly action: string }[]>('GET', '/postern/v1/audit');
    assert.ok(log.result.some(({ action }) => action === 'restore_backup'));
  });

  test('presents certificates that it makes after the restore, too', async () => {
    await using another = await lockedSite('nginx', restored, { name: 'new.test', authority });
    assertStatus(await visit(restored, another.host), 200, 'a zone made after the restore');
  });
});

async function bundleOf({ base }: Postern, zone: string): Promise<string> {
  const answer = await fetch(`${base}/ssl/static/zones/${zone}/authenticated_origin_pull_ca.pem`);
  assert.equal(answer.status, 200);
  return answer.text();
}

/** Takes a backup in the middle of writes; the names of the records that were there before. */
async function backedUpWhileItRuns(postern: Postern, zone: string, out: string): Promise<readonly string[]> {
  const names: string[] = [];
  let ended = false;
  const write = async (): Promise<void> => {
    const name = `r${names.length}.kept.test`;
    await addRecord(postern, zone, { name });
    names.push(name);
  };
  await write();
  const before = [...names];
  const writing = (async () => {
    while (!ended) await write();
  })();
  const taken = await run(['backup', '--data', postern.dir, '--out', out, '--kek', join(postern.dir, '../here.key')]);
  ended = true;
  await writing;
  assert.equal(taken.code, 0, taken.stderr);
  const last = taken.stdout.trimEnd().split('\n').at(-1) ?? '';
  assert.match(last, /^Key [0-9a-f]{16} \(the file .*here\.key\) opens it, .* Keep that key in another place/);
  assert.match(taken.stdout, /^Checked: 1 zone, /m);
  assert.equal(statSync(out).mode & 0o777, 0o600);
  return before;
}

describe('the commands', () => {
  let scratch: Scratch;
  let postern: Postern;
  const at = (name: string) => join(scratch.path, name);
  before(async () => {
    scratch = scratchDirectory();
    postern = await startPostern({ dir: at('data') });
  });
  after(async () => {
    await postern?.[Symbol.asyncDispose]();
    scratch?.[Symbol.dispose]();
  });
  const backup = (...argv: readonly string[]) => run(['backup', '--data', at('data'), ...argv]);

  test('a file that is there is replaced only where that is said, and only by a backup that was checked', async () => {
    writeFileSync(at('old'), 'something else');
    const refused = await backup('--out', at('old'));
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /is there already/);
    const unchecked = await backup('--out', at('old'), '--force', '--kek', at('no-such-key'));
    assert.equal(unchecked.code, 3);
    assert.equal(readFileSync(at('old'), 'utf8'), 'something else');
    assert.equal((await backup('--out', at('old'), '--force')).code, 0);
    assert.match(readFileSync(at('old'), 'latin1'), /^\{"format":"postern-backup"/);
    assert.deepEqual(
      readdirSync(scratch.path).filter((name) => name.startsWith('old')),
      ['old'],
    );
    assert.equal((await backup('--out', at('no/such/place'))).code, 3);
    assert.equal((await backup('--out', at('data'), '--force')).code, 2);
    assert.equal((await backup()).code, 2);
  });

  test('stdout takes a backup alone, and stdin gives it back', async () => {
    const script = `"$NODE" "$PROGRAM" backup --out - | "$NODE" "$PROGRAM" restore - --data "$TO" --kek "$KEK"`;
    const env = environment({
      NODE: process.execPath,
      PROGRAM,
      TO: at('piped'),
      KEK: at('data.kek'),
      POSTERN_API: postern.base,
      POSTERN_TOKEN: postern.token,
    });
    const { status, stderr } = spawnSync('bash', ['-c', `set -o pipefail; ${script}`], { env, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^Not checked, because its key is not at hand: "postern restore FILE/m);
    assert.ok(existsSync(join(at('piped'), 'postern.db')));
    assert.equal((await backup('--out', '-', '--json')).code, 2);
  });

  test('a backup that breaks off on its way is not kept, and not what was there replaced', async () => {
    const { port } = new URL(postern.base);
    await using line = await cutAfter(Number(port), 3_000);
    writeFileSync(at('kept'), 'the one before');
    const env = { POSTERN_API: `http://127.0.0.1:${line.port}`, POSTERN_TOKEN: postern.token };
    const { code, stderr } = await run(['backup', '--out', at('kept'), '--force'], env);
    assert.equal(code, 3);
    assert.match(stderr, /The backup broke off/);
    assert.equal(readFileSync(at('kept'), 'utf8'), 'the one before');
    assert.ok(!readdirSync(scratch.path).includes('kept.part'));
  });

  test('under --json both say what it is, and what was found in it', async () => {
    const taken = JSON.parse((await backup('--out', at('json'), '--json')).stdout);
    assert.equal(taken.bytes, statSync(at('json')).size);
    assert.deepEqual([taken.revision, taken.checked.zones, taken.checked.tokens], [0, 0, 1]);
    const verified = await run(['restore', at('json'), '--verify', '--data', at('data'), '--json']);
    assert.equal(verified.code, 0, verified.stderr);
    const { restored, kek_id, contents } = JSON.parse(verified.stdout);
    assert.deepEqual([restored, kek_id, contents], [null, taken.kek_id, taken.checked]);
    const failed = await run(['restore', at('json'), '--data', at('data'), '--json']);
    assert.equal(failed.code, 2);
    assert.match(JSON.parse(failed.stdout).error.message, /holds already/);
  });

  test('a damaged backup is exit 1, another key or no file exit 3, no directory exit 2', async () => {
    assert.equal((await backup('--out', at('good'))).code, 0);
    const bytes = readFileSync(at('good'));
    writeFileSync(at('cut'), bytes.subarray(0, -1));
    writeFileSync(at('other.kek'), 'ab'.repeat(32), { mode: 0o600 });
    const restore = async (...argv: readonly string[]) => (await run(['restore', ...argv])).code;
    assert.equal(await restore(at('cut'), '--verify', '--kek', at('data.kek')), 1);
    assert.equal(await restore(at('cut'), '--data', at('x'), '--kek', at('data.kek')), 1);
    assert.equal(await restore(at('other.kek'), '--verify', '--kek', at('data.kek')), 1);
    assert.equal(await restore(at('good'), '--data', at('x'), '--kek', at('other.kek')), 3);
    assert.equal(await restore(at('good'), '--data', at('x')), 3);
    assert.equal(await restore(at('none'), '--data', at('x'), '--kek', at('data.kek')), 3);
    assert.equal(await restore(at('good'), '--kek', at('data.kek')), 2);
    assert.equal(await restore(at('good'), '--verify'), 2);
    assert.ok(!existsSync(at('x')));
  });

  test('a token with the right to it alone is enough, and one without is refused', async () => {
    const made = async (permission: string) => {
      const draft = { name: permission, permissions: [permission], zones: 'all' };
      const { result } = await postern.call<{ readonly token: string }>('POST', '/postern/v1/tokens', draft);
      return { POSTERN_API: postern.base, POSTERN_TOKEN: result.token };
    };
    assert.equal((await run(['backup', '--out', at('by-token')], await made('backup:read'))).code, 0);
    const refused = await run(['backup', '--out', at('by-reader')], await made('zone:read'));
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /lacks backup:read/);
    assert.ok(!existsSync(at('by-reader')));
  });
});

/** A line to a port of this machine that breaks when so many bytes have come back. */
async function cutAfter(port: number, bytes: number): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let left = bytes;
    near.on('error', () => undefined).on('close', () => far.destroy());
    far
      .on('error', () => undefined)
      .on('data', (part: Buffer) => {
        near.write(part.subarray(0, Math.max(0, left)));
        left -= part.length;
        if (left <= 0) near.end();
      });
    near.pipe(far);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

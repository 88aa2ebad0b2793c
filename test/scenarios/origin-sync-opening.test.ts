import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { instant } from '../../src/domain/ids.ts';
import { lockRecordText } from '../../src/origin/lock-record.ts';
import { runCommand } from '../../src/origin/sync/command.ts';
import { syncLock } from '../../src/origin/sync/sync-lock.ts';
import { zoneBundlePath, zoneListsPath } from '../../src/wire/public-paths.ts';
import { rotationUntil, startRotation } from './four-origins.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { type ServerAuthority, serverAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { endWithTests, environment, PROGRAM, run } from './program.ts';
import { type RecordedLock, recordedLock } from './recorded-lock.ts';
import { addRecord, createZone, statusOf, visit, zonePull } from './site.ts';
import { until } from './until.ts';

const [OPENED, SHUT] = ['www.opened.test', 'shop.opened.test'];

interface Told {
  readonly lock: string;
  readonly files: readonly string[];
  readonly shuts_on: string | null;
  readonly trouble: { readonly code: string } | null;
  readonly hostnames: readonly { readonly hostname: string; readonly mode: string }[];
  readonly zones: readonly { readonly trouble: { readonly code: string } | null }[];
}

describe('a lock on record, whose openings sync obeys at a real nginx', needs('nginx'), () => {
  let postern: Postern;
  let authority: ServerAuthority;
  let lock: RecordedLock;
  let zone = '';

  before(async () => {
    authority = await serverAuthority();
    postern = await startPostern();
    zone = await createZone(postern, 'opened.test', authority);
    await zonePull(postern, zone, true);
    const [bundle = '', lists = ''] = await Promise.all(
      [zoneBundlePath(zone), zoneListsPath(zone)].map(async (path) => (await fetch(postern.base + path)).text()),
    );
    const hostnames = [OPENED, SHUT];
    lock = await recordedLock({
      server: 'nginx',
      zone: { id: zone, name: 'opened.test' },
      hostnames,
      authority,
      bundle,
      lists,
      api: postern.base,
    });
    for (const name of hostnames) await addRecord(postern, zone, { name, origin: { https_port: lock.tlsPort } });
  });
  after(async () => {
    await lock?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  const openings = () => `/postern/v1/zones/${zone}/openings`;
  const open = (seconds = 600) =>
    postern.call('POST', openings(), { hostname: OPENED, seconds, reason: 'the monitoring must get in' });
  const shut = () => postern.call('DELETE', `${openings()}/${OPENED}`);
  /** What somebody gets who comes without a certificate. */
  const direct = async (sni: string) => statusOf(await knock({ port: lock.tlsPort, sni }));
  const reaches = (sni: string, wanted: 'answered' | 'refused') =>
    until(`${sni} is ${wanted}`, async () => ((await direct(sni)) === 200) === (wanted === 'answered'));
  const sync = async (...flags: readonly string[]) => {
    const ended = await run(['origin', 'sync', '--locks', lock.locks, '--json', ...flags], {
      POSTERN_TOKEN: postern.token,
    });
    const [told] = JSON.parse(ended.stdout) as readonly Told[];
    return { code: ended.code, stderr: ended.stderr, told: told ?? assert.fail(ended.stdout) };
  };

  test('a lock is opened for one hostname, and shut again, each with a reload of the server', async () => {
    const calm = await sync();
    assert.deepEqual([calm.code, calm.told.files, calm.told.trouble], [0, [], null], calm.stderr);
    await reaches(OPENED, 'refused');
    await open();
    const would = await sync('--dry-run');
    assert.deepEqual([would.told.files, readFileSync(lock.configuration, 'utf8')], [[lock.configuration], lock.text]);
    const opened = await sync();
    assert.deepEqual([opened.code, opened.told.files], [0, [lock.configuration]], opened.stderr);
    assert.ok(opened.told.shuts_on !== null);
    assert.match(opened.stderr, /this run leaves it open, and only a later one shuts it/);
    assert.deepEqual(modes(opened.told), { [OPENED]: 'watch', [SHUT]: 'enforce' });
    await reaches(OPENED, 'answered');
    assert.notEqual(await direct(SHUT), 200, 'only the one that was asked for');
    for (const host of [OPENED, SHUT]) assert.equal(statusOf(await visit(postern, host)), 200);
    assert.deepEqual((await sync('--stay', '1s')).told.files, [], 'and nothing is touched while it is open');
    const said = await run(['aop', 'openings', '--zone', 'opened.test'], {
      POSTERN_API: postern.base,
      POSTERN_TOKEN: postern.token,
    });
    assert.match(said.stderr, /\(nginx\) let everybody in to www\.opened\.test/);

    await shut();
    const again = await sync();
    assert.deepEqual([again.code, again.told.files], [0, [lock.configuration]]);
    await reaches(OPENED, 'refused');
    assert.equal(readFileSync(lock.configuration, 'utf8'), lock.text, 'to the byte');
    assert.equal(statusOf(await visit(postern, OPENED)), 200);
  });

  test('a configuration that somebody changed by hand is left alone, and that is said', async () => {
    await open();
    writeFileSync(lock.configuration, `${lock.text}# mine\n`);
    const left = await sync();
    assert.deepEqual([left.code, left.told.trouble?.code], [1, 'changed_by_hand']);
    assert.equal(readFileSync(lock.configuration, 'utf8'), `${lock.text}# mine\n`);
    writeFileSync(lock.configuration, lock.text);
    assert.equal((await sync()).code, 0);
    await reaches(OPENED, 'answered');
    // A server that cannot be told leaves it open, and that is what is reported.
    const file = join(lock.locks, 'nginx.json');
    const { record } = lock;
    writeFileSync(file, lockRecordText({ ...record, reload: ['false'] }));
    await shut();
    const stuck = await sync();
    assert.deepEqual([stuck.code, stuck.told.trouble?.code, modes(stuck.told)[OPENED]], [1, 'reload_failed', 'watch']);
    assert.equal(await direct(OPENED), 200);
    writeFileSync(file, lockRecordText(record));
    await open();
    assert.equal((await sync()).code, 0);
    // Once it is open, a change does not keep it open; what was changed is kept.
    writeFileSync(lock.configuration, `${readFileSync(lock.configuration, 'utf8')}# mine\n`);
    await shut();
    assert.equal((await sync()).code, 0);
    assert.equal(readFileSync(lock.configuration, 'utf8'), lock.text);
    await reaches(OPENED, 'refused');
    const kept = join(dirname(lock.configuration), '.server.conf.changed-by-hand');
    assert.ok(readFileSync(kept, 'utf8').endsWith('# mine\n'));
  });

  test('with revocation lists it goes through a rotation of the root, and half a set is never left there', async () => {
    await startRotation(postern, zone, { what: 'root' });
    await rotationUntil(postern, zone, 'the origin refuses the new root', (now) =>
      now.origins.every(({ finding }) => finding === 'refused'),
    );
    const first = await sync();
    const { bundle, configuration } = lock;
    const lists = join(dirname(configuration), 'lists.pem');
    assert.deepEqual([first.code, first.told.files], [0, [bundle, lists]], first.stderr);
    await rotationUntil(postern, zone, 'the old root is out of the bundle', ({ phase }) => phase === 'confirming');
    const second = await sync();
    assert.deepEqual([second.code, second.told.files], [0, [bundle, lists]], second.stderr);
    const ended = await rotationUntil(postern, zone, 'it is over', ({ phase }) => phase === 'ended');
    assert.deepEqual([ended.outcome, statusOf(await visit(postern, OPENED))], ['done', 200]);
    await reaches(OPENED, 'refused');
    // What was changed by hand is put in step again.
    const whole = readFileSync(lists, 'utf8');
    writeFileSync(lists, `${whole}\n`);
    assert.deepEqual((await sync()).told.files, [lists]);
    assert.equal(readFileSync(lists, 'utf8'), whole);
  });

  test('a record that others may write to is not obeyed', async () => {
    const file = join(lock.locks, 'nginx.json');
    chmodSync(file, 0o666);
    const refused = await run(['origin', 'sync', '--locks', lock.locks]);
    assert.deepEqual([refused.code, /may be written by others/.test(refused.stderr)], [1, true]);
    chmodSync(file, 0o644);
    const text = readFileSync(file, 'utf8');
    for (const [wrong, word] of [
      ['{}', 'format'],
      [text.replace('"version": 1', '"version": 2'), 'version'],
      [text.replace('"nginx"', '"../nginx"'), 'name'],
      [text.replace('"sites"', '"places"'), 'request'],
      [text.replace('"installedOn"', '"x"'), 'x'],
    ] as const) {
      writeFileSync(file, wrong);
      const ended = await run(['origin', 'sync', '--locks', lock.locks]);
      assert.deepEqual(
        [ended.code, ended.stderr.includes(`not the record of a lock: ${word}`)],
        [1, true],
        ended.stderr,
      );
    }
    writeFileSync(file, text);
    // It holds back nobody but itself.
    const other = join(lock.locks, 'other.json');
    writeFileSync(other, '{}');
    const both = await sync();
    assert.deepEqual([both.code, both.told.lock, both.told.trouble], [1, 'nginx', null]);
    assert.match(both.stderr, /other\.json is not the record of a lock/);
    rmSync(other);
  });

  test('a daemon opens, shuts and outlives the control plane, and what is open shuts by itself without it', async (t) => {
    const child = spawn(process.execPath, [PROGRAM, 'origin', 'sync', '--locks', lock.locks, '--interval', '1s'], {
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    endWithTests(child);
    t.after(() => child.kill('SIGKILL'));
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString('utf8');
    });
    const logged = (event: string) => until(`${event}: ${log}`, () => log.includes(`"msg":"${event}"`), 30_000);
    await logged('sync_ready');
    await open();
    await logged('lock_opened_here');
    await reaches(OPENED, 'answered');
    postern.signal('SIGKILL');
    await postern.ended;
    await logged('bundle_not_asked');
    assert.equal(await direct(OPENED), 200, 'the operator gave it a time');
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 0, log);

    const silent = await sync();
    assert.deepEqual([silent.code, silent.told.zones[0]?.trouble?.code], [3, 'outage']);
    assert.equal(await direct(OPENED), 200);
    // From here on with the clock that the test turns.
    const { record } = lock;
    const [place] = record.zones;
    const target = {
      name: 'nginx',
      server: 'nginx',
      zones: place === undefined ? [] : [{ ...place, version: null, pins: [] }],
      commands: { test: null, reload: ['kill', '-HUP', String(lock.server.pid)] as const },
      state: join(lock.locks, 'nginx.sync'),
      configuration: { server: record.server, request: record.request, ...(record.files[0] ?? assert.fail()) },
    };
    const clock = () => instant(Date.now() + 601_000);
    const get = async () => ({ kind: 'silent', because: 'it was killed' }) as const;
    const outcome = await syncLock(target, { get, clock, run: runCommand, dryRun: false });
    assert.deepEqual([outcome.trouble, outcome.files], [null, [lock.configuration]]);
    await reaches(OPENED, 'refused');
    assert.equal(readFileSync(lock.configuration, 'utf8'), lock.text);
  });
});

function modes({ hostnames }: Told): Readonly<Record<string, string>> {
  return Object.fromEntries(hostnames.map(({ hostname, mode }) => [hostname, mode]));
}

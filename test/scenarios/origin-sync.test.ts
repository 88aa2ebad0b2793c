import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readBundle } from '../../src/pki/bundle.ts';
import { zoneBundlePath } from '../../src/wire/public-paths.ts';
import { needs } from '../support/availability.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { type ServerAuthority, serverAuthority } from './authorities.ts';
import { lockedOrigins, type Origins, rotationUntil, startRotation, visitorsOf } from './four-origins.ts';
import { type Postern, startPostern } from './postern.ts';
import { run } from './program.ts';
import { createZone } from './site.ts';

describe('an origin that only sync brings along', needs('nginx'), () => {
  let postern: Postern;
  let authority: ServerAuthority;
  let origins: Origins;

  before(async () => {
    authority = await serverAuthority();
    postern = await startPostern();
    origins = await lockedOrigins(postern, { name: 'synced.test', authority, servers: ['nginx'] });
  });
  after(async () => {
    await origins?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  const sync = (...flags: readonly string[]) => {
    const { origin } = origins.named('nginx');
    const { directory, pid } = origin.server;
    const commands = ['--test', `nginx -t -c ${directory}/server.conf`, '--reload', `kill -HUP ${pid}`];
    const asked = ['--api', postern.base, '--zone', origins.zone, '--bundle', origin.bundle];
    return run(['origin', 'sync', ...asked, ...commands, ...flags], { POSTERN_TOKEN: postern.token });
  };

  test('goes through a rotation of the root without a failed request', async () => {
    const first = await sync();
    assert.equal(first.code, 0, first.stderr);
    const [old] = readBundle(await origins.bundle());
    await using visitors = visitorsOf(postern, origins);
    await startRotation(postern, origins.zone, { what: 'root' });
    await rotationUntil(postern, origins.zone, 'the origin refuses the new root', (now) =>
      now.origins.every(({ finding }) => finding === 'refused'),
    );
    const taken = await sync('--json');
    assert.equal(taken.code, 0, taken.stderr);
    await rotationUntil(
      postern,
      origins.zone,
      'the old root is out of the bundle',
      ({ phase }) => phase === 'confirming',
    );
    assert.equal((await sync()).code, 0);
    const ended = await rotationUntil(postern, origins.zone, 'it is over', ({ phase }) => phase === 'ended');
    assert.deepEqual([ended.outcome, ended.because], ['done', '']);
    assert.deepEqual(await visitors.stop(), []);
    assert.ok(!readBundle(await origins.bundle()).some(({ fingerprint }) => fingerprint === old?.fingerprint));
  });

  test('a run that was killed before or while the server is told is brought to its end by the next, without anybody', async () => {
    const { origin } = origins.named('nginx');
    const { directory } = origin.server;
    const good = readFileSync(origin.bundle, 'utf8');
    const log = join(directory, 'ran');
    const telling = ['--reload', `sh -c "echo reload >> ${log}"`];
    for (const [index, flag] of ['--test', '--reload'].entries()) {
      writeFileSync(origin.bundle, 'damaged');
      // The command kills who called it: kill -9 between the new bytes and the reload.
      const killed = await sync(flag, "sh -c 'kill -9 $PPID'");
      assert.equal(killed.code, null, killed.stderr);
      assert.equal(readFileSync(origin.bundle, 'utf8'), good);
      assert.ok(existsSync(`${origin.bundle}.sync.journal`));
      const mended = await sync(...telling, '--api', 'http://127.0.0.1:1');
      assert.equal(mended.code, 3, 'nobody answers, and still');
      assert.match(mended.stderr, /The control plane does not answer/);
      assert.equal(readFileSync(log, 'utf8'), 'reload\n'.repeat(index + 1));
      assert.deepEqual(
        readdirSync(directory).filter((name) => /journal|postern-(?:old|new)/.test(name)),
        [],
      );
    }
    const calm = await sync(...telling);
    assert.deepEqual([calm.code, readFileSync(log, 'utf8')], [0, 'reload\nreload\n']);
  });

  test('what is in force is reported, and who is behind is named while a rotation waits', async () => {
    const env = { POSTERN_API: postern.base, POSTERN_TOKEN: postern.token };
    assert.equal((await sync('--name', 'web')).code, 0);
    const told = await run(['origin', 'reports', '--zone', 'synced.test'], env);
    assert.match(told.stdout, /web +✓ version \d+/);
    await startRotation(postern, origins.zone, { what: 'root' });
    await rotationUntil(postern, origins.zone, 'it waits for the origin', ({ waits_for }) => waits_for === 'proof');
    const shown = await run(['rotations', 'show', '--zone', 'synced.test'], env);
    assert.match(shown.stderr, /\(web\) had an older bundle \(version \d+\)/);
    const failing = await sync('--name', 'web', '--test', 'false');
    assert.equal(failing.code, 1);
    assert.match((await run(['origin', 'reports', '--zone', 'synced.test'], env)).stdout, /does not accept its/);
    // The rotation goes on as in the first test, and nobody here waits for its end.
    assert.equal((await sync('--name', 'web')).code, 0);
  });

  test('the public listener is enough, without a token', async () => {
    await using open = await startPostern({ argv: ['--public', '127.0.0.1:0'] });
    const zone = await createZone(open, 'public.test', authority);
    const root = readBundle(await (await fetch(open.base + zoneBundlePath(zone))).text())[0]?.fingerprint;
    using scratch = scratchDirectory();
    const bundle = join(scratch.path, 'bundle.pem');
    const place = `http://${open.logged('ready')[0]?.['public']}`;
    const asked = ['origin', 'sync', '--zone', zone, '--bundle', bundle, '--crl', join(scratch.path, 'lists.pem')];
    const ended = await run([...asked, '--public', place, '--trust', `sha256:${root}`, '--json']);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stderr, '');
    const [told] = JSON.parse(ended.stdout) as readonly { readonly zones: readonly { readonly name: string }[] }[];
    assert.equal(told?.zones[0]?.name, 'public.test');
    assert.ok(existsSync(bundle));
    // Its own API does not hear of it from there: whoever has a token says where that is.
    const reported = await run([...asked, '--public', place, '--api', open.base], { POSTERN_TOKEN: open.token });
    assert.deepEqual([reported.code, reported.stderr], [0, '']);
    const { result } = await open.call<readonly unknown[]>('GET', `/postern/v1/zones/${zone}/origins/reports`);
    assert.equal(result.length, 1);
  });

  test('wrong use is told apart, before anything is asked', async () => {
    const bundle = origins.named('nginx').origin.bundle;
    const token = join(origins.named('nginx').origin.server.directory, 'token');
    writeFileSync(token, postern.token, { mode: 0o644 });
    const rows: readonly (readonly [readonly string[], RegExp])[] = [
      [['--zone', origins.zone], /--zone goes with --bundle/],
      [['--bundle', bundle], /--bundle goes with --zone/],
      [['--crl', 'x'], /--crl goes with/],
      [['--locks', '/nonexistent'], /no lock on record/],
      [['--zone', origins.zone, '--bundle', bundle, '--test', 'nginx -t | cat'], /not one command/],
      [['--zone', origins.zone, '--bundle', bundle, '--trust', 'sha256:abc'], /not the SHA-256/],
      [['--zone', origins.zone, '--bundle', bundle, '--token-file', token], /may be read by others/],
      [['--zone', origins.zone, '--bundle', bundle, '--interval', 'often'], /not a span of time/],
      [['--zone', 'no.such.zone', '--bundle', bundle], /no zone/],
      [['--zone', '0'.repeat(32), '--bundle', bundle], /Who answers knows no such zone .*HTTP 404.*Compare the id/],
    ];
    for (const [flags, said] of rows) {
      const ended = await run(['origin', 'sync', '--api', postern.base, ...flags], { POSTERN_TOKEN: postern.token });
      assert.deepEqual([ended.code, said.test(ended.stderr)], [2, true], ended.stderr);
    }
  });
});

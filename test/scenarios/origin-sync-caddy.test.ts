import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { readBundle } from '../../src/pki/bundle.ts';
import { zoneBundlePath } from '../../src/wire/public-paths.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { serverAuthority } from './authorities.ts';
import { rotationUntil, startRotation } from './four-origins.ts';
import { startPostern } from './postern.ts';
import { run } from './program.ts';
import { recordedLock } from './recorded-lock.ts';
import { addRecord, createZone, statusOf, visit, zonePull } from './site.ts';
import { until } from './until.ts';

const HOST = 'www.caddied.test';

// Caddy reads no bundle, but a file that is made from it: both follow every change together.
test(
  'a Caddy that only sync brings along goes through a rotation of the root, and is opened and shut',
  needs('caddy'),
  async () => {
    const authority = await serverAuthority();
    await using postern = await startPostern();
    const id = await createZone(postern, 'caddied.test', authority);
    await zonePull(postern, id, true);
    const bundle = await (await fetch(postern.base + zoneBundlePath(id))).text();
    const zone = { id, name: 'caddied.test' };
    const wish = {
      server: 'caddy',
      zone,
      hostnames: [HOST],
      authority,
      bundle,
      lists: null,
      api: postern.base,
    } as const;
    await using lock = await recordedLock(wish);
    await addRecord(postern, id, { name: HOST, origin: { https_port: lock.tlsPort } });
    const sync = async (): Promise<readonly string[]> => {
      const ended = await run(['origin', 'sync', '--locks', lock.locks, '--json']);
      assert.equal(ended.code, 0, ended.stderr);
      const [told] = JSON.parse(ended.stdout) as readonly { readonly files: readonly string[] }[];
      return told?.files ?? [];
    };
    const direct = async () => statusOf(await knock({ port: lock.tlsPort, sni: HOST }));

    assert.deepEqual(await sync(), []);
    await startRotation(postern, id, { what: 'root' });
    await rotationUntil(postern, id, 'the origin refuses the new root', (now) =>
      now.origins.every(({ finding }) => finding === 'refused'),
    );
    const derived = `${lock.bundle}.caddy`;
    assert.deepEqual(await sync(), [lock.bundle, derived]);
    await rotationUntil(postern, id, 'the old root is out of the bundle', ({ phase }) => phase === 'confirming');
    assert.deepEqual(await sync(), [lock.bundle, derived]);
    const ended = await rotationUntil(postern, id, 'it is over', ({ phase }) => phase === 'ended');
    assert.equal(ended.outcome, 'done');
    assert.equal(statusOf(await visit(postern, HOST)), 200);
    const [root] = readBundle(readFileSync(lock.bundle, 'utf8'));
    const words = (root?.pem ?? '').replace(/-----[^-]+-----|\s/g, '');
    assert.ok(words !== '' && readFileSync(derived, 'utf8').includes(words));

    const path = `/postern/v1/zones/${id}/openings`;
    await postern.call('POST', path, { hostname: HOST, seconds: 600, reason: 'a test' });
    assert.deepEqual(await sync(), [lock.configuration]);
    await until('it is open', async () => (await direct()) === 200);
    await postern.call('DELETE', `${path}/${HOST}`);
    assert.deepEqual(await sync(), [lock.configuration]);
    await until('it is shut', async () => (await direct()) !== 200);
    assert.equal(readFileSync(lock.configuration, 'utf8'), lock.text);
  },
);

// By flags nobody says which server it is: what was made of the bundle, and stands beside it, says so.
test('a Caddy without a record, kept in step by flags alone, has its file made anew', needs('caddy'), async () => {
  const authority = await serverAuthority();
  await using postern = await startPostern();
  const id = await createZone(postern, 'caddied.test', authority);
  await zonePull(postern, id, true);
  const bundle = await (await fetch(postern.base + zoneBundlePath(id))).text();
  const zone = { id, name: 'caddied.test' };
  const place = { hostnames: [HOST], authority, bundle, lists: null, api: postern.base } as const;
  await using lock = await recordedLock({ server: 'caddy', zone, ...place });
  await addRecord(postern, id, { name: HOST, origin: { https_port: lock.tlsPort } });
  const derived = `${lock.bundle}.caddy`;
  const { test: check, reload } = lock.record;
  const sync = async (): Promise<readonly string[]> => {
    const by = ['--zone', id, '--bundle', lock.bundle, '--api', postern.base];
    const commands = ['--test', (check ?? []).join(' '), '--reload', (reload ?? []).join(' ')];
    const ended = await run(['origin', 'sync', ...by, ...commands, '--json']);
    assert.equal(ended.code, 0, ended.stderr);
    const [told] = JSON.parse(ended.stdout) as readonly { readonly files: readonly string[] }[];
    return told?.files ?? [];
  };

  assert.deepEqual(await sync(), []);
  const made = readFileSync(derived, 'utf8');
  await startRotation(postern, id, { what: 'root' });
  await rotationUntil(postern, id, 'the origin refuses the new root', (now) =>
    now.origins.every(({ finding }) => finding === 'refused'),
  );
  // One that somebody else made stays as it is.
  writeFileSync(derived, `# mine\n${made}`);
  assert.deepEqual(await sync(), [lock.bundle]);
  assert.equal(readFileSync(derived, 'utf8'), `# mine\n${made}`);
  writeFileSync(derived, made);
  assert.deepEqual(await sync(), [derived]);
  await rotationUntil(postern, id, 'the old root is out of the bundle', ({ phase }) => phase === 'confirming');
  assert.deepEqual(await sync(), [lock.bundle, derived]);
  const ended = await rotationUntil(postern, id, 'it is over', ({ phase }) => phase === 'ended');
  assert.equal(ended.outcome, 'done');
  assert.equal(statusOf(await visit(postern, HOST)), 200);
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { until } from '../scenarios/until.ts';
import { writeCredential, ZONE } from '../servers/locked-origin.ts';
import { knock } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { startGuardProcess } from './guard-process.ts';
import { startApplication, startGuardWorld } from './world.ts';

/** What a guard says of files that are good in themselves, and yet keep the edge out. */

const FAR = `shop.example.org`;
const DAY = 86_400_000;

let credentials: PullCredentials;
let other: PullCredentials;

before(async () => {
  credentials = await pullCredentials(ZONE, Date.now());
  other = await pullCredentials('example.org', Date.now());
});

test('at the start and at SIGHUP it says which names its certificate and its bundle are not for, and serves the rest', async () => {
  await using guard = await startGuardProcess({
    credentials,
    flags: () => ['--hostname', `www.${ZONE}`, '--hostname', FAR],
  });
  const doubts = () =>
    guard
      .lines()
      .filter(({ msg }) => msg === 'guard_doubtful')
      .map(({ names, file, level, because }) => ({ names, file, level, because: String(because) }));
  const [certificate, bundle, ...more] = doubts();
  assert.deepEqual(more, []);
  assert.deepEqual([certificate?.names, bundle?.names], [FAR, FAR]);
  assert.equal(certificate?.file, join(guard.directory, 'site.pem'));
  assert.equal(bundle?.file, join(guard.directory, 'bundle.pem'));
  assert.match(certificate?.because ?? '', /does not name them.*\(it is for example\.test \*\.example\.test\)/);
  assert.match(bundle?.because ?? '', /may not certify them.*\(it is for example\.test\)/);
  assert.ok(doubts().every(({ level }) => level === 40));
  guard.signal('SIGHUP');
  await until('it is said again', () => doubts().length === 4);
  const outcome = await knock({ port: guard.tlsPort, sni: `www.${ZONE}`, credential: credentials.right });
  assert.equal(outcome.kind === 'answered' && outcome.status, 200);
});

test('what fits is not spoken of; a bundle and a certificate that change are held against the names anew', async (t) => {
  const { port } = await startApplication(t, (_request, response) => response.end());
  const upstream = `http://127.0.0.1:${port}`;
  const guard = await startGuardWorld(t, { hostnames: [`www.${ZONE}`, `*.${ZONE}`], upstream, credentials });
  const said = () => guard.lines.filter(({ msg }) => msg === 'guard_doubtful').map(({ file }) => String(file));
  assert.deepEqual(said(), []);
  const bundle = join(guard.directory, 'bundle.pem');
  writeFileSync(bundle, other.bundle);
  await until('the bundle is told of', () => said().includes(bundle));
  assert.ok(!said().includes(join(guard.directory, 'site.pem')));
  writeFileSync(bundle, credentials.bundle + other.bundle);
  await until('both zones are let in', async () => {
    const outcome = await knock({ port: guard.port, sni: `www.${ZONE}`, credential: credentials.right });
    return outcome.kind === 'answered' && outcome.status === 200;
  });
  const before = said().length;
  writeCredential(guard.directory, 'site', other.server);
  await until('the certificate is told of', () => said().length > before);
  assert.deepEqual(new Set(said().slice(before)), new Set([join(guard.directory, 'site.pem')]));
});

test('a certificate that ends soon is told of at the start, at each reload and once a day, and when it has ended', async (t) => {
  const { port } = await startApplication(t, (_request, response) => response.end());
  const guard = await startGuardWorld(t, {
    hostnames: [`www.${ZONE}`],
    upstream: `http://127.0.0.1:${port}`,
    credentials,
  });
  const said = () =>
    guard.lines.filter(({ msg }) => msg === 'guard_certificate_ending').map(({ because }) => String(because));
  assert.equal(said().length, 1);
  assert.match(said()[0] ?? '', /ends within 14 days/);
  guard.guard.reload();
  assert.equal(said().length, 2);
  guard.turn(2 * DAY);
  await until('it has ended', () => said().length === 3);
  assert.match(said().at(-1) ?? '', /has ended/);
});

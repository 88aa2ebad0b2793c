import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { loadCertificates } from '../../src/pki/read.ts';
import { assertAnswered, assertRefused } from '../servers/lock-suite.ts';
import { HOST, ZONE } from '../servers/locked-origin.ts';
import { foldedValues } from '../support/echo-application.ts';
import { type Knock, knock } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { DidNotStart } from '../support/server-process.ts';
import { type GuardProcess, type GuardSetup, startGuardProcess } from './guard-process.ts';

const OTHER = `api.${ZONE}`;

void describe('a guard that is told by its environment', () => {
  let credentials: PullCredentials;
  before(async () => {
    credentials = await pullCredentials(ZONE, Date.now());
  });

  /** All settings of a site by the environment, with what is given. */
  const start = (more: Readonly<Record<string, string>>, setup: Partial<GuardSetup> = {}) =>
    startGuardProcess({
      credentials,
      alone: true,
      environment: ({ directory, application }) => ({
        POSTERN_HOSTNAME: HOST,
        POSTERN_BUNDLE: join(directory, 'bundle.pem'),
        POSTERN_SERVER_CERT: join(directory, 'site.pem'),
        POSTERN_SERVER_KEY: join(directory, 'site.key'),
        POSTERN_UPSTREAM: `http://127.0.0.1:${application.port}`,
        POSTERN_LISTEN: '127.0.0.1:0',
        ...more,
      }),
      ...setup,
    });
  const at = (guard: GuardProcess, knocking: Partial<Knock>): Knock => ({
    port: guard.tlsPort,
    sni: HOST,
    ...knocking,
  });

  void test('needs no flag: names, files, application, listeners and header are taken from there', async () => {
    const more = {
      POSTERN_HOSTNAME: `${HOST}, ${OTHER}`,
      POSTERN_ZONE: ZONE,
      POSTERN_LISTEN: '127.0.0.1:0,[::1]:0',
      POSTERN_VERIFIED_HEADER: 'X-Seen',
      POSTERN_MAX_CONNECTIONS: '7',
      POSTERN_LOG_LEVEL: 'debug',
    };
    await using guard = await start(more);
    for (const sni of [HOST, OTHER]) {
      const seen = await assertAnswered(guard, knock(at(guard, { sni, credential: credentials.right })), sni);
      assert.deepEqual(foldedValues(seen, 'X-Seen'), ['SUCCESS']);
    }
    await assertRefused(guard, knock(at(guard, { credential: null })), 'nobody');
    const ready = await guard.logged('ready');
    assert.match(String(ready['listen']), /^127\.0\.0\.1:\d+ \[::1\]:\d+$/);
  });

  void test('pins, subjects and URIs may be several: the former behind commas, the others on lines', async () => {
    const [right] = loadCertificates(credentials.right.cert);
    const shared = { POSTERN_SHARED: 'on' };
    const both = { ...shared, POSTERN_PIN: `${'0'.repeat(64)},${right?.fingerprint}` };
    const lines = { ...shared, POSTERN_SUBJECT: `O=Postern, CN=another\n${right?.subject}` };
    for (const more of [both, lines]) {
      await using guard = await start(more);
      await assertAnswered(guard, knock(at(guard, { credential: credentials.right })), JSON.stringify(more));
    }
    const none = { ...shared, POSTERN_URI: 'postern://origins.test/zone/another\npostern://a,b' };
    await using guard = await start(none);
    await assertRefused(guard, knock(at(guard, { credential: credentials.right })), 'other URIs');
  });

  void test('watches where it is said there, and not where a flag or it itself says otherwise', async () => {
    const passes = async (more: Readonly<Record<string, string>>, flags: readonly string[]) => {
      await using guard = await start(more, { flags: () => flags });
      const outcome = await knock(at(guard, { credential: null }));
      return outcome.kind === 'answered' && outcome.status === 200;
    };
    assert.equal(await passes({ POSTERN_WATCH: 'on' }, []), true);
    assert.equal(await passes({ POSTERN_WATCH: 'on' }, ['--enforce']), false);
    assert.equal(await passes({ POSTERN_WATCH: 'on', POSTERN_ENFORCE: 'on' }, []), false);
    assert.equal(await passes({ POSTERN_WATCH: 'off', POSTERN_ENFORCE: 'on' }, ['--watch']), true);
    assert.equal(await passes({ POSTERN_WATCH: '' }, []), false);
  });

  void test('gives way to flags, one by one', async () => {
    await using guard = await start(
      { POSTERN_HOSTNAME: 'elsewhere.test', POSTERN_BUNDLE: '/nowhere', POSTERN_DRAIN: 'soon' },
      { flags: ({ directory }) => ['--hostname', HOST, '--bundle', join(directory, 'bundle.pem')] },
    );
    await assertAnswered(guard, knock(at(guard, { credential: credentials.right })), 'by flag');
    await assertRefused(
      guard,
      knock(at(guard, { sni: 'elsewhere.test', credential: credentials.right })),
      'by neither',
    );
  });

  void test('beats what the file says of listeners and the like', async () => {
    await using guard = await startGuardProcess({
      credentials,
      alone: true,
      flags: ({ directory, application }) => {
        const site = { hostnames: HOST, bundle: 'bundle.pem', server_cert: 'site.pem', server_key: 'site.key' };
        const upstream = `http://127.0.0.1:${application.port}`;
        const config = { listen: '192.0.2.1:1', max_connections: 5, sites: [{ ...site, upstream }] };
        writeFileSync(join(directory, 'guard.json'), JSON.stringify(config));
        return ['--config', join(directory, 'guard.json')];
      },
      environment: () => ({ POSTERN_LISTEN: '127.0.0.1:0' }),
    });
    await assertAnswered(guard, knock(at(guard, { credential: credentials.right })), 'listens by environment');
  });

  void test('does not start where it is told what cannot be meant, and names the setting', async () => {
    for (const [more, why] of [
      [{ POSTERN_HOSTNAME: ',' }, /hostname: a guard serves named hosts only/],
      [{ POSTERN_PIN: ',' }, /pins: the list is empty/],
      [{ POSTERN_WATCH: 'maybe' }, /--watch is "maybe"\.\n {2}Use on or off/],
      [{ POSTERN_BUNDLE: '' }, /--bundle is missing\.\n {2}.*set POSTERN_BUNDLE/],
      [{ POSTERN_LOG_LEVEL: 'loud' }, /--log-level is "loud"/],
      [{ POSTERN_MAX_CONNECTIONS: '0' }, /--max-connections is 0/],
      [{ POSTERN_HEALTH: '192.0.2.1:80' }, /--health 192\.0\.2\.1:80 is no address of this machine/],
      [{ POSTERN_DRAIN: 'soon' }, /--drain/],
    ] as const) {
      const health = 'POSTERN_HEALTH' in more || 'POSTERN_DRAIN' in more;
      await assert.rejects(
        start(more, health ? { run: [] } : {}),
        (error) => error instanceof DidNotStart && why.test(error.message) && error.message.endsWith('exit code 2'),
        String(why),
      );
    }
    const flags = () => ['--config', 'guard.yaml'];
    await assert.rejects(start({}, { flags }), /POSTERN_HOSTNAME and --config exclude each other/);
  });
});

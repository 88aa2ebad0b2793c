import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { instant } from '../../src/domain/ids.ts';
import { crlPem, writeCrl } from '../../src/pki/crl.ts';
import { issueLeaf } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { loadCertificates } from '../../src/pki/read.ts';
import { until } from '../scenarios/until.ts';
import { type Credential, knock } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { Asking } from './asking.ts';
import { dialGuard, type GuardWorld, type GuardWorldSetup, startApplication, startGuardWorld } from './world.ts';

/** What becomes of those inside and outside when certificates, lists and bundles end or change. */

const NAME = 'www.example.test';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface World extends GuardWorld {
  readonly credentials: PullCredentials;
  readonly enter: (credential?: Credential | null) => Promise<Asking>;
  /** Status of the answer to a caller who comes anew; `null` where there is none. */
  readonly comes: (credential?: Credential | null) => Promise<number | null>;
  readonly said: (msg: string) => readonly Readonly<Record<string, unknown>>[];
}

async function world(t: TestContext, setup: Partial<GuardWorldSetup> = {}): Promise<World> {
  const credentials = setup.credentials ?? (await pullCredentials('example.test', Date.now()));
  const application = await startApplication(t, (_request, response) => response.end('hello'));
  const upstream = `http://127.0.0.1:${application.port}`;
  const guard = await startGuardWorld(t, { hostnames: [NAME], upstream, ...setup, credentials });
  return {
    ...guard,
    credentials,
    enter: async (credential = credentials.right) => new Asking(await dialGuard(guard.port, NAME, credential), NAME),
    comes: async (credential = credentials.right) => {
      const outcome = await knock({ port: guard.port, sni: NAME, credential });
      return outcome.kind === 'answered' ? outcome.status : null;
    },
    said: (msg) => guard.lines.filter((line) => line.msg === msg),
  };
}

/** An identity of the zone that lasts for so long. */
async function shortLived({ authority }: PullCredentials, lasts: number): Promise<Credential> {
  const now = Date.now();
  const issued = issueLeaf(authority.intermediate, {
    profile: PROFILES.pullLeaf,
    subject: { commonName: 'short' },
    key: await generateKey(),
    validity: { notBefore: instant(now - HOUR), notAfter: instant(now + lasts) },
    names: [],
  });
  return { cert: [issued.certificate, ...issued.chain].map(({ pem }) => pem).join(''), key: issued.key.reveal() };
}

test('when the clock jumps a day ahead, who has expired is sent away, inside and outside, and back again let in', async (t) => {
  const guard = await world(t, { limits: { retireTimeout: 50 } });
  const short = await shortLived(guard.credentials, HOUR);
  const asking = await guard.enter(short);
  const idle = await guard.enter(short);
  const lasting = await guard.enter();
  for (const one of [asking, idle, lasting]) assert.equal((await one.get())?.status, 200);
  guard.turn(DAY);
  // Whoever asks before anybody has looked is told, and whoever does not is cut off.
  const answer = await asking.get();
  assert.ok(answer === null || answer.status === 400, JSON.stringify(answer));
  await until('the idle connection ends', () => idle.ended && asking.ended);
  assert.equal((await lasting.get())?.status, 200, 'who is still valid stays');
  assert.equal(await guard.comes(short), null);
  assert.equal(await guard.comes(), 200);
  guard.turn(-DAY);
  assert.equal(await guard.comes(short), 200);
  guard.turn(-DAY);
  assert.equal(await guard.comes(short), null, 'not valid yet');
  guard.turn(DAY);
});

test('an expired CA admits nobody, whatever else is true, until a new bundle is there', async (t) => {
  const guard = await world(t, { limits: { retireTimeout: 50 }, health: { host: '127.0.0.1', port: 0 } });
  const inside = await guard.enter();
  assert.equal((await inside.get())?.status, 200);
  const health = async () => {
    const answer = await fetch(`http://127.0.0.1:${guard.guard.health?.port}/health`);
    return { status: answer.status, body: (await answer.json()) as { sites: { serves: boolean; stale: boolean }[] } };
  };
  assert.equal((await health()).status, 200);
  guard.turn(60 * 365 * DAY);
  await until('who was inside is cut off', () => inside.ended);
  assert.equal(await guard.comes(), null);
  const failing = await health();
  assert.deepEqual([failing.status, failing.body.sites[0]?.serves], [503, false]);
  // All of the new one has expired, too: it is not taken.
  guard.guard.reload();
  assert.match(String(guard.said('guard_policy_refused').at(-1)?.['because']), /every CA in it has expired/);
  guard.turn(-60 * 365 * DAY);
  assert.equal(await guard.comes(), 200);
});

test('a bundle that is deleted, emptied or spoilt leaves the last good one in force, and is told of', async (t) => {
  const guard = await world(t, { health: { host: '127.0.0.1', port: 0 } });
  const bundle = join(guard.directory, 'bundle.pem');
  const stale = async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${guard.guard.health?.port}/metrics`)).text();
    return Number(/^postern_guard_files_refused\{site="www\.example\.test"\} (\d)$/m.exec(metrics)?.[1]);
  };
  const spoilings: readonly (readonly [RegExp, () => void])[] = [
    [/the file is not there/, () => rmSync(bundle)],
    [/there is nothing in it/, () => writeFileSync(bundle, '')],
    [/there is no PEM in it/, () => writeFileSync(bundle, '<html>404</html>')],
    [/a private key is in it/, () => writeFileSync(bundle, guard.credentials.right.key)],
    [/not a CA/, () => writeFileSync(bundle, guard.credentials.server.cert)],
  ];
  for (const [why, spoil] of spoilings) {
    const before = guard.said('guard_policy_refused').length;
    spoil();
    await until(String(why), () => guard.said('guard_policy_refused').length > before);
    assert.match(String(guard.said('guard_policy_refused').at(-1)?.['because']), why);
    assert.equal(await stale(), 1);
    assert.equal(await guard.comes(), 200);
    assert.equal(await guard.comes(null), null);
  }
  writeFileSync(bundle, guard.credentials.bundle);
  await until('the good one is taken', async () => (await stale()) === 0);
  assert.equal(await guard.comes(), 200);
});

test('through a rotation the bundle holds old and new; afterwards the old identity is retired, inside as well', async (t) => {
  const next = await pullCredentials('example.test', Date.now());
  const guard = await world(t, { limits: { retireTimeout: 50 } });
  const bundle = join(guard.directory, 'bundle.pem');
  const inside = await guard.enter();
  assert.equal((await inside.get())?.status, 200);
  assert.equal(await guard.comes(next.right), null);
  writeFileSync(bundle, `${guard.credentials.bundle}${next.bundle}`);
  await until('the new identity is let in', async () => (await guard.comes(next.right)) === 200);
  assert.equal((await inside.get())?.status, 200);
  assert.equal(await guard.comes(), 200);
  writeFileSync(bundle, next.bundle);
  await until('the old identity is cut off', () => inside.ended);
  assert.equal(await guard.comes(), null);
  assert.equal(await guard.comes(next.right), 200);
  assert.ok(guard.said('guard_retired').length > 0);
});

interface Lists {
  readonly revoked?: readonly Credential[];
  readonly revokedIntermediate?: boolean;
  readonly lasts?: number;
  readonly without?: 'root' | 'intermediate';
}

function listsOf(
  { authority }: PullCredentials,
  { revoked = [], revokedIntermediate, lasts = DAY, without }: Lists = {},
): string {
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  const times = { number: 1, thisUpdate: instant(now - HOUR), nextUpdate: instant(now + lasts) };
  const entry = (serial: string) => ({ serial, at: times.thisUpdate, reason: 'keyCompromise' }) as const;
  const leaves = revoked.map(({ cert }) => entry(loadCertificates(cert)[0]?.serial ?? ''));
  const { root, intermediate } = authority;
  const above = revokedIntermediate === true ? [entry(intermediate.certificate.serial)] : [];
  return [
    ...(without === 'root' ? [] : [writeCrl(root, { ...times, revoked: above })]),
    ...(without === 'intermediate' ? [] : [writeCrl(intermediate, { ...times, revoked: leaves })]),
  ]
    .map(crlPem)
    .join('');
}

test('a revoked leaf or intermediate is refused, inside too, and so is everybody without lists that count', async (t) => {
  const credentials = await pullCredentials('example.test', Date.now());
  const guard = await world(t, {
    credentials,
    limits: { retireTimeout: 50 },
    site: (directory) => {
      writeFileSync(join(directory, 'lists.crl'), listsOf(credentials));
      return { crl: join(directory, 'lists.crl') };
    },
  });
  const lists = join(guard.directory, 'lists.crl');
  const inside = await guard.enter();
  assert.equal((await inside.get())?.status, 200);
  assert.equal(await guard.comes(credentials.next), 200);
  writeFileSync(lists, listsOf(credentials, { revoked: [credentials.right] }));
  await until('who is revoked is cut off', () => inside.ended);
  assert.equal(await guard.comes(), null);
  assert.equal(await guard.comes(credentials.next), 200);
  writeFileSync(lists, listsOf(credentials, { revokedIntermediate: true }));
  await until('nobody below a revoked intermediate', async () => (await guard.comes(credentials.next)) === null);
  writeFileSync(lists, listsOf(credentials));
  await until('all are back', async () => (await guard.comes()) === 200);
  for (const without of ['root', 'intermediate'] as const) {
    writeFileSync(lists, listsOf(credentials, { without }));
    await until(`nobody without the list of the ${without}`, async () => (await guard.comes()) === null);
  }
  writeFileSync(lists, listsOf(credentials));
  await until('all are back', async () => (await guard.comes()) === 200);
  rmSync(lists);
  await until('it is said', () => guard.said('guard_policy_refused').some(({ field }) => field === 'crl'));
  assert.equal(await guard.comes(), 200, 'the last good state stays in force');
  guard.turn(2 * DAY);
  assert.equal(await guard.comes(), null, 'a list past its end vouches for nobody');
  await until('it is said', () => guard.said('guard_refused').some(({ because }) => because === 'standing_unknown'));
});

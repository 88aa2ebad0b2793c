import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { instant } from '../../src/domain/ids.ts';
import { bundleSha256 } from '../../src/pki/bundle.ts';
import { writeDetached } from '../../src/pki/cms.ts';
import { writePem } from '../../src/pki/pem.ts';
import { issueBundleSigner } from '../../src/pki/zone-authority.ts';
import { manifestText, manifestTime } from '../../src/wire/bundle-manifest.ts';
import { must } from '../edge/world.ts';
import { zoneId } from '../../src/domain/ids.ts';
import { until } from '../scenarios/until.ts';
import { foldedValues, startEcho } from '../support/echo-application.ts';
import { knock } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { Asking } from './asking.ts';
import { dialGuard, startGuardWorld } from './world.ts';

/** Break glass: a signed manifest opens the lock of a hostname for a while, and nothing else does. */

const NAME = 'www.example.test';
const OTHER = 'api.example.test';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Said {
  readonly by?: PullCredentials;
  /** `null`: nothing is open. */
  readonly hostname?: string | null;
  readonly version?: number;
  /** Milliseconds from now. */
  readonly until?: number;
  readonly expires?: number;
  readonly issued?: number;
  readonly sha256?: string;
}

async function signedManifest(credentials: PullCredentials, said: Said = {}) {
  const now = Date.now() + (said.issued ?? 0);
  const by = (said.by ?? credentials).authority;
  const zone = must(zoneId('a'.repeat(32)));
  const signer = await issueBundleSigner(by.root, { installation: 'origins.test', zone, now: instant(now) });
  const text = manifestText({
    format: 'postern-bundle',
    zone,
    zone_name: 'example.test',
    version: said.version ?? 1,
    sha256: said.sha256 ?? bundleSha256(credentials.bundle),
    issued_on: manifestTime(instant(now)),
    expires_on: manifestTime(instant(now + (said.expires ?? 30 * DAY))),
    certificates: [],
    openings:
      said.hostname === null
        ? []
        : [{ hostname: said.hostname ?? NAME, until: manifestTime(instant(Date.now() + (said.until ?? HOUR))) }],
  });
  return { text, signature: writePem('CMS', writeDetached(Buffer.from(text), signer)) };
}

async function world(t: TestContext, hostnames: readonly string[] = [NAME, OTHER]) {
  const credentials = await pullCredentials('example.test', Date.now());
  const application = await startEcho();
  t.after(() => application[Symbol.asyncDispose]());
  const guard = await startGuardWorld(t, {
    hostnames,
    upstream: `http://127.0.0.1:${application.port}`,
    credentials,
    limits: { retireTimeout: 50 },
    site: (directory) => ({ manifest: join(directory, 'bundle.json') }),
  });
  const place = join(guard.directory, 'bundle.json');
  const comes = async (sni = NAME, host = sni) => {
    const outcome = await knock({ port: guard.port, sni, host });
    return outcome.kind === 'answered' ? outcome.status : null;
  };
  const said = (msg: string) => guard.lines.filter((line) => line.msg === msg);
  const put = ({ text, signature }: { readonly text: string; readonly signature: string }) => {
    writeFileSync(place, text);
    writeFileSync(`${place}.sig`, signature);
  };
  return { ...guard, credentials, application, place, comes, said, put };
}

test('a signed opening lets everybody in under its name, says who is unverified, and shuts by itself', async (t) => {
  const guard = await world(t);
  assert.equal(await guard.comes(), null);
  guard.put(await signedManifest(guard.credentials));
  await until('the lock is open', async () => (await guard.comes()) === 200);
  assert.deepEqual(foldedValues(guard.application.seen.at(-1) ?? assert.fail(), 'X-Postern-Verified'), ['NONE']);
  assert.equal(guard.said('guard_lock_opened')[0]?.['host'], NAME);
  assert.equal(await guard.comes(OTHER), null, 'another name of the site stays locked');
  assert.equal(await guard.comes(NAME, OTHER), 421);
  const right = await knock({ port: guard.port, sni: NAME, credential: guard.credentials.right });
  assert.equal(right.kind === 'answered' && right.status, 200);
  assert.deepEqual(foldedValues(guard.application.seen.at(-1) ?? assert.fail(), 'X-Postern-Verified'), ['SUCCESS']);
  const inside = new Asking(await dialGuard(guard.port, NAME, null), NAME);
  assert.equal((await inside.get())?.status, 200);
  // Nobody reads a file: the clock alone shuts it.
  guard.turn(HOUR + 1_000);
  assert.equal(await guard.comes(), null);
  await until('who came in without is cut off', () => inside.ended);
  await until('it is said', () => guard.said('guard_lock_shut').some(({ host }) => host === NAME));
});

test('nothing else opens a lock', async (t) => {
  const guard = await world(t);
  const stranger = await pullCredentials('example.test', Date.now());
  const good = await signedManifest(guard.credentials);
  const faults: readonly (readonly [string, { readonly text: string; readonly signature: string }])[] = [
    ['nobody whom', await signedManifest(guard.credentials, { by: stranger })],
    ['not of this text', { ...good, text: good.text.replace(NAME, OTHER) }],
    ['cannot be read', { ...good, signature: '' }],
    ['cannot be read', { text: '{}', signature: good.signature }],
    ['has expired', await signedManifest(guard.credentials, { issued: -2 * DAY, expires: DAY })],
    ['not the one that was signed', await signedManifest(guard.credentials, { sha256: '0'.repeat(64) })],
  ];
  for (const [why, manifest] of faults) {
    const before = guard.said('guard_manifest_refused').length;
    guard.put(manifest);
    guard.guard.reload();
    await until(why, () => guard.said('guard_manifest_refused').length > before || before > 0);
    assert.match(String(guard.said('guard_manifest_refused').at(-1)?.['because']).toLowerCase(), new RegExp(why));
    assert.equal(await guard.comes(), null, why);
    assert.equal(await guard.comes(OTHER), null, why);
  }
  // No lock stays open for more than a day without somebody saying so again.
  guard.put(await signedManifest(guard.credentials, { until: 25 * HOUR }));
  guard.guard.reload();
  assert.equal(await guard.comes(), null);
  // An opening that is over, and one of a name that is not served here.
  guard.put(await signedManifest(guard.credentials, { until: -1_000 }));
  guard.guard.reload();
  assert.equal(await guard.comes(), null);
  guard.put(await signedManifest(guard.credentials, { hostname: 'else.example.test' }));
  guard.guard.reload();
  assert.equal(await guard.comes(), null);
  guard.put(good);
  guard.guard.reload();
  assert.equal(await guard.comes(), 200);
  rmSync(guard.place);
  guard.guard.reload();
  assert.equal(await guard.comes(), null, 'without a manifest nothing is open');
});

test('an opening of a wildcard opens the names below it that have no place of their own', async (t) => {
  const guard = await world(t, ['*.example.test', NAME, '*.deep.example.test']);
  guard.put(await signedManifest(guard.credentials, { hostname: '*.example.test' }));
  await until('the lock is open', async () => (await guard.comes(OTHER)) === 200);
  assert.equal(await guard.comes(NAME), null);
  assert.equal(await guard.comes('one.deep.example.test'), null);
  guard.put(await signedManifest(guard.credentials, { hostname: '*.deep.example.test' }));
  await until('the other one is open', async () => (await guard.comes('one.deep.example.test')) === 200);
  assert.equal(await guard.comes(OTHER), null);
});

test('a lock that was shut before its time is not opened by what was signed before', async (t) => {
  const guard = await world(t);
  const [opening, shut] = [
    await signedManifest(guard.credentials),
    await signedManifest(guard.credentials, { hostname: null, version: 2 }),
  ];
  const comesWith = async (manifest: typeof opening) => {
    guard.put(manifest);
    guard.guard.reload();
    return guard.comes();
  };
  assert.equal(await comesWith(opening), 200);
  assert.equal(await comesWith(shut), null);
  assert.equal(await comesWith(opening), null);
  assert.match(String(guard.said('guard_manifest_refused').at(-1)?.['because']), /older/);
  assert.equal(await comesWith(await signedManifest(guard.credentials, { version: 3 })), 200);
});

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Instant, instant } from '../../domain/ids.ts';
import { Secret } from '../../pki/secret.ts';
import { ACTOR, DAY, dataPath, NOW, newZone, openPlane, sure } from '../control-plane.fixture.ts';
import type { ControlPlane } from '../plane.ts';

/** What people are told of ceremonies that come, and of what was signed and nears its end. */

const PASSPHRASE = new Secret('correct horse battery staple');

async function world(t: TestContext) {
  const dir = dataPath(t);
  let now: Instant = NOW;
  const logged: string[] = [];
  const log = (event: string) => void logged.push(event);
  const open = () => openPlane(t, dir, { clock: () => now, log });
  const turn = (to: number) => {
    now = instant(to);
  };
  const plane = await open();
  const { id } = await newZone(plane);
  return { dir, open, plane, zone: id, turn, logged };
}

async function away(
  plane: ControlPlane,
  zone: Parameters<ControlPlane['zones']['get']>[0],
  until: number,
  signer = true,
) {
  const sealed = await plane.exportRootKey(zone, PASSPHRASE, ACTOR);
  assert.ok(sealed.kind === 'sealed_root');
  const { encrypted } = sealed;
  const wish = { encrypted, passphrase: PASSPHRASE, until: instant(until), standby: false, signer };
  assert.equal((await plane.forgetRootKey(zone, wish, ACTOR)).kind, 'committed');
  return { encrypted, passphrase: PASSPHRASE };
}

async function told(plane: ControlPlane, code: string) {
  const query = { zones: 'all', accounts: 'all', severities: ['info', 'warning', 'critical'] } as const;
  const found = await plane.notices({ ...query, code, since: null, olderThan: null, limit: 100 });
  return found.map(({ notice }) => notice);
}

test('the list of a root whose key is away is told of 30, 14, 7 and 1 days before its end and after it, until it is signed anew', async (t) => {
  const { open, plane, zone, turn, logged } = await world(t);
  const until = NOW + 365 * DAY;
  const sealed = await away(plane, zone, until);
  await plane.close();
  let running = plane;
  for (const [index, left] of [100, 30, 20, 14, 7, 1, 0, -3].entries()) {
    turn(until - left * DAY);
    running = await open();
    const count = [0, 1, 1, 2, 3, 4, 5, 5][index];
    assert.equal((await told(running, 'root_list_ending')).length, count, `${left} days before`);
    if (left > -3) await running.close();
  }
  assert.equal(logged.filter((event) => event === 'root_list_ending').length, 5, 'no line twice');
  const [last] = await told(running, 'root_list_ending');
  const { root } = sure(running.zones.get(zone)).authority;
  assert.deepEqual(
    [last?.about.fingerprint, last?.about.endsAt, last?.severity],
    [root.fingerprint, until, 'critical'],
  );
  assert.match(last?.detail ?? '', /^the revocation list of O=Postern.* ended on /);

  // The next ceremony mends it: it is told of again when the next list nears its end.
  assert.equal((await running.restoreRootKey(zone, sealed, ACTOR)).kind, 'committed');
  await away(running, zone, until + 365 * DAY);
  for (const [left, count] of [
    [100, 5],
    [30, 6],
  ] as const) {
    await running.close();
    turn(until + 365 * DAY - left * DAY);
    running = await open();
    assert.equal((await told(running, 'root_list_ending')).length, count);
  }
});

test('what only the root can renew is told of when its time comes, and nothing else says the same', async (t) => {
  const { open, plane, zone, turn } = await world(t);
  await away(plane, zone, NOW + 20 * 365 * DAY);
  const { intermediate } = sure(plane.zones.get(zone)).authority;
  await plane.close();
  let running = plane;
  for (const [left, count] of [
    [365 * 2, 0],
    [365, 1],
    [40, 1],
    [29, 2],
  ] as const) {
    turn(intermediate.notAfter - left * DAY);
    running = await open();
    assert.equal((await told(running, 'authority_ending')).length, count, `${left} days before`);
    const others = await told(running, 'managed_ending');
    assert.ok(others.every(({ about }) => about.fingerprint !== intermediate.fingerprint));
    await running.close();
  }
});

test('that the signature of a bundle ends is told where nobody can sign another, and not where it only was not asked for', async (t) => {
  const { open, plane, zone, turn } = await world(t);
  const other = (await newZone(plane, 'other.test')).id;
  for (const id of [zone, other]) assert.ok('text' in (await plane.bundleManifest(sure(plane.zones.get(id)))));
  await away(plane, zone, NOW + 365 * DAY, false);
  await plane.close();
  for (const [day, count] of [
    [20, 0],
    [24, 1],
    [29.5, 2],
    [31, 3],
  ] as const) {
    turn(NOW + day * DAY);
    const running = await open();
    const said = await told(running, 'bundle_manifest_ending');
    assert.equal(said.length, count, `after ${day} days`);
    assert.ok(said.every((notice) => notice.zone?.id === zone));
    await running.close();
  }
});

test('a list that cannot be signed anew though its key should be here is told of on its last day', async (t) => {
  const { dir, open, plane, zone, turn, logged } = await world(t);
  assert.ok('lists' in (await plane.revocationLists(sure(plane.zones.get(zone)))));
  await plane.close();
  const database = new DatabaseSync(join(dir, 'postern.db'));
  database.exec("UPDATE secrets SET sealed = 'v1.' || hex(randomblob(60)) WHERE purpose = 'zone_intermediate'");
  database.close();
  for (const [day, count] of [
    [4, 0],
    [6.5, 1],
    [8, 2],
  ] as const) {
    turn(NOW + day * DAY);
    const running = await open();
    const said = await told(running, 'revocation_list_ending');
    assert.equal(said.length, count, `after ${day} days`);
    await running.close();
  }
  assert.ok(logged.includes('revocation_list_failed'));
});

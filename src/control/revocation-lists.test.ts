import 'reflect-metadata';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import * as peculiar from '@peculiar/x509';
import { type Instant, instant } from '../domain/ids.ts';
import type { RevocationTarget } from '../domain/revocation.ts';
import type { Zone } from '../domain/zone.ts';
import { zoneCas } from '../domain/zone-cas.ts';
import { ACTOR, DAY, dataPath, NOW, newZone, openPlane, sure } from './control-plane.fixture.ts';
import type { ControlPlane } from './plane.ts';
import type { PublishedLists } from './revocation-lists.ts';

async function listsOf(plane: ControlPlane, zone: Zone | null): Promise<PublishedLists> {
  const found = await plane.revocationLists(zone === null ? null : sure(plane.zones.get(zone.id)));
  if ('code' in found) assert.fail(`${found.code} ${found.detail}`);
  return found;
}

async function revoke(plane: ControlPlane, zone: Zone, target: RevocationTarget, force = true): Promise<Zone> {
  const command = { kind: 'revoke_certificate', target, reason: 'keyCompromise', force } as const;
  const outcome = await plane.commit({ zone: zone.id, command, actor: ACTOR });
  if (outcome.kind === 'problem') assert.fail(`${outcome.code} ${outcome.detail}`);
  return outcome.zone;
}

/** A control plane that can be ended and started again, over one directory and with a clock that is turned. */
function restarting(t: TestContext) {
  const dir = dataPath(t);
  const logged: string[] = [];
  const world = { now: NOW };
  const log = (event: string, fields: object) => void logged.push(`${event} ${JSON.stringify(fields)}`);
  const start = () => openPlane(t, dir, { clock: () => world.now, log });
  return { dir, logged, world, start };
}

function identityOf(zone: Zone) {
  return sure(
    [...zone.certificates.values()].find(({ source, wish }) => source === 'managed' && wish.kind === 'deploy'),
  );
}

/** What openssl says of the zone's first identity, at that moment, checking every list of the path. */
function verified(t: TestContext, zone: Zone, leaf: string, { pem }: PublishedLists, at: Instant) {
  const directory = mkdtempSync(join(tmpdir(), 'postern-lists-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const [root, below] = zoneCas(zone);
  const files = { root: sure(root).certificate.pem, below: sure(below).certificate.pem, leaf, lists: pem };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const how = ['-crl_check_all', '-purpose', 'sslclient', '-x509_strict', '-attime', String(Math.floor(at / 1000))];
  const which = ['-CAfile', 'root', '-untrusted', 'below', '-CRLfile', 'lists', 'leaf'];
  const { status, stderr } = spawnSync('openssl', ['verify', ...how, ...which], { cwd: directory, encoding: 'utf8' });
  return { status, stderr };
}

function serialsOn({ lists }: PublishedLists, index = 1): readonly string[] {
  return new peculiar.X509Crl(sure(lists[index]).der).entries.map(({ serialNumber }) => serialNumber);
}

test('a zone that revoked nothing has valid lists, of its root and of its intermediate', async (t) => {
  const plane = await openPlane(t, dataPath(t));
  const zone = await newZone(plane);
  const published = await listsOf(plane, zone);
  assert.equal(published.pem.match(/BEGIN X509 CRL/g)?.length, 2);
  assert.deepEqual([serialsOn(published, 0), serialsOn(published)], [[], []]);
  assert.deepEqual(verified(t, zone, identityOf(zone).leaf.pem, published, NOW).status, 0);
  const shared = await listsOf(plane, null);
  assert.deepEqual(
    shared.lists.map(({ issuer }) => issuer),
    [plane.installation.shared.root.fingerprint, plane.installation.shared.intermediate.fingerprint],
  );
});

test('openssl refuses what was revoked, and takes what followed it', async (t) => {
  const { world, start } = restarting(t);
  const first = await start();
  const zone = await newZone(first);
  const ended = identityOf(zone);
  const before = await listsOf(first, zone);
  await revoke(first, zone, { kind: 'certificate', id: ended.id });
  await first.close();
  // Another identity follows in the next round, which is also one of the start.
  const plane = await start();
  const now = sure(plane.zones.get(zone.id));
  const present = identityOf(now);
  assert.notEqual(present.id, ended.id);
  const after = await listsOf(plane, now);
  assert.deepEqual(serialsOn(after), [ended.leaf.serial]);
  const refused = verified(t, zone, ended.leaf.pem, after, world.now);
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /certificate revoked/);
  assert.equal(verified(t, zone, present.leaf.pem, after, world.now).status, 0);
  assert.equal(verified(t, zone, ended.leaf.pem, before, world.now).status, 0);
});

test('a list is signed once, whoever asks and however often, also after a restart', async (t) => {
  const { start } = restarting(t);
  const first = await start();
  const zone = await newZone(first);
  const asked = await Promise.all([1, 2, 3].map(() => listsOf(first, zone)));
  for (const { lists } of asked) assert.deepEqual(lists, asked[0]?.lists);
  assert.equal((await listsOf(first, zone)).pem, asked[0]?.pem);
  await first.close();
  const plane = await start();
  const again = await listsOf(plane, zone);
  // An ECDSA signature is another each time: the same text was not signed anew.
  assert.equal(again.pem, asked[0]?.pem);
});

test('only the list of the CA concerned follows a revocation, with a number of its own', async (t) => {
  const plane = await openPlane(t, dataPath(t));
  const zone = await newZone(plane);
  const before = await listsOf(plane, zone);
  await revoke(plane, zone, { kind: 'serial', serial: 'abc123' });
  const after = await listsOf(plane, zone);
  assert.equal(after.lists[0], before.lists[0]);
  assert.deepEqual(serialsOn(after), ['abc123']);
  assert.ok(sure(after.lists[1]).number > sure(before.lists[1]).number);
  assert.notEqual(after.sha256, before.sha256);
});

test('half of its time makes a list due, and what is served is never past its end', async (t) => {
  const { world, start } = restarting(t);
  const plane = await start();
  const zone = await newZone(plane);
  const first = await listsOf(plane, zone);
  world.now = instant(NOW + 3 * DAY);
  assert.equal((await listsOf(plane, zone)).pem, first.pem);
  world.now = instant(NOW + 4 * DAY);
  const second = await listsOf(plane, zone);
  for (const [index, { number, thisUpdate, nextUpdate }] of second.lists.entries()) {
    assert.ok(number > sure(first.lists[index]).number);
    assert.ok(thisUpdate < world.now && nextUpdate === world.now + 7 * DAY);
  }
});

test('a start signs anew what is due, before anybody asks', async (t) => {
  const { dir, world, start } = restarting(t);
  const first = await start();
  const zone = await newZone(first);
  const before = await listsOf(first, zone);
  await first.close();
  world.now = instant(NOW + 30 * DAY);
  await (await start()).close();
  const store = new DatabaseSync(join(dir, 'postern.db'));
  const rows = store.prepare('SELECT number, this_update FROM revocation_lists WHERE zone = ?').all(zone.id);
  store.close();
  assert.equal(rows.length, 2);
  for (const { number, this_update: at } of rows) {
    assert.ok(Number(number) > sure(before.lists[1]).number && Number(at) > NOW + 29 * DAY);
  }
});

test('a clock that is set back lowers no number, and its lists count at once', async (t) => {
  const { world, start } = restarting(t);
  const plane = await start();
  const zone = await newZone(plane);
  const before = await listsOf(plane, zone);
  world.now = instant(NOW - 10 * DAY);
  const after = await listsOf(plane, zone);
  for (const [index, { number, thisUpdate }] of after.lists.entries()) {
    assert.ok(number > sure(before.lists[index]).number);
    assert.ok(thisUpdate <= world.now);
  }
});

test('a list that an older store knows nothing of has a lower number than the next one', async (t) => {
  const { dir, world, start } = restarting(t);
  const first = await start();
  const zone = await newZone(first);
  for (const serial of ['1', '2', '3']) {
    await revoke(first, zone, { kind: 'serial', serial });
    await listsOf(first, zone);
  }
  const newest = sure((await listsOf(first, zone)).lists[1]);
  await first.close();
  // What restoring a backup from before the first list does.
  const store = new DatabaseSync(join(dir, 'postern.db'));
  store.exec('DELETE FROM revocation_lists');
  store.close();
  world.now = instant(NOW + 60_000);
  const plane = await start();
  assert.ok(sure((await listsOf(plane, zone)).lists[1]).number > newest.number);
});

test('with a lost key the present list serves while it says everything and counts; then that is said', async (t) => {
  const { dir, logged, world, start } = restarting(t);
  const first = await start();
  const zone = await newZone(first);
  const other = await newZone(first, 'other.test');
  const before = await listsOf(first, zone);
  await first.close();
  const store = new DatabaseSync(join(dir, 'postern.db'));
  store.prepare("DELETE FROM secrets WHERE purpose = 'zone_intermediate' AND id = ?").run(zone.id);
  store.close();
  world.now = instant(NOW + 5 * DAY);
  const plane = await start();
  const still = await listsOf(plane, zone);
  assert.deepEqual(still.lists[1], before.lists[1]);
  assert.ok(logged.some((line) => line.startsWith('revocation_list_failed') && line.includes(zone.id)));
  await revoke(plane, zone, { kind: 'serial', serial: 'abc' });
  const lost = await plane.revocationLists(sure(plane.zones.get(zone.id)));
  assert.deepEqual('code' in lost && lost.code, 'list_unavailable');
  // Neither the root's list nor another zone is touched by it.
  const root = await plane.revocationList(zone, zone.authority.root.fingerprint);
  assert.ok(root !== null && 'der' in root);
  assert.equal((await listsOf(plane, other)).lists.length, 2);
});

test('what has ended leaves the list, but not before a list after its end has held it', async (t) => {
  const { world, start } = restarting(t);
  const first = await start();
  const zone = await newZone(first);
  const ended = identityOf(zone);
  await revoke(first, zone, { kind: 'certificate', id: ended.id });
  await listsOf(first, zone);
  await first.close();
  const held = async (now: number) => {
    world.now = instant(now);
    const plane = await start();
    const serials = serialsOn(await listsOf(plane, zone));
    const kept = sure(plane.zones.get(zone.id)).revocations.size;
    await plane.close();
    return { serials, kept };
  };
  const before = await held(ended.leaf.notAfter - 1000);
  assert.deepEqual(before, { serials: [ended.leaf.serial], kept: 1 });
  // A list that was signed before its end still counts, so this round changes nothing.
  assert.deepEqual(await held(ended.leaf.notAfter + 3600_000), before);
  // This one signs the list beyond the end; only then is the entry let go of, and the next list lacks it.
  assert.deepEqual(await held(ended.leaf.notAfter + 5 * DAY), { serials: [], kept: 0 });
});

test('new certificates name list and responder where the operator said how they are reached, and else nothing', async (t) => {
  const quiet = await openPlane(t, dataPath(t));
  const silent = identityOf(await newZone(quiet)).leaf;
  assert.equal(new peculiar.X509Certificate(silent.pem).getExtension('2.5.29.31'), null);
  assert.equal(new peculiar.X509Certificate(silent.pem).getExtension('1.3.6.1.5.5.7.1.1'), null);
  const plane = await openPlane(t, dataPath(t), { publicUrl: 'http://lists.example.test:8401' });
  const zone = await newZone(plane);
  const { leaf, chain } = identityOf(zone);
  const text = spawnSync('openssl', ['x509', '-noout', '-text'], { input: leaf.pem, encoding: 'utf8' }).stdout;
  const at = `http://lists.example.test:8401/ssl/static/zones/${zone.id}/crl/${sure(chain[0]).fingerprint}.crl`;
  assert.ok(
    text.includes(`CRL Distribution Points: \n                Full Name:\n                  URI:${at}\n`),
    text,
  );
  assert.ok(text.includes(`OCSP - URI:http://lists.example.test:8401/ocsp/zones/${zone.id}\n`), text);
  assert.equal(verified(t, zone, leaf.pem, await listsOf(plane, zone), NOW).status, 0);
});

test('a deleted zone takes its revocations and its lists along', async (t) => {
  const { dir, start } = restarting(t);
  const plane = await start();
  const zone = await newZone(plane);
  await revoke(plane, zone, { kind: 'serial', serial: 'abc' });
  await listsOf(plane, zone);
  await plane.commit({ zone: zone.id, command: { kind: 'delete_zone' }, actor: ACTOR });
  const gone = await plane.revocationLists(zone);
  await plane.close();
  assert.deepEqual('code' in gone && gone.code, 'zone_not_found');
  const store = new DatabaseSync(join(dir, 'postern.db'));
  t.after(() => store.close());
  for (const table of ['revocations', 'revocation_lists']) {
    assert.deepEqual({ ...store.prepare(`SELECT count(*) AS count FROM ${table}`).get() }, { count: 0 }, table);
  }
});

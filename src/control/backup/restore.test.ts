import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Zone } from '../../domain/zone.ts';
import { instant } from '../../domain/ids.ts';
import { Secret } from '../../pki/secret.ts';
import { BEFORE_SEVERAL_ACCOUNTS, DAY, NOW, openPlane } from '../control-plane.fixture.ts';
import { defaultKekPath, loadKek } from '../kek.ts';
import type { ControlPlane } from '../plane.ts';
import { StartError } from '../start-error.ts';
import { tokenHash } from '../tokens.ts';
import { openVault } from '../vault.ts';
import { backupOf, fill, inHand, listing, REQUEST, watchedPlane } from './backup.fixture.ts';
import { BackupFault } from './backup-fault.ts';
import { backupSealing } from './backup-key.ts';
import { headerLine } from './header.ts';
import { restoreBackup, verifyBackup } from './restore.ts';
import { sealPieces } from './sealed-pieces.ts';

/** An installation that has ended, a backup of it, and places beside. */
async function backedUp(t: TestContext, records = 0) {
  const { dir, plane } = await watchedPlane(t);
  const zone = await fill(plane, records);
  await listsOf(plane, zone);
  const bytes = await backupOf(plane);
  const beside = (name: string) => join(dirname(dir), name);
  return { dir, plane, zone, bytes, beside, kek: defaultKekPath(dir), to: beside('restored') };
}

/** The revocation lists of a zone in PEM. */
async function listsOf(plane: ControlPlane, zone: Zone): Promise<string> {
  const found = await plane.revocationLists(zone);
  return 'pem' in found ? found.pem : assert.fail(found.code);
}

/** Restores, and has to be refused like that, with nothing in the place. */
async function refused(bytes: Buffer, { kek, to }: { kek: string; to: string }, code: string, what: string) {
  await assert.rejects(restoreBackup(inHand(bytes, kek), { dir: to, newToken: true }), (error) => {
    assert.ok(error instanceof BackupFault, `${what}: ${String(error)}`);
    assert.equal(error.code, code, what);
    return true;
  });
  assert.equal(listing(to), null, what);
}

test('what is restored elsewhere, with the key in another place, is what there was', async (t) => {
  const { dir, plane, zone, bytes, beside, kek, to } = await backedUp(t, 2);
  const other = beside('other.kek');
  copyFileSync(kek, other);
  const lists = await listsOf(plane, zone);
  await plane.close();
  rmSync(dir, { recursive: true });
  rmSync(kek);
  const { header, contents } = await restoreBackup(inHand(bytes, other), { dir: to, newToken: false });
  assert.deepEqual(
    { installation: header.installation, version: header.program_version, revision: header.revision },
    { installation: plane.installation.host, version: REQUEST.version, revision: plane.revision() },
  );
  assert.deepEqual(contents, { accounts: 1, zones: 1, records: 2, certificates: 2, private_keys: 10, tokens: 1 });
  assert.deepEqual(listing(to), ['lock', 'postern.db']);
  assert.deepEqual([statSync(to).mode & 0o777, statSync(join(to, 'postern.db')).mode & 0o777], [0o700, 0o600]);
  const restored = await openPlane(t, to, { kek: other });
  assert.deepEqual([...restored.zones.all()], [zone]);
  assert.deepEqual(restored.installation, plane.installation);
  assert.equal(await listsOf(restored, zone), lists, 'signed before the backup was taken');
  for (const { id } of zone.certificates.values()) assert.ok(restored.holdsKey(id));
  const query = { actor: null, action: 'restore_backup', since: null, before: null, olderThan: null, limit: 5 };
  const [entry] = await restored.audit({ ...query, zones: 'all', accounts: 'all' });
  assert.deepEqual(entry?.after, { taken_at: header.taken_at, revision: header.revision, new_token: null });
});

test('a backup that was altered or cut off anywhere is refused, and nothing is left', async (t) => {
  const place = await backedUp(t, 2);
  const { bytes } = place;
  const line = bytes.indexOf('\n');
  const piece = 64 * 1024 + 16;
  const altered = (at: number, bits = 1) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(at) ^ bits, at);
    return copy;
  };
  for (const at of [line + 1, line + 500, line + piece - 1, line + piece + 1, bytes.length - 17, bytes.length - 1]) {
    await refused(altered(at), place, 'damaged', `byte ${at}`);
  }
  for (const length of [line + 1, line + 2, line + piece, line + piece + 1, bytes.length - 16, bytes.length - 1]) {
    await refused(bytes.subarray(0, length), place, 'damaged', `cut off after ${length}`);
  }
  await refused(Buffer.concat([bytes, Buffer.alloc(1)]), place, 'damaged', 'a byte more');
  for (const length of [0, 1, line]) await refused(bytes.subarray(0, length), place, 'not_a_backup', `${length} bytes`);
  await refused(Buffer.alloc(10_000, 'x'), place, 'not_a_backup', 'something else');
});

test('a first line in which one byte was altered is refused, whichever', async (t) => {
  const { bytes, kek, to } = await backedUp(t);
  const line = bytes.indexOf('\n');
  for (let at = 0; at <= line; at += 1) {
    const copy = Buffer.from(bytes);
    // A digit becomes another digit, and a letter another letter: much of it still looks right.
    copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
    await assert.rejects(
      restoreBackup(inHand(copy, kek), { dir: to, newToken: false }),
      (error) => error instanceof BackupFault || (error instanceof StartError && /opens with key/.test(error.message)),
      `byte ${at}`,
    );
    assert.equal(listing(to), null, `byte ${at}`);
  }
});

test('without its key, or with another, a backup says which key opens it', async (t) => {
  const { bytes, kek, beside, to } = await backedUp(t);
  const { id } = loadKek(kek, null);
  const another = beside('another.kek');
  const { id: wrong } = loadKek(another, null);
  for (const [from, message] of [
    [another, new RegExp(`The backup opens with key ${id}, the file .* holds key ${wrong}`)],
    [beside('missing.kek'), new RegExp(`key-encryption key ${id} cannot be read .* it is missing`)],
    ['env:POSTERN_TEST_NO_KEK', new RegExp(`key-encryption key ${id} cannot be read .* it is not set`)],
  ] as const) {
    await assert.rejects(restoreBackup(inHand(bytes, from), { dir: to, newToken: false }), (error) => {
      assert.ok(error instanceof StartError && error.exitCode === 3);
      assert.match(error.message, message);
      return true;
    });
    assert.equal(listing(to), null);
  }
  assert.ok(!existsSync(beside('missing.kek')), 'a key was made');
});

test('where there is a store nothing is overwritten, also where somebody is about to start', async (t) => {
  const { dir, bytes, kek, to } = await backedUp(t);
  const running = listing(dir);
  const occupied = async (path: string, newToken = false) => {
    const before = listing(path);
    await assert.rejects(restoreBackup(inHand(bytes, kek), { dir: path, newToken }), /holds already/);
    assert.deepEqual(listing(path), before);
  };
  await occupied(dir);
  assert.deepEqual(listing(dir), running);
  mkdirSync(to);
  for (const name of ['postern.db', 'postern.db-wal']) {
    writeFileSync(join(to, name), '');
    await occupied(to);
    rmSync(join(to, name));
  }
  writeFileSync(join(to, 'bootstrap-token'), 'mine');
  await occupied(to, true);
  await restoreBackup(inHand(bytes, kek), { dir: to, newToken: false });
  assert.ok(listing(to)?.includes('bootstrap-token'), 'what was there stays');
});

test('a token that is asked for is in its file, works, and is in the log', async (t) => {
  const { dir, plane, bytes, kek, to } = await backedUp(t);
  const old = readFileSync(join(dir, 'bootstrap-token'), 'utf8').trim();
  await plane.close();
  await restoreBackup(inHand(bytes, kek), { dir: to, newToken: true });
  assert.equal(statSync(join(to, 'bootstrap-token')).mode & 0o777, 0o600);
  const text = readFileSync(join(to, 'bootstrap-token'), 'utf8').trim();
  const restored = await openPlane(t, to, { kek });
  const token = restored.tokenByHash(tokenHash(text));
  assert.deepEqual([token?.permissions, token?.bootstrap], [['*'], true]);
  assert.ok(restored.tokenByHash(tokenHash(old)), 'those from before count as well');
  const query = { actor: null, action: 'restore_backup', since: null, before: null, olderThan: null, limit: 5 };
  const [entry] = await restored.audit({ ...query, zones: 'all', accounts: 'all' });
  assert.equal(entry?.after['new_token'], token?.id);
});

test('to verify does all of it, and leaves nothing', async (t) => {
  const { dir, bytes, kek, beside } = await backedUp(t, 2);
  const before = [listing(dirname(dir)), listing(dir)];
  const { contents } = await verifyBackup(inHand(bytes, kek), beside('look-'));
  assert.equal(contents.records, 2);
  const cut = bytes.subarray(0, bytes.length - 1);
  await assert.rejects(verifyBackup(inHand(cut, kek), beside('look-')), /was altered, damaged or cut off/);
  assert.deepEqual([listing(dirname(dir)), listing(dir)], before);
});

test('who calls it off leaves nothing', async (t) => {
  const { bytes, kek, to } = await backedUp(t, 2);
  const calling = new AbortController();
  async function* half() {
    yield bytes.subarray(0, 200_000);
    calling.abort();
    yield bytes.subarray(200_000);
  }
  const called = { ...inHand(bytes, kek), source: half(), signal: calling.signal };
  await assert.rejects(restoreBackup(called, { dir: to, newToken: false }), { name: 'AbortError' });
  assert.equal(listing(to), null);
});

/** A backup that is put together by hand, of whatever stands in place of the packed store. */
async function packed(packedStore: Buffer, kek: string, schemaVersion: number): Promise<Buffer> {
  const vault = openVault(loadKek(kek, null));
  const facts = {
    installation: 'by.hand',
    taken_at: '2031-01-31T12:00:00.000Z',
    revision: 1,
    schema_version: schemaVersion,
    program_version: '0',
    kek_id: vault.kekId,
    salt: randomBytes(32).toString('base64url'),
  };
  const line = headerLine(facts);
  const body = await buffer(sealPieces(Readable.from([packedStore]), backupSealing(vault, facts, line)));
  return Buffer.concat([line, body]);
}

/** A backup of a store that was bent behind the program's back. */
async function bentBackup(t: TestContext, bend: (store: DatabaseSync, path: string) => void) {
  const { dir, plane } = await watchedPlane(t);
  await fill(plane);
  await plane.close();
  const path = join(dir, 'postern.db');
  const store = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  bend(store, path);
  const schema = Number(store.prepare("SELECT value FROM meta WHERE name = 'schema_version'").get()?.['value']);
  store.close();
  const kek = defaultKekPath(dir);
  return { bytes: await packed(gzipSync(readFileSync(path)), kek, schema), kek, to: join(dirname(dir), 'restored') };
}

const UNSOUND: Readonly<Record<string, (store: DatabaseSync, path: string) => void>> = {
  'a key that does not open': (store) =>
    store.exec("UPDATE secrets SET sealed = 'v1.' || hex(randomblob(60)) WHERE purpose = 'visitor_ca'"),
  'a key in the place of another': (store) =>
    store.exec(`UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE purpose = 'shared_root')
      WHERE purpose = 'shared_intermediate'`),
  'a key of another key-encryption key': (store) =>
    store.exec("UPDATE meta SET value = '0123456789abcdef' WHERE name = 'kek_id'"),
  'a row that belongs to nothing': (store) =>
    store.exec("INSERT INTO visitor_certificates VALUES ('nobody', '[]', '', 0, 0)"),
  'a row that means nothing': (store) => store.exec("UPDATE zones SET ssl = 'whatever'"),
  'a page that is overwritten': (store, path) => {
    const size = Number(store.prepare('PRAGMA page_size').get()?.['page_size']);
    const root = Number(
      store.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'revisions'").get()?.['rootpage'],
    );
    store.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(size / 2, 0xff), 0, size / 2, (root - 1) * size);
    closeSync(file);
  },
};

for (const [what, bend] of Object.entries(UNSOUND)) {
  test(`a store with ${what} is found when it is restored, and not put in place`, async (t) => {
    const { bytes, ...place } = await bentBackup(t, bend);
    await refused(bytes, place, 'unsound', what);
  });
}

test('what is sealed well and is no store is found', async (t) => {
  const { kek, to } = await backedUp(t);
  for (const [what, content] of [
    ['no archive', Buffer.from('x'.repeat(100_000))],
    ['half an archive', gzipSync(randomBytes(1000)).subarray(0, 500)],
    ['something else', gzipSync(Buffer.from('x'.repeat(100_000)))],
    ['nothing', gzipSync(Buffer.alloc(0))],
  ] as const) {
    await refused(await packed(content, kek, 1), { kek, to }, 'unsound', what);
  }
});

test('a store of a newer program is left to that', async (t) => {
  const { bytes, ...place } = await bentBackup(t, (store) => {
    store.exec("UPDATE meta SET value = '999' WHERE name = 'schema_version'");
  });
  await refused(bytes, place, 'newer_schema', 'schema version 999');
});

test('a store of an older program is brought up to date', async (t) => {
  const { bytes, kek, to } = await bentBackup(t, (store) => {
    store.exec(`${BEFORE_SEVERAL_ACCOUNTS}; ALTER TABLE records DROP COLUMN http2;
      UPDATE meta SET value = '8' WHERE name = 'schema_version'; DELETE FROM secrets WHERE purpose = 'origin_ca';
      DELETE FROM meta WHERE name = 'origin_ca'`);
  });
  const { header } = await restoreBackup(inHand(bytes, kek), { dir: to, newToken: false });
  assert.equal(header.schema_version, 8);
  assert.equal((await openPlane(t, to, { kek })).zones.size(), 1);
});

test('a directory in which a restore was killed is no new installation, until somebody says so', async (t) => {
  const { bytes, kek, to } = await backedUp(t);
  mkdirSync(join(to, 'restoring'), { recursive: true });
  writeFileSync(join(to, 'restoring', 'postern.db'), 'a part');
  await assert.rejects(openPlane(t, to, { kek }), (error) => {
    assert.ok(error instanceof StartError && error.fix.includes('postern restore'));
    assert.match(error.message, /did not come to its end/);
    return true;
  });
  assert.ok(!listing(to)?.includes('postern.db'));
  await restoreBackup(inHand(bytes, kek), { dir: to, newToken: false });
  // Killed after the store came into its place, and before the end.
  mkdirSync(join(to, 'restoring'));
  assert.equal((await openPlane(t, to, { kek })).zones.size(), 1);
  assert.ok(!listing(to)?.includes('restoring'));
});

test('a zone whose root’s key is away comes back as it was: the key is not in the backup, what it signed ahead is', async (t) => {
  const { dir, plane } = await watchedPlane(t);
  const { id } = await fill(plane);
  const passphrase = new Secret('correct horse battery staple');
  const sealed = await plane.exportRootKey(id, passphrase, REQUEST.actor);
  assert.ok(sealed.kind === 'sealed_root');
  const wish = {
    encrypted: sealed.encrypted,
    passphrase,
    until: instant(NOW + 100 * DAY),
    standby: true,
    signer: true,
  };
  assert.equal((await plane.forgetRootKey(id, wish, REQUEST.actor)).kind, 'committed');
  const before = plane.zones.get(id)?.authority;
  const bytes = await backupOf(plane);
  const to = join(dirname(dir), 'restored');
  await plane.close();
  await restoreBackup(inHand(bytes, defaultKekPath(dir)), { dir: to, newToken: true });

  const database = new DatabaseSync(join(to, 'postern.db'));
  const held = database.prepare("SELECT purpose FROM secrets WHERE zone = ? AND purpose LIKE 'zone_%'").all(id);
  database.close();
  assert.deepEqual(
    held.map(({ purpose }) => String(purpose)).toSorted((a, b) => a.localeCompare(b)),
    ['zone_intermediate', 'zone_signer', 'zone_standby'],
  );
  copyFileSync(defaultKekPath(dir), defaultKekPath(to));
  const again = await openPlane(t, to);
  assert.deepEqual(again.zones.get(id)?.authority, before);
  assert.equal(before?.rootKey, 'away');
  assert.equal(await again.rootListUntil(again.zones.get(id) ?? assert.fail()), wish.until);
  const restored = await again.restoreRootKey(id, { encrypted: sealed.encrypted, passphrase }, REQUEST.actor);
  assert.equal(restored.kind, 'committed');
});

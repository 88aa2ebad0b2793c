import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { instant } from '../domain/ids.ts';
import {
  ACTOR,
  DAY,
  dataPath,
  NOW,
  name,
  newZone,
  openPlane,
  record,
  recordIdOf,
  sure,
  upload,
} from './control-plane.fixture.ts';
import { StartError } from './start-error.ts';
import { tokenHash } from './tokens.ts';

const ONE_SENTENCE = /^[^\n]+$/;

function startError(pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof StartError, String(error));
    assert.match(error.message, pattern);
    assert.match(error.message, ONE_SENTENCE);
    assert.match(error.fix, ONE_SENTENCE);
    assert.equal(error.exitCode, 3);
    return true;
  };
}

test('a first start makes a private directory, a key beside it, and a token that works', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  for (const file of readdirSync(dir)) assert.equal(statSync(join(dir, file)).mode & 0o777, 0o600, file);
  assert.equal(statSync(`${dir}.kek`).mode & 0o777, 0o600);
  const bearer = readFileSync(join(dir, 'bootstrap-token'), 'utf8');
  assert.match(bearer, /^pst_[A-Za-z0-9_-]{43}\n$/);
  const token = sure(plane.tokenByHash(tokenHash(bearer.trim())));
  assert.deepEqual([token.name, token.permissions, token.revokedAt], ['bootstrap', ['*'], null]);
  assert.equal(plane.tokenByHash(tokenHash('pst_other')), null);
});

test('a directory that others could read is closed to them', async (t) => {
  const dir = dataPath(t);
  mkdirSync(dir, { mode: 0o755 });
  await openPlane(t, dir);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
});

test('a restart gives the same answers', async (t) => {
  const dir = dataPath(t);
  const first = await openPlane(t, dir);
  const zone = await newZone(first);
  const other = await newZone(first, 'sub.example.test');
  const own = await upload('hostname');
  const wide = await upload('zone');
  const ca = { id: first.newCertificateId(), certificate: sure(own.draft.chain[0]), sent: 'as sent', uploadedAt: NOW };
  const host = name('a.example.test');
  const wish = { hostname: host, certificate: own.draft.id, wish: 'present' } as const;
  const changes = [
    { command: { kind: 'create_record', id: recordIdOf(1), draft: record('a.example.test') } },
    { command: { kind: 'create_record', id: recordIdOf(2), draft: record('*.b.example.test') } },
    { command: { kind: 'update_record', id: recordIdOf(1), draft: { comment: 'one', originSent: '{}' } } },
    { command: { kind: 'add_certificate', draft: own.draft }, key: own.key },
    { command: { kind: 'add_certificate', draft: wide.draft }, key: wide.key },
    { command: { kind: 'associate', wishes: [wish] } },
    { command: { kind: 'trust_ca', ca } },
    { command: { kind: 'set', settings: { zonePull: true, ssl: 'full', alwaysUseHttps: false } } },
    { command: { kind: 'set', settings: { minTlsVersion: '1.3', compliance: 'fips_pqh' } } },
    {
      command: {
        kind: 'batch_records',
        steps: [
          { at: '/deletes/0', step: { kind: 'delete_record', id: recordIdOf(2) } },
          { at: '/posts/0', step: { kind: 'create_record', id: recordIdOf(3), draft: record('c.example.test') } },
        ],
      },
    },
    { command: { kind: 'delete_certificate', level: 'zone', id: wide.draft.id } },
    { command: { kind: 'edit_zone', paused: true } },
  ] as const;
  for (const change of changes) {
    const outcome = await first.commit({ zone: zone.id, actor: ACTOR, ...change });
    assert.equal(outcome.kind, 'committed', JSON.stringify(outcome));
  }
  const [zones, bundle, shared, applied] = [
    [...first.zones.all()],
    first.bundle(zone),
    first.bundle(null),
    first.applied(),
  ];
  const { installation } = first;
  await first.close();

  const second = await openPlane(t, dir);
  assert.deepEqual([...second.zones.all()], zones);
  assert.deepEqual(second.installation, installation);
  assert.equal(second.bundle(sure(second.zones.get(zone.id))), first.bundle(sure(zones[0])));
  assert.notEqual(second.bundle(sure(second.zones.get(zone.id))), bundle, 'the upload brought its issuer');
  assert.equal(second.bundle(null), shared);
  assert.equal(second.applied(), applied);
  assert.equal(second.zones.holder(name('x.y.sub.example.test'))?.zone, other.id);
  assert.equal(second.zones.holder(name('x.example.test'))?.zone, zone.id);
  assert.equal(second.zones.holder(name('test')), null);
});

test('a token file that was deleted is not made again', async (t) => {
  const dir = dataPath(t);
  await (await openPlane(t, dir)).close();
  rmSync(join(dir, 'bootstrap-token'));
  await (await openPlane(t, dir)).close();
  assert.equal(existsSync(join(dir, 'bootstrap-token')), false);
});

test('a missing, unreadable, open or wrong key-encryption key ends the start and is named', async (t) => {
  const dir = dataPath(t);
  const kek = `${dir}.kek`;
  await (await openPlane(t, dir)).close();
  const key = readFileSync(kek, 'utf8');
  const id = createHash('sha256').update(Buffer.from(key.trim(), 'hex')).digest('hex').slice(0, 16);

  rmSync(kek);
  await assert.rejects(
    openPlane(t, dir),
    startError(new RegExp(`${id} cannot be read from the file ${kek}: it is missing`)),
  );
  assert.equal(existsSync(kek), false, 'a key for an existing store is never invented');
  mkdirSync(kek, { mode: 0o700 });
  await assert.rejects(
    openPlane(t, dir),
    startError(new RegExp(`${id} cannot be read from the file ${kek}: it is not a file`)),
  );
  rmSync(kek, { recursive: true });
  writeFileSync(kek, key, { mode: 0o600 });
  chmodSync(kek, 0o640);
  await assert.rejects(openPlane(t, dir), startError(new RegExp(`key ${id} is needed.*can be read by other users`)));
  writeFileSync(kek, 'not a key\n');
  chmodSync(kek, 0o600);
  await assert.rejects(openPlane(t, dir), startError(/There is no key-encryption key in/));
  writeFileSync(kek, `${'0'.repeat(64)}\n`);
  await assert.rejects(openPlane(t, dir), startError(new RegExp(`sealed with key ${id}, .* holds key [0-9a-f]{16}`)));

  const elsewhere = `${dir}.moved`;
  writeFileSync(elsewhere, `${Buffer.from(key.trim(), 'hex').toString('base64')}\n`, { mode: 0o600 });
  const plane = await openPlane(t, dir, { kek: elsewhere });
  assert.equal(plane.zones.size(), 0);
});

test('a store that a newer program wrote is refused and left alone', async (t) => {
  const dir = dataPath(t);
  await (await openPlane(t, dir)).close();
  const database = new DatabaseSync(join(dir, 'postern.db'));
  database.exec("UPDATE meta SET value = '999' WHERE name = 'schema_version'");
  database.close();
  await assert.rejects(openPlane(t, dir), startError(/schema version 999, newer than/));
});

test('what is not a store, or a damaged one, is refused', async (t) => {
  const dir = dataPath(t);
  mkdirSync(dir);
  writeFileSync(join(dir, 'postern.db'), 'this is no database, however long it may be. '.repeat(100));
  await assert.rejects(openPlane(t, dir), startError(/cannot be opened: file is not a database/));
  rmSync(dir, { recursive: true });

  const plane = await openPlane(t, dir);
  await newZone(plane);
  await plane.close();
  const database = new DatabaseSync(join(dir, 'postern.db'));
  database.exec("UPDATE zones SET ssl = 'sideways'");
  database.close();
  await assert.rejects(openPlane(t, dir), startError(/damaged: "sideways" is not one of off/));
});

test('a client certificate that is not the one that was stored is refused', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const zone = await newZone(plane);
  const { draft, key } = await upload('hostname');
  await plane.commit({ zone: zone.id, command: { kind: 'add_certificate', draft }, actor: ACTOR, key });
  await plane.close();
  const other = (await upload('hostname')).draft.leaf;
  const database = new DatabaseSync(join(dir, 'postern.db'));
  t.after(() => database.close());
  const change = database.prepare('UPDATE certificates SET leaf = ?, fingerprint = ? WHERE id = ?');
  const { pem, fingerprint } = draft.leaf;
  for (const leaf of [other.pem, pem.replace('MII', 'MIJ'), pem.slice(0, -60), '']) {
    change.run(leaf, fingerprint, draft.id);
    await assert.rejects(
      openPlane(t, dir),
      startError(/damaged: ".*" is not the certificate of fingerprint [0-9a-f]{64}/),
    );
  }
  for (const print of [other.fingerprint, 'a1', '']) {
    change.run(pem, print, draft.id);
    await assert.rejects(openPlane(t, dir), startError(/damaged/), print);
  }
  change.run(pem, fingerprint, draft.id);
  assert.equal((await openPlane(t, dir)).zones.get(zone.id)?.certificates.get(draft.id)?.leaf.pem, pem);
});

test('a data directory that cannot be made is refused', async (t) => {
  const dir = dataPath(t);
  writeFileSync(dir, '');
  await assert.rejects(openPlane(t, join(dir, 'below')), startError(/is not a directory/));
});

const HOLDER = `
  const { openControlPlane } = await import(process.argv[1]);
  await openControlPlane({ dir: process.argv[2], kek: null, clock: () => Date.now(), log: () => {} });
  console.log('open');
  setInterval(() => {}, 1000);
`;

test('a second opener is refused until the first is gone, even by kill -9', async (t) => {
  const dir = dataPath(t);
  const start = new URL('start.ts', import.meta.url).href;
  const open = () => spawn(process.execPath, ['--input-type=module', '-e', HOLDER, start, dir]);
  const child = open();
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  await assert.rejects(openPlane(t, dir), startError(/is in use by another postern/));
  child.kill('SIGKILL');
  await once(child, 'exit');
  const plane = await openPlane(t, dir);
  await assert.rejects(openPlane(t, dir), startError(/is in use by another postern/));
  // The attempt in this process must not have dropped the lock that keeps other processes out.
  const late = open();
  t.after(() => late.kill('SIGKILL'));
  const opened = once(late.stdout, 'data').then(() => 'it was opened');
  const complaint = await Promise.race([text(late.stderr), opened]);
  assert.match(complaint, /is in use by another postern/);
  await plane.close();
  await openPlane(t, dir);
});

test('no private key is in the files of the store', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const zone = await newZone(plane);
  const { draft, key } = await upload('hostname');
  await plane.commit({ zone: zone.id, command: { kind: 'add_certificate', draft }, actor: ACTOR, key });
  const body = key.reveal().split('\n').slice(1, -2);
  const der = Buffer.from(body.join(''), 'base64');
  // PKCS#8 of a P-256 key: the private scalar stands at octets 36 to 68.
  const scalar = der.subarray(36, 68);
  const files = readdirSync(dir).map((file) => readFileSync(join(dir, file)));
  assert.ok(
    files.some((bytes) => bytes.includes(draft.id)),
    'the search finds what is there',
  );
  for (const bytes of files) {
    for (const trace of ['PRIVATE KEY', sure(body[1]), scalar, scalar.toString('hex'), scalar.toString('base64')]) {
      assert.equal(bytes.includes(trace), false);
    }
  }
});

test('identities with less than a third of their life left are renewed at start', async (t) => {
  const dir = dataPath(t);
  const first = await openPlane(t, dir);
  const zone = await newZone(first);
  const bundle = first.bundle(zone);
  const before = first.installation.shared;
  await first.close();

  const early = await openPlane(t, dir, { clock: () => instant(NOW + 19 * DAY) });
  assert.equal(sure(early.zones.get(zone.id)).certificates.size, 1, 'not yet');
  await early.close();
  const late = await openPlane(t, dir, { clock: () => instant(NOW + 21 * DAY) });
  const renewed = sure(late.zones.get(zone.id));
  assert.equal(renewed.certificates.size, 2);
  assert.equal(late.bundle(renewed), bundle, 'origins notice nothing');
  assert.deepEqual(late.installation.shared, before, 'pinned by origins, so it lives for a year');
  await late.close();
  const later = await openPlane(t, dir, { clock: () => instant(NOW + 250 * DAY) });
  assert.notEqual(later.installation.shared.identity.certificate, before.identity.certificate);
  assert.equal(later.installation.shared.root.fingerprint, before.root.fingerprint);
});

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { ACTOR, dataPath, name, newZone, openPlane, sure, upload } from './control-plane.fixture.ts';
import { loadKek } from './kek.ts';
import { StartError } from './start-error.ts';

const KEY = 'ab'.repeat(32);

function refused(pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof StartError, String(error));
    assert.match(error.message, pattern);
    assert.ok(!`${error.message}${error.fix}`.includes(KEY), 'the key is shown');
    return true;
  };
}

test('the key comes from a variable, which no program that is started later inherits', () => {
  process.env['POSTERN_TEST_KEK'] = `${KEY}\n`;
  const { id } = loadKek('env:POSTERN_TEST_KEK', null);
  assert.match(id, /^[0-9a-f]{16}$/);
  assert.equal(process.env['POSTERN_TEST_KEK'], undefined);
  assert.throws(() => loadKek('env:POSTERN_TEST_KEK', id), refused(/variable POSTERN_TEST_KEK: it is not set/));
});

test('the key comes from a command', () => {
  const { id } = loadKek(`command:printf %s ${KEY}`, null);
  assert.equal(loadKek(`command: echo ${Buffer.from(KEY, 'hex').toString('base64')}`, id).id, id);
  const failures = [
    [`command:echo ${KEY}; exit 3`, /it ended with exit code 3/],
    [`command:echo ${KEY} extra`, /There is no key-encryption key in the command/],
    [`command:head -c 100000 /dev/zero`, /it printed more than 4096 bytes/],
    ['command:kill -9 $$', /it ended by SIGKILL/],
    ['command:', /There is no key-encryption key in the command/],
  ] as const;
  for (const [command, pattern] of failures) assert.throws(() => loadKek(command, null), refused(pattern), command);
});

test('another key takes over: all keys are sealed anew, once, and the old one opens nothing any more', async (t) => {
  const dir = dataPath(t);
  const [oldKek, kek] = [`${dir}.kek`, `${dir}.new`];
  const first = await openPlane(t, dir);
  const zone = await newZone(first);
  const { draft, key } = await upload('zone');
  const added = await first.commit({
    zone: zone.id,
    actor: ACTOR,
    command: { kind: 'add_certificate', draft },
    key,
  });
  assert.equal(added.kind, 'committed');
  await first.close();
  const before = sealed(dir);

  const logged: { event: string; fields: object }[] = [];
  const log = (event: string, fields: object) => logged.push({ event, fields });
  const second = await openPlane(t, dir, { kek, oldKek, log });
  assert.ok(existsSync(kek), 'a missing new key is made');
  assert.deepEqual(
    logged.filter(({ event }) => event === 'keys_resealed').map(({ fields }) => Object.values(fields)[2]),
    [before.length],
  );
  assert.ok(second.holdsKey(draft.id));
  const another = await newZone(second, 'another.test');
  assert.equal(sure(second.zones.named(name('another.test'))).id, another.id);
  const unlimited = { actor: null, action: null, since: null, before: null, olderThan: null, limit: 50 } as const;
  const entries = await second.audit({ ...unlimited, zones: 'all', accounts: 'all' });
  const entry = entries.find(({ action }) => action === 'reseal_keys');
  assert.equal(entry?.after['keys'], before.length);
  await second.close();

  const after = sealed(dir);
  for (const row of before)
    assert.ok(!after.some(({ sealed: text }) => text === row.sealed), `${row.purpose} is as it was`);
  await assert.rejects(openPlane(t, dir, { kek: oldKek }), refused(/The store is sealed with key/));
  // Who leaves --old-kek in the service file starts as well, also without the old key's file.
  const third = await openPlane(t, dir, { kek, oldKek: 'env:NOWHERE' });
  assert.equal(third.zones.size(), 2);
});

test('where one key does not open, none is sealed anew', async (t) => {
  const dir = dataPath(t);
  await (await openPlane(t, dir)).close();
  const database = new DatabaseSync(join(dir, 'postern.db'));
  database.exec("UPDATE secrets SET sealed = 'v1.' || hex(randomblob(60)) WHERE purpose = 'visitor_ca'");
  database.close();
  const before = sealed(dir);
  const kek = `${dir}.new`;
  await assert.rejects(openPlane(t, dir, { kek, oldKek: `${dir}.kek` }), refused(/visitor_ca key .* does not open/));
  assert.deepEqual(sealed(dir), before);
  writeFileSync(kek, readFileSync(kek));
  await (await openPlane(t, dir)).close();
});

interface Sealed {
  readonly purpose: string;
  readonly sealed: string;
}

function sealed(dir: string): readonly Sealed[] {
  const database = new DatabaseSync(join(dir, 'postern.db'), { readOnly: true });
  try {
    const rows = database.prepare('SELECT purpose, sealed FROM secrets ORDER BY purpose, id').all();
    return rows.map(({ purpose, sealed: text }) => ({ purpose: String(purpose), sealed: String(text) }));
  } finally {
    database.close();
  }
}

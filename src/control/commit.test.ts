import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import type { Command } from '../domain/change.ts';
import { instant } from '../domain/ids.ts';
import { DEFAULT_LIMITS } from '../domain/limits.ts';
import type { Zone } from '../domain/zone.ts';
import type { PrivateKey } from '../pki/keys.ts';
import { commitChange } from './commit.ts';
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
  recordingEdge,
  sure,
  upload,
} from './control-plane.fixture.ts';
import { loadState } from './control-state.ts';
import { takeDirectory } from './data-directory.ts';
import { Feed } from './feed.ts';
import { loadKek } from './kek.ts';
import type { Log } from './log.ts';
import type { ControlPlane } from './plane.ts';
import { greeting } from './greeting.ts';
import { renewDue } from './renewal.ts';
import { openStore } from './store.ts';
import { turns } from './turns.ts';
import { openVault } from './vault.ts';

type ZoneCommand = Exclude<Command, { kind: 'create_zone' }>;

async function done(plane: ControlPlane, zone: Zone, command: ZoneCommand, key?: PrivateKey) {
  const outcome = await plane.commit({ zone: zone.id, command, actor: ACTOR, ...(key === undefined ? {} : { key }) });
  if (outcome.kind === 'problem') assert.fail(`${outcome.code} ${outcome.detail}`);
  return outcome;
}

/** The parts of a control plane, over a store that exists, for tests that must reach under it. */
async function openParts(t: TestContext, dir: string, now = NOW) {
  const directory = takeDirectory(dir);
  const store = await openStore(directory);
  const events: string[] = [];
  const log: Log = (event, fields) => void events.push(`${event}: ${fields['error']}`);
  const vault = openVault(loadKek(`${dir}.kek`, null));
  const state = await loadState({ store, vault, clock: () => now, log, limits: DEFAULT_LIMITS });
  const inTurn = turns();
  const feed = new Feed({ inTurn, current: () => state.revision, greeting: () => greeting(state), log });
  const close = async () => {
    await store.destroy();
    directory.release();
  };
  t.after(() => close().catch(() => undefined));
  const rotate = async () => assert.fail('no origin is shown anything');
  return { state, feed, inTurn, store, events, close, rotate };
}

for (const [fault, pragma, cause] of [
  ['the disk is full', 'max_page_count = 1', 'database or disk is full'],
  ['the store is read-only', 'query_only = ON', 'attempt to write a readonly database'],
] as const) {
  test(`when ${fault}, a change is refused and nothing has changed anywhere`, async (t) => {
    const dir = dataPath(t);
    const plane = await openPlane(t, dir);
    const { id } = await newZone(plane);
    await plane.close();

    const { state, feed, store, events, close } = await openParts(t, dir);
    const edge = recordingEdge({ acknowledges: true });
    feed.connect(edge.link);
    edge.say({ kind: 'hello', edge: 'edge' });
    await edge.seen(({ kind }) => kind === 'snapshot');
    const sent = edge.messages.length;
    const before = sure(state.zones.index.get(id));
    const draft = { ...record('deep.down.example.test'), comment: 'x'.repeat(20_000) };
    const request = { zone: id, command: { kind: 'create_record', id: recordIdOf(1), draft }, actor: ACTOR } as const;

    await sql.raw(`PRAGMA ${pragma}`).execute(store);
    const outcome = await commitChange(state, feed, request);
    assert.equal(outcome.kind === 'problem' && outcome.code, 'unavailable');
    assert.deepEqual(events.slice(-1), [`commit_failed: ${cause}`], 'the log names the cause');
    assert.equal(state.zones.index.get(id), before);
    assert.equal(state.revision, 1);
    assert.equal(edge.messages.length, sent);
    const visitor = state.zones.entry(id)?.visitor;
    assert.deepEqual(visitor?.names, ['example.test', '*.example.test']);

    await sql
      .raw(pragma.startsWith('max') ? 'PRAGMA max_page_count = 4294967294' : 'PRAGMA query_only = OFF')
      .execute(store);
    await close();
    const again = await openPlane(t, dir);
    assert.deepEqual(again.zones.get(id), before);
    const retried = await again.commit(request);
    assert.equal(retried.kind === 'committed' && retried.revision, 2, 'the next change takes the number');
  });
}

test('a change whose consequences cannot be worked out leaves store, memory and edges as they were', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const { id } = await newZone(plane);
  await plane.close();
  const { state, feed, store } = await openParts(t, dir);
  const whole = state.installation;
  const request = { zone: id, command: { kind: 'edit_zone', paused: true }, actor: ACTOR } as const;
  state.installation = Object.defineProperty({ ...whole }, 'shared', {
    get: () => {
      throw new Error('it cannot be read');
    },
  });
  await assert.rejects(commitChange(state, feed, request), /it cannot be read/);
  assert.equal(state.revision, 1);
  assert.equal(state.zones.index.get(id)?.paused, false);
  const rows = await store.selectFrom('revisions').select('revision').orderBy('revision').execute();
  assert.deepEqual(
    rows.map(({ revision }) => revision),
    [1],
  );
  state.installation = whole;
  const retried = await commitChange(state, feed, request);
  assert.equal(retried.kind === 'stored' && retried.revision, 2);
});

test('a change that changes nothing is no revision, and is answered as any other', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir, { clock: () => instant(Date.now()) });
  const zone = await newZone(plane);
  const draft = record('www.example.test');
  const first = await done(plane, zone, { kind: 'create_record', id: recordIdOf(1), draft });
  for (const command of [
    { kind: 'edit_zone', paused: false },
    { kind: 'set', settings: { zonePull: false } },
    { kind: 'update_record', id: recordIdOf(1), draft },
  ] as const) {
    const again = await done(plane, zone, command);
    assert.deepEqual(again, first);
  }
  await plane.close();
  const { store } = await openParts(t, dir);
  const rows = await store.selectFrom('revisions').select('command').orderBy('revision').execute();
  assert.deepEqual(
    rows.map(({ command }) => command),
    ['create_zone', 'create_record'],
  );
});

test('a renewal that fails is logged and tried again; one that succeeds leaves one managed identity', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const { id, certificates } = await newZone(plane);
  const [old] = [...certificates.keys()];
  await plane.close();
  const parts = await openParts(t, dir, instant(NOW + 61 * DAY));
  const { state, store, events } = parts;
  await sql.raw('PRAGMA query_only = ON').execute(store);
  await renewDue(parts);
  const failed = events.filter((event) => event.startsWith('renewal_failed'));
  assert.deepEqual(failed, ['renewal_failed: unavailable', 'renewal_failed: it could not be stored']);
  assert.equal(state.revision, 1);

  await sql.raw('PRAGMA query_only = OFF').execute(store);
  await renewDue(parts);
  const wishes = [...sure(state.zones.index.get(id)).certificates.values()].map(({ wish }) => wish.kind);
  assert.deepEqual(wishes, ['delete', 'deploy']);
  const keys = await store.selectFrom('secrets').select('id').where('purpose', '=', 'client').execute();
  assert.ok(!keys.some((key) => key.id === old), 'the key of the one before has left the vault');
  const rows = await store.selectFrom('revisions').select(['command', 'actor_from']).orderBy('revision').execute();
  assert.deepEqual(
    rows.map((row) => [row.command, row.actor_from]).slice(1),
    [['add_certificate', 'renewal']],
    'the visitor certificate, which was due as well, came along',
  );
  const { revision } = state;
  await renewDue(parts);
  assert.equal(state.revision, revision, 'nothing is due any more');
});

test('changes at the same time are all kept, one after the other', async (t) => {
  const plane = await openPlane(t, dataPath(t));
  const zone = await newZone(plane);
  const revisions = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const draft = record(`h${index}.example.test`);
      return (await done(plane, zone, { kind: 'create_record', id: recordIdOf(index), draft })).revision;
    }),
  );
  assert.deepEqual(
    revisions,
    Array.from({ length: 20 }, (_, index) => index + 2),
  );
  assert.equal(plane.zones.get(zone.id)?.records.size, 20);
});

test('the log of revisions says who changed what, and holds no PEM', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const zone = await newZone(plane);
  const { draft, key } = await upload('hostname');
  await done(plane, zone, { kind: 'set', settings: { zonePull: true } });
  await done(plane, zone, { kind: 'add_certificate', draft }, key);
  await done(plane, zone, { kind: 'delete_zone' });
  await plane.close();

  const { store } = await openParts(t, dir);
  const rows = await store.selectFrom('revisions').selectAll().orderBy('revision').execute();
  assert.deepEqual(
    rows.map((row) => [row.revision, row.zone, row.command, row.actor_token, row.actor_from]),
    ['create_zone', 'set', 'add_certificate', 'delete_zone'].map((command, index) => {
      return [index + 1, zone.id, command, ACTOR.token, ACTOR.from];
    }),
  );
  assert.deepEqual(JSON.parse(sure(rows[1]).before), { zonePull: false });
  assert.deepEqual(JSON.parse(sure(rows[1]).after), { zonePull: true });
  assert.equal(JSON.parse(sure(rows[2]).after).certificates[draft.id].fingerprint, draft.leaf.fingerprint);
  assert.equal(JSON.parse(sure(rows[3]).before).name, 'example.test');
  assert.equal(JSON.parse(sure(rows[3]).after).name, undefined);
  assert.doesNotMatch(JSON.stringify(rows), /BEGIN/);
});

test('a deleted zone leaves nothing behind but its history', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const zone = await newZone(plane);
  const { draft, key } = await upload('hostname');
  const wish = { hostname: name('a.example.test'), certificate: draft.id, wish: 'present' } as const;
  await done(plane, zone, { kind: 'add_certificate', draft }, key);
  await done(plane, zone, { kind: 'associate', wishes: [wish] });
  await done(plane, zone, { kind: 'create_record', id: recordIdOf(1), draft: record('a.example.test') });
  const gone = await done(plane, zone, { kind: 'delete_zone' });
  assert.equal(gone.zone.name, 'example.test');
  assert.equal(plane.zones.size(), 0);
  assert.equal(plane.zones.holder(name('a.example.test')), null);
  await newZone(plane);
  const answer = await plane.commit({ zone: zone.id, command: { kind: 'delete_zone' }, actor: ACTOR });
  assert.equal(answer.kind === 'problem' && answer.code, 'zone_not_found');
  await plane.close();

  const { store } = await openParts(t, dir);
  for (const table of [
    'records',
    'certificates',
    'associations',
    'trust_store',
    'visitor_certificates',
    'secrets',
  ] as const) {
    assert.deepEqual(await store.selectFrom(table).selectAll().where('zone', '=', zone.id).execute(), [], table);
  }
});

test('a certificate that comes back after its deletion has its old id, and the key that came with it now', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const zone = await newZone(plane);
  const { draft, key } = await upload('hostname');
  await done(plane, zone, { kind: 'add_certificate', draft }, key);
  await done(plane, zone, { kind: 'delete_certificate', level: 'hostname', id: draft.id });
  const again = { ...draft, id: plane.newCertificateId() };
  const edge = recordingEdge({ acknowledges: true });
  plane.connect(edge.link);
  edge.say({ kind: 'hello', edge: 'edge' });
  await edge.seen(({ kind }) => kind === 'snapshot');
  assert.ok(!edge.messages.some((message) => message.kind === 'key' && message.certificate === draft.id));
  const { zone: after } = await done(plane, zone, { kind: 'add_certificate', draft: again }, key);
  assert.deepEqual([...after.certificates.keys()].slice(1), [draft.id]);
  const sent = await edge.seen((message) => message.kind === 'key' && message.certificate === draft.id);
  assert.equal(sent.kind === 'key' && sent.key, key.reveal());
  await plane.close();

  const { store } = await openParts(t, dir);
  const rows = await store.selectFrom('secrets').select('id').where('purpose', '=', 'client').execute();
  assert.ok(rows.some(({ id }) => id === draft.id));
  assert.ok(!rows.some(({ id }) => id === again.id));
});

test('the key of a deleted certificate leaves the vault with the deletion', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const zone = await newZone(plane);
  const { draft, key } = await upload('zone');
  await done(plane, zone, { kind: 'add_certificate', draft }, key);
  await done(plane, zone, { kind: 'delete_certificate', level: 'zone', id: draft.id });
  await plane.close();
  const { store } = await openParts(t, dir);
  assert.deepEqual(await store.selectFrom('secrets').selectAll().where('id', '=', draft.id).execute(), []);
  assert.equal((await store.selectFrom('certificates').selectAll().where('id', '=', draft.id).execute()).length, 1);
});

test('a zone of the same name, or in an unknown account, is refused', async (t) => {
  const plane = await openPlane(t, dataPath(t));
  const zone = await newZone(plane);
  const twice = await plane.createZone(zone.name, zone.account, ACTOR);
  assert.equal(twice.kind === 'problem' && twice.code, 'zone_exists');
  const both = await Promise.all([
    plane.createZone(name('b.test'), zone.account, ACTOR),
    plane.createZone(name('b.test'), zone.account, ACTOR),
  ]);
  assert.deepEqual(both.map(({ kind }) => kind).toSorted(), ['committed', 'problem']);
});

test('the zones below a name are those at whole labels under it, and not the one of that name', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  for (const text of ['example.test', 'a.example.test', 'b.a.example.test', 'notexample.test'])
    await newZone(plane, text);
  await plane.close();
  const { state } = await openParts(t, dir);
  const names = (text: string) => state.zones.below(name(text)).map((holder) => holder.name);
  assert.deepEqual(names('example.test'), ['a.example.test', 'b.a.example.test']);
  assert.deepEqual(names('test'), ['example.test', 'a.example.test', 'b.a.example.test', 'notexample.test']);
  assert.deepEqual(names('b.a.example.test'), []);
});

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { instant, revision } from '../domain/ids.ts';
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

const HELLO = { kind: 'hello', edge: 'edge' } as const;
const isSnapshot = ({ kind }: { readonly kind: string }) => kind === 'snapshot';
const isDelta = ({ kind }: { readonly kind: string }) => kind === 'delta';
// Long enough that a test which waits for it by mistake is seen to hang.
const NEVER = 600_000;

test('an edge gets keys, then a snapshot, then deltas with their keys before them', async (t) => {
  const plane = await openPlane(t, dataPath(t));
  const zone = await newZone(plane);
  const edge = recordingEdge({ acknowledges: true });
  plane.connect(edge.link);
  assert.equal(edge.messages.length, 0, 'nothing before hello');
  edge.say(HELLO);
  const snapshot = await edge.seen(isSnapshot);
  assert.deepEqual(
    edge.messages.map(({ kind }) => kind),
    ['origin_ca', 'key', 'key', 'visitor_certificate', 'snapshot'],
  );
  assert.equal(snapshot.kind === 'snapshot' && snapshot.revision, 1);
  assert.deepEqual(snapshot.kind === 'snapshot' && snapshot.zones.map((delta) => delta.zone), [zone.id]);

  edge.messages.length = 0;
  const { draft, key } = await upload('hostname');
  const added = await plane.commit({ zone: zone.id, command: { kind: 'add_certificate', draft }, actor: ACTOR, key });
  assert.equal(added.kind === 'committed' && added.inForce, true);
  const deep = record('www.deep.example.test');
  const command = { kind: 'create_record', id: recordIdOf(1), draft: deep } as const;
  await plane.commit({ zone: zone.id, command, actor: ACTOR });
  assert.deepEqual(
    edge.messages.map((message) => [message.kind, 'revision' in message ? message.revision : null]),
    [
      ['key', null],
      ['delta', 2],
      ['visitor_certificate', null],
      ['delta', 3],
    ],
  );
  const [sentKey, , visitor, delta] = edge.messages;
  assert.equal(sentKey?.kind === 'key' && sentKey.key, key.reveal());
  assert.ok(visitor?.kind === 'visitor_certificate' && delta?.kind === 'delta');
  const names = ['example.test', '*.example.test', 'deep.example.test', '*.deep.example.test'];
  assert.deepEqual(visitor.names, names);
  const leaf = new X509Certificate(visitor.chain);
  assert.equal(leaf.subjectAltName, names.map((one) => `DNS:${one}`).join(', '));
  assert.ok(leaf.verify(new X509Certificate(plane.installation.visitorCa.pem).publicKey));
  assert.deepEqual(
    delta.zones.flatMap(({ put }) => put.map(({ hostname }) => hostname)),
    ['www.deep.example.test'],
  );
});

test('snapshots and deltas never carry a key', async (t) => {
  const plane = await openPlane(t, dataPath(t));
  const zone = await newZone(plane);
  const edge = recordingEdge({ acknowledges: true });
  plane.connect(edge.link);
  edge.say(HELLO);
  await edge.seen(isSnapshot);
  await plane.commit({ zone: zone.id, command: { kind: 'set', settings: { zonePull: true } }, actor: ACTOR });
  const configuration = edge.messages.filter((message) => isSnapshot(message) || isDelta(message));
  assert.equal(configuration.length, 2);
  assert.doesNotMatch(JSON.stringify(configuration), /PRIVATE KEY/);
});

test('keys are dropped at an edge only once it has the deletion in force', async (t) => {
  const plane = await openPlane(t, dataPath(t), { inForceWithin: NEVER });
  const zone = await newZone(plane);
  const { draft, key } = await upload('hostname');
  await plane.commit({ zone: zone.id, command: { kind: 'add_certificate', draft }, actor: ACTOR, key });
  const edge = recordingEdge({ acknowledges: false });
  plane.connect(edge.link);
  edge.say(HELLO);
  const snapshot = await edge.seen(isSnapshot);
  assert.ok(snapshot.kind === 'snapshot');
  edge.say({ kind: 'applied', edge: 'edge', revision: snapshot.revision });
  assert.equal(plane.applied(), snapshot.revision);

  const command = { kind: 'delete_certificate', level: 'hostname', id: draft.id } as const;
  const deletion = plane.commit({ zone: zone.id, command, actor: ACTOR });
  const delta = await edge.seen(isDelta);
  assert.equal(edge.messages.at(-1), delta);
  assert.ok(delta.kind === 'delta');
  edge.say({ kind: 'applied', edge: 'edge', revision: delta.revision });
  assert.deepEqual(edge.messages.at(-1), { kind: 'key_dropped', certificate: draft.id });
  const deleted = await deletion;
  assert.equal(deleted.kind === 'committed' && deleted.inForce, true);

  const removal = plane.commit({ zone: zone.id, command: { kind: 'delete_zone' }, actor: ACTOR });
  const last = await edge.seen((message) => message.kind === 'delta' && message.zones[0]?.rules === null);
  assert.ok(last.kind === 'delta');
  edge.say({ kind: 'applied', edge: 'edge', revision: last.revision });
  await removal;
  assert.deepEqual(
    edge.messages.slice(-2).map(({ kind }) => kind),
    ['key_dropped', 'visitor_certificate_dropped'],
  );
});

test('a silent edge makes a change not in force, and holds the applied revision back until it is gone', async (t) => {
  const plane = await openPlane(t, dataPath(t), { inForceWithin: 20 });
  const zone = await newZone(plane);
  const edge = recordingEdge({ acknowledges: false });
  const disconnect = plane.connect(edge.link);
  edge.say(HELLO);
  await edge.seen(isSnapshot);
  const outcome = await plane.commit({ zone: zone.id, command: { kind: 'edit_zone', paused: true }, actor: ACTOR });
  assert.equal(outcome.kind === 'committed' && outcome.inForce, false);
  assert.equal(plane.zones.get(zone.id)?.paused, true, 'it is stored all the same');
  assert.equal(plane.applied(), 0);
  disconnect();
  assert.equal(plane.applied(), 2);
});

test('who waits for an edge that goes away waits no longer', async (t) => {
  const plane = await openPlane(t, dataPath(t), { inForceWithin: NEVER });
  const zone = await newZone(plane);
  const edge = recordingEdge({ acknowledges: false });
  const disconnect = plane.connect(edge.link);
  edge.say(HELLO);
  const change = plane.commit({ zone: zone.id, command: { kind: 'edit_zone', paused: true }, actor: ACTOR });
  await edge.seen(isDelta);
  disconnect();
  const outcome = await change;
  assert.equal(outcome.kind === 'committed' && outcome.inForce, true, 'no edge holds anything older');
});

test('a rejected delta ends the wait at once, and is followed by a snapshot', async (t) => {
  const plane = await openPlane(t, dataPath(t), { inForceWithin: NEVER });
  const zone = await newZone(plane);
  const edge = recordingEdge({ acknowledges: false });
  plane.connect(edge.link);
  edge.say(HELLO);
  const snapshot = await edge.seen(isSnapshot);
  assert.ok(snapshot.kind === 'snapshot');
  edge.say({ kind: 'applied', edge: 'edge', revision: snapshot.revision });
  assert.equal(plane.applied(), snapshot.revision);
  const change = plane.commit({ zone: zone.id, command: { kind: 'edit_zone', paused: true }, actor: ACTOR });
  const delta = await edge.seen(isDelta);
  assert.ok(delta.kind === 'delta');
  const { revision } = delta;
  const again = edge.seen((message) => message.kind === 'snapshot' && message.revision === revision);
  edge.say({ kind: 'rejected', edge: 'edge', revision, because: 'it does not fit' });
  const outcome = await change;
  assert.equal(outcome.kind === 'committed' && outcome.inForce, false);
  await again;
  edge.say({ kind: 'applied', edge: 'edge', revision });
  assert.equal(plane.applied(), revision);
});

test('an edge that rejects its snapshot is given another one with the next change', async (t) => {
  const plane = await openPlane(t, dataPath(t), { inForceWithin: NEVER });
  const zone = await newZone(plane);
  const edge = recordingEdge({ acknowledges: false });
  plane.connect(edge.link);
  edge.say(HELLO);
  const snapshot = await edge.seen(isSnapshot);
  assert.ok(snapshot.kind === 'snapshot');
  edge.say({ kind: 'rejected', edge: 'edge', revision: snapshot.revision, because: 'it is not whole' });
  const change = plane.commit({ zone: zone.id, command: { kind: 'edit_zone', paused: true }, actor: ACTOR });
  const again = await edge.seen((message) => message.kind === 'snapshot' && message.revision > snapshot.revision);
  assert.ok(again.kind === 'snapshot');
  assert.equal(edge.messages.filter(isSnapshot).length, 2);
  assert.ok(!edge.messages.some(isDelta), 'a delta would have nothing to stand on');
  edge.say({ kind: 'rejected', edge: 'edge', revision: again.revision, because: 'again' });
  const outcome = await change;
  assert.equal(outcome.kind === 'committed' && outcome.inForce, false);
});

test('an edge whose carrier fails is let go, and the others get on', async (t) => {
  const plane = await openPlane(t, dataPath(t), { inForceWithin: NEVER });
  const zone = await newZone(plane);
  const edge = recordingEdge({ acknowledges: true });
  plane.connect(edge.link);
  edge.say(HELLO);
  await edge.seen(isSnapshot);
  const ended = Promise.withResolvers<string>();
  plane.connect({
    send: () => {
      throw new Error('the channel is closed');
    },
    receive: (handler) => handler({ kind: 'hello', edge: 'broken' }),
    ended: (because) => {
      ended.resolve(because);
      throw new Error('the carrier fails even at its end');
    },
  });
  const outcome = await plane.commit({ zone: zone.id, command: { kind: 'edit_zone', paused: true }, actor: ACTOR });
  assert.equal(outcome.kind === 'committed' && outcome.inForce, true);
  assert.equal(await ended.promise, 'the channel is closed', 'its carrier is told and may connect anew');
  assert.deepEqual(edge.ends, []);
});

test('a change does not wait for an edge that serves nobody yet, and does once it has its first configuration', async (t) => {
  const plane = await openPlane(t, dataPath(t), { inForceWithin: NEVER });
  const zone = await newZone(plane);
  const edge = recordingEdge({ acknowledges: false });
  plane.connect(edge.link);
  edge.say({ ...HELLO, empty: true });
  await edge.seen(isSnapshot);
  assert.equal(plane.applied(), 1, 'a beginner holds nobody up');
  const set = (zonePull: boolean) =>
    plane.commit({ zone: zone.id, command: { kind: 'set', settings: { zonePull } }, actor: ACTOR });
  const first = await set(true);
  assert.ok(first.kind === 'committed' && first.inForce);

  edge.say({ kind: 'applied', edge: 'edge', revision: revision(1) });
  assert.equal(plane.applied(), 1, 'from now on it counts with what it has');
  edge.say({ kind: 'applied', edge: 'edge', revision: revision(2) });
  const second = set(false);
  await edge.seen((message) => message.kind === 'delta' && message.revision === 3);
  edge.say({ kind: 'rejected', edge: 'edge', revision: revision(3), because: 'not today' });
  const refused = await second;
  assert.ok(refused.kind === 'committed' && !refused.inForce);
});

test('while an expected edge is absent nothing is in force, and once it is back everything is', async (t) => {
  const plane = await openPlane(t, dataPath(t), { inForceWithin: 20 });
  plane.expect('edge');
  const zone = await newZone(plane);
  const pause = async (paused: boolean) => {
    const outcome = await plane.commit({ zone: zone.id, command: { kind: 'edit_zone', paused }, actor: ACTOR });
    return outcome.kind === 'committed' && outcome.inForce;
  };
  assert.equal(await pause(true), false, 'it has not been here yet');
  assert.equal(plane.applied(), 0);
  const edge = recordingEdge({ acknowledges: true });
  const disconnect = plane.connect(edge.link);
  edge.say(HELLO);
  await edge.seen(isSnapshot);
  assert.equal(plane.applied(), 2);
  assert.equal(await pause(false), true);
  disconnect();
  assert.equal(await pause(true), false, 'it is gone');
  assert.equal(plane.applied(), 3, 'what it last acknowledged');
  const again = recordingEdge({ acknowledges: true });
  plane.connect(again.link);
  again.say(HELLO);
  await again.seen(isSnapshot);
  assert.equal(plane.applied(), 4);
  assert.deepEqual(edge.ends, [], 'who ends a connection is not told of its end');
});

test('a change waits for an expected edge that comes back in time', async (t) => {
  const plane = await openPlane(t, dataPath(t), { inForceWithin: NEVER });
  const zone = await newZone(plane);
  plane.expect('edge');
  const change = plane.commit({ zone: zone.id, command: { kind: 'edit_zone', paused: true }, actor: ACTOR });
  const edge = recordingEdge({ acknowledges: true });
  plane.connect(edge.link);
  edge.say(HELLO);
  const outcome = await change;
  assert.equal(outcome.kind === 'committed' && outcome.inForce, true);
});

for (const [when, pieces] of [
  ['before they are sent', 1],
  ['after they were sent', 2],
] as const) {
  test(`an edge that takes its keys slowly holds up no change, and misses none of keys ${when}`, async (t) => {
    const plane = await openPlane(t, dataPath(t), { inForceWithin: NEVER });
    const zone = await newZone(plane);
    const [gone, come] = [await upload('hostname'), await upload('hostname')];
    const add = ({ draft, key }: typeof gone) =>
      plane.commit({ zone: zone.id, command: { kind: 'add_certificate', draft }, actor: ACTOR, key });
    await add(gone);
    const edge = recordingEdge({ acknowledges: true });
    const [full, room] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let left: number = pieces;
    const hasRoom = () => {
      left -= 1;
      if (left > 0) return null;
      full.resolve();
      return room.promise;
    };
    plane.connect({ ...edge.link, room: hasRoom });
    edge.say({ ...HELLO, empty: true });
    await full.promise;
    const deletion = { kind: 'delete_certificate', level: 'hostname', id: gone.draft.id } as const;
    const deleted = await plane.commit({ zone: zone.id, command: deletion, actor: ACTOR });
    const added = await add(come);
    assert.ok(deleted.kind === 'committed' && added.kind === 'committed');
    const keys = () => edge.messages.flatMap((one) => (one.kind === 'key' ? [one.certificate] : []));
    assert.equal(keys().includes(gone.draft.id), pieces === 2);
    assert.ok(keys().includes(come.draft.id), 'what comes meanwhile is told at once');

    left = 1000;
    room.resolve();
    const snapshot = await edge.seen(isSnapshot);
    assert.equal(snapshot.kind === 'snapshot' && snapshot.revision, added.revision);
    assert.equal(keys().includes(gone.draft.id), pieces === 2, 'what is gone is not sent any more');
    assert.deepEqual(edge.messages.at(-1), { kind: 'key_dropped', certificate: gone.draft.id });
    assert.ok(!edge.messages.some(isDelta), 'the snapshot holds what the deltas would have said');
  });
}

test('the end of the control plane is told to its edges', async (t) => {
  const plane = await openPlane(t, dataPath(t));
  const edge = recordingEdge({ acknowledges: true });
  plane.connect(edge.link);
  edge.say(HELLO);
  await edge.seen(isSnapshot);
  await plane.close();
  assert.deepEqual(edge.ends, ['the control plane ends']);
});

test('after a restart an edge gets the same snapshot, and a visitor certificate near its end is replaced', async (t) => {
  const dir = dataPath(t);
  const first = await openPlane(t, dir);
  await newZone(first);
  const view = async (plane: typeof first) => {
    const edge = recordingEdge({ acknowledges: true });
    plane.connect(edge.link);
    edge.say(HELLO);
    await edge.seen(isSnapshot);
    return edge.messages;
  };
  const before = await view(first);
  await first.close();
  const second = await openPlane(t, dir);
  assert.deepEqual(await view(second), before);
  await second.close();
  const late = await openPlane(t, dir, { clock: () => instant(NOW + 61 * DAY) });
  const visitor = sure((await view(late)).find(({ kind }) => kind === 'visitor_certificate'));
  assert.ok(visitor.kind === 'visitor_certificate');
  assert.equal(new X509Certificate(visitor.chain).validToDate.getTime(), NOW + 151 * DAY);
  assert.deepEqual(visitor.names, [name('example.test'), name('*.example.test')]);
});

test('the renewal gives edges the new identities before it takes the old shared one away', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let now = NOW;
  const plane = await openPlane(t, dataPath(t), { clock: () => now, inForceWithin: NEVER });
  const zone = await newZone(plane);
  await plane.commit({ zone: zone.id, command: { kind: 'set', settings: { globalPull: true } }, actor: ACTOR });
  const old = plane.installation.shared.identity.certificate;
  const edge = recordingEdge({ acknowledges: true });
  plane.connect(edge.link);
  edge.say(HELLO);
  await edge.seen(isSnapshot);
  edge.messages.length = 0;

  // Two thirds of the shared identity's year are over.
  now = instant(NOW + 250 * DAY);
  t.mock.timers.tick(3_600_000);
  await edge.seen((message) => message.kind === 'delta' && message.revision === 4);
  const fresh = plane.installation.shared.identity;
  assert.notEqual(fresh.certificate, old);
  const [key, shared, dropped, ...managed] = edge.messages;
  assert.equal(key?.kind === 'key' && key.certificate, fresh.certificate);
  assert.deepEqual(shared?.kind === 'delta' && shared.zones.map(({ rules }) => rules?.globalPull), [
    { kind: 'on', identity: fresh },
  ]);
  assert.deepEqual(dropped, { kind: 'key_dropped', certificate: old });
  assert.deepEqual(
    managed.map(({ kind }) => kind).filter((kind) => kind !== 'visitor_certificate'),
    ['key', 'delta', 'key_dropped'],
    'the old managed identity leaves an edge that has the new one in force',
  );
});

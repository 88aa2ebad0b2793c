import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rotation } from '../domain/rotation.ts';
import { Rehearsed, site } from '../domain/rotation.fixture.ts';
import { after, idOf, rotationDraft } from '../domain/zone.fixture.ts';
import { dataPath, newZone, openPlane, sure } from './control-plane.fixture.ts';
import { takeDirectory } from './data-directory.ts';
import { rotationOf, rotationsOf, writeRotation } from './rotation-rows.ts';
import { openStore } from './store.ts';

test('a rotation that was stored before origins had names of their own is read, and they have none', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const { id: zone } = await newZone(plane);
  await plane.close();
  const directory = takeDirectory(dir);
  const store = await openStore(directory);
  t.after(async () => {
    await store.destroy();
    directory.release();
  });
  const it = new Rehearsed(site('a', 'b'), {}, {});
  it.settle();
  const rotation = it.rotation();
  assert.equal(rotation.standings.size, 1);
  await writeRotation(store, zone, rotation, 1);
  const named = await rotationOf(store, zone, rotation.id);
  const { state } = await store.selectFrom('rotations').select('state').executeTakeFirstOrThrow();
  const before = state.replaceAll(',"serverName":null,"hostHeader":null', '');
  assert.ok(!before.includes('serverName') && before !== state);
  await store.updateTable('rotations').set({ state: before }).execute();
  assert.deepEqual(await rotationOf(store, zone, rotation.id), named);
  assert.deepEqual([...(named?.standings.keys() ?? [])], [...rotation.standings.keys()]);
});

test('a zone keeps its newest two hundred rotations, and no more of them is read than is asked for', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir);
  const [zone, other] = [(await newZone(plane)).id, (await newZone(plane, 'other.test')).id];
  await plane.close();
  const directory = takeDirectory(dir);
  const store = await openStore(directory);
  t.after(async () => {
    await store.destroy();
    directory.release();
  });
  const like: Rotation = sure(after(site('a'), { kind: 'start_rotation', draft: rotationDraft('like') }).rotation);
  const numbered = (number: number): Rotation => ({ ...like, id: idOf.rotation(String(number)) });
  await writeRotation(store, other, { ...like, id: idOf.rotation('other') }, 1);
  for (let number = 1; number <= 203; number++) await writeRotation(store, zone, numbered(number), number);
  await writeRotation(store, zone, { ...numbered(203), rehearsal: true }, 203);

  const { total, rotations } = await rotationsOf(store, zone, { skip: 1, most: 2 });
  assert.equal(total, 200);
  assert.deepEqual(
    rotations.map(({ id }) => id),
    [numbered(202).id, numbered(201).id],
  );
  assert.equal((await rotationsOf(store, zone, { skip: 200, most: 50 })).rotations.length, 0);
  assert.equal((await rotationOf(store, zone, numbered(203).id))?.rehearsal, true);
  assert.equal(await rotationOf(store, zone, numbered(3).id), null);
  assert.deepEqual(await rotationOf(store, zone, numbered(4).id), numbered(4));
  assert.equal(await rotationOf(store, zone, idOf.rotation('other')), null, 'it is another zone’s');
  assert.equal((await rotationsOf(store, other, { skip: 0, most: 50 })).total, 1);
});

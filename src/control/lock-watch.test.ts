import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { instant, type ZoneId } from '../domain/ids.ts';
import { originOf, type Sight } from '../domain/proof.ts';
import { readManifest } from '../wire/bundle-manifest.ts';
import type { FeedMessage } from '../wire/feed.ts';
import {
  ACTOR,
  dataPath,
  NOW,
  name,
  newZone,
  openPlane,
  record,
  recordIdOf,
  recordingEdge,
  sure,
} from './control-plane.fixture.ts';
import type { ControlPlane } from './plane.ts';

const HOST = name('www.example.test');
const MINUTE = 60_000;

/** A zone with a locked origin that an edge looks at; `answers` says what it sees without a certificate. */
async function world(t: TestContext, answers: () => Sight) {
  let now = NOW;
  const told: string[] = [];
  const log = (event: string) => void told.push(event);
  const dir = dataPath(t);
  const open = () => openPlane(t, dir, { clock: () => now, rotationTick: 1, log });
  const plane = await open();
  const { id } = await newZone(plane);
  await plane.commit({
    zone: id,
    command: { kind: 'create_record', id: recordIdOf(1), draft: record(HOST) },
    actor: ACTOR,
  });
  await plane.commit({ zone: id, command: { kind: 'set', settings: { zonePull: true } }, actor: ACTOR });
  const join = async (to: ControlPlane) => {
    const edge = recordingEdge({ acknowledges: true });
    const send = (message: FeedMessage) => {
      edge.link.send(message);
      if (message.kind !== 'prove') return;
      const seen = message.tasks.map((task) => {
        const sights = [{ ip: task.address, from: GOOD, to: GOOD, none: answers() }];
        return { origin: originOf(task), sights, fault: null };
      });
      queueMicrotask(() => edge.say({ kind: 'proof', edge: 'edge', id: message.id, seen }));
    };
    to.connect({ ...edge.link, send });
    edge.say({ kind: 'hello', edge: 'edge' });
    await edge.seen(({ kind }) => kind === 'snapshot');
  };
  const turn = (milliseconds: number) => {
    now = instant(now + milliseconds);
  };
  return { plane, open, join, turn, told, zone: id };
}

const GOOD: Sight = { kind: 'answered', status: 200 };
const REFUSED: Sight = { kind: 'refused', how: 'page', alert: null };

async function opened(plane: ControlPlane, zone: ZoneId): Promise<void> {
  const command = { kind: 'open_lock', hostname: HOST, lasts: 30 * MINUTE, by: 'tester', because: 'a test' } as const;
  const outcome = await plane.commit({ zone, command, actor: ACTOR });
  assert.equal(outcome.kind, 'committed');
}

async function until(fits: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await fits())) {
    assert.ok(Date.now() < deadline, 'in vain');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function told(plane: ControlPlane, zone: ZoneId) {
  const signed = await plane.bundleManifest(sure(plane.zones.get(zone)));
  if ('code' in signed) assert.fail(signed.code);
  return sure(readManifest(signed.text)).openings;
}

test('a lock opens for a stated time, origins are told, and it shuts by itself once it was seen shut', async (t) => {
  let sight: Sight = GOOD;
  const { plane, join, turn, told: log, zone } = await world(t, () => sight);
  await join(plane);
  assert.deepEqual(await told(plane, zone), []);
  await opened(plane, zone);
  const ends = new Date(NOW + 30 * MINUTE).toISOString();
  assert.deepEqual(await told(plane, zone), [{ hostname: HOST, until: ends }]);
  turn(30 * MINUTE);
  assert.deepEqual(await told(plane, zone), [], 'its time is over');
  await until(() => log.includes('lock_still_open'));
  assert.equal(plane.zones.get(zone)?.openings.size, 1, 'it was not seen shut yet');
  sight = REFUSED;
  await until(() => plane.zones.get(zone)?.openings.size === 0);
  assert.ok(log.includes('lock_shut'));
});

test('outlives a restart, and can be shut before its time', async (t) => {
  const { plane, open, join, turn, zone } = await world(t, () => REFUSED);
  await opened(plane, zone);
  await plane.close();
  const again = await open();
  assert.equal(again.zones.get(zone)?.openings.get(HOST)?.because, 'a test');
  await join(again);
  turn(MINUTE);
  await again.commit({ zone, command: { kind: 'close_lock', hostname: HOST }, actor: ACTOR });
  await until(() => again.zones.get(zone)?.openings.size === 0);
});

test('where nothing is presented there is nothing to prove', async (t) => {
  const { plane, turn, zone } = await world(t, () => GOOD);
  await plane.commit({ zone, command: { kind: 'set', settings: { zonePull: false } }, actor: ACTOR });
  await opened(plane, zone);
  turn(30 * MINUTE);
  await until(() => plane.zones.get(zone)?.openings.size === 0);
});

test('a lock below a wildcard is not taken for shut before it was seen shut', async (t) => {
  let sight: Sight = GOOD;
  const { plane, join, turn, told: log, zone } = await world(t, () => sight);
  await join(plane);
  const draft = record('*.example.test');
  await plane.commit({ zone, command: { kind: 'create_record', id: recordIdOf(2), draft }, actor: ACTOR });
  const hostname = name('any.example.test');
  const command = { kind: 'open_lock', hostname, lasts: MINUTE, by: 'tester', because: 'a test' } as const;
  await plane.commit({ zone, command, actor: ACTOR });
  turn(MINUTE);
  await until(() => log.includes('lock_still_open') || log.includes('lock_shut'));
  assert.ok(!log.includes('lock_shut'));
  sight = REFUSED;
  await until(() => plane.zones.get(zone)?.openings.size === 0);
});

test('a lock of a zone that is paused is not taken for shut', async (t) => {
  const { plane, join, turn, told: log, zone } = await world(t, () => GOOD);
  await join(plane);
  await opened(plane, zone);
  await plane.commit({ zone, command: { kind: 'edit_zone', paused: true }, actor: ACTOR });
  turn(30 * MINUTE);
  await until(() => log.includes('lock_still_open') || log.includes('lock_shut'));
  assert.ok(!log.includes('lock_shut'));
});

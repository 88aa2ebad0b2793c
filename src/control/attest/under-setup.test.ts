import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostname, instant } from '../../domain/ids.ts';
import { CARRYING_OUT } from '../../domain/under-setup.ts';
import type { ControlPlane } from '../plane.ts';
import { ACTOR, dataPath, openPlane, sure } from '../control-plane.fixture.ts';
import { CLOCK, GROUND, HOST, lockedZone, OFTEN, SELDOM, until } from './keeping.fixture.ts';

const APEX = hostname('example.test') ?? assert.fail();

const EVERY_NOTICE = {
  zones: 'all',
  accounts: 'all',

  code: null,
  severities: ['info', 'warning', 'critical'],
  since: null,
  olderThan: null,
  limit: 50,
} as const;

/** What the row of the only zone counts, and of what kind the first is, as soon as that is so. */
async function counted(plane: ControlPlane, wanted: readonly unknown[]): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { concerns } = sure(plane.zoneRows('worst')[0]);
    const seen = [concerns.critical, concerns.warning, concerns.first[0]?.code];
    if (JSON.stringify(seen) === JSON.stringify(wanted)) return;
    assert.ok(tries < 400, `${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`);
    await sleep(25);
  }
}

/** What was said, the oldest first. */
async function said(plane: ControlPlane): Promise<readonly unknown[]> {
  const notices = await plane.notices(EVERY_NOTICE);
  return notices.map(({ notice: { code, severity } }) => `${code} ${severity}`).toReversed();
}

test('an open lock whose set-up watches is counted and said as one that is not there yet, until it is given up', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir, { clock: CLOCK, rotationTick: 5 });
  const { id: zone, server } = await lockedZone(t, plane);
  const name = { zone, hostname: HOST };
  await plane.keepSetup(name, { mode: 'watch' }, ACTOR);
  server.turn('open');
  plane.attest(GROUND, OFTEN);
  await until(plane, zone, ({ verdict }) => verdict === 'open');
  await counted(plane, [0, 1, 'lock_not_yet']);
  await plane.close();

  const again = await openPlane(t, dir, { clock: CLOCK, rotationTick: 5 });
  await counted(again, [0, 1, 'lock_not_yet']);
  assert.deepEqual(await said(again), ['lock_not_yet warning']);
  await again.keepSetup(name, { mode: 'enforce' }, ACTOR);
  await counted(again, [0, 1, 'lock_not_yet']);
  await again.endSetup(name, false, ACTOR);
  await counted(again, [1, 0, 'lock_open']);
  await again.close();

  const later = await openPlane(t, dir, { clock: CLOCK, rotationTick: 5 });
  assert.deepEqual(await said(later), ['lock_not_yet warning', 'lock_open critical']);
});

test('so is one that is locked with another name, until its set-up is given up', async (t) => {
  const dir = dataPath(t);
  const plane = await openPlane(t, dir, { clock: CLOCK, rotationTick: 5 });
  const { id: zone, server } = await lockedZone(t, plane);
  await plane.keepSetup({ zone, hostname: APEX }, { mode: 'watch', other_names: [HOST] }, ACTOR);
  server.turn('open');
  plane.attest(GROUND, OFTEN);
  await until(plane, zone, ({ verdict }) => verdict === 'open');
  await counted(plane, [0, 1, 'lock_not_yet']);
  await plane.close();

  const again = await openPlane(t, dir, { clock: CLOCK, rotationTick: 5 });
  await counted(again, [0, 1, 'lock_not_yet']);
  await again.endSetup({ zone, hostname: APEX }, false, ACTOR);
  await counted(again, [1, 0, 'lock_open']);
});

test('it is an alarm when there was time to carry out what was decided, without anything that happens', async (t) => {
  const dir = dataPath(t);
  let ahead = 0;
  const options = { clock: () => instant(CLOCK() + ahead), rotationTick: 5, noticeTick: 20 };
  const plane = await openPlane(t, dir, options);
  const { id: zone, server } = await lockedZone(t, plane);
  server.turn('open');
  await plane.keepSetup({ zone, hostname: HOST }, { mode: 'enforce' }, ACTOR);
  plane.attest(GROUND, SELDOM);
  await until(plane, zone, ({ verdict }) => verdict === 'open');
  await counted(plane, [0, 1, 'lock_not_yet']);
  ahead = CARRYING_OUT + 1;
  await counted(plane, [1, 0, 'lock_open']);
  assert.deepEqual(await said(plane), ['lock_not_yet warning', 'lock_open critical']);
  await plane.close();

  const again = await openPlane(t, dir, options);
  await counted(again, [1, 0, 'lock_open']);
  assert.deepEqual(await said(again), ['lock_not_yet warning', 'lock_open critical'], 'it is not said again');
});

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { instant } from '../../domain/ids.ts';
import { ACTOR, dataPath, name, openPlane, sure } from '../control-plane.fixture.ts';
import { CLOCK, GROUND, HOST, lockedZone, SELDOM, until } from './keeping.fixture.ts';

/** Milliseconds by which a clock is put forward so that a glance, or a look that it asks for, is due. */
const A_WHILE = 15_000;
const OVER = 11 * 60_000;

/** A control plane whose clock can be put forward. */
async function aheadPlane(t: TestContext, dir: string) {
  let ahead = 0;
  const plane = await openPlane(t, dir, { clock: () => instant(CLOCK() + ahead), rotationTick: 5 });
  const forward = (by: number) => {
    ahead += by;
  };
  return { plane, forward };
}

type Locked = Awaited<ReturnType<typeof lockedZone>>;

/** Whether somebody comes to a server that lets everybody in, while the clock goes on. */
async function isAsked({ server }: Pick<Locked, 'server'>, forward: (by: number) => void): Promise<void> {
  server.asked.clear();
  for (let tries = 0; server.asked.size === 0; tries += 1) {
    assert.ok(tries < 1_000, 'nobody came');
    forward(100);
    await sleep(5);
  }
}

test('once it is decided, a lock is looked at as soon as strangers are refused, also after a restart', async (t) => {
  const dir = dataPath(t);
  const before = await aheadPlane(t, dir);
  const { id, server } = await lockedZone(t, before.plane);
  server.turn('open');
  before.plane.attest(GROUND, SELDOM);
  const open = await until(before.plane, id, ({ verdict, fullAt }) => verdict === 'open' && fullAt !== null);
  const setup = { zone: id, hostname: HOST };
  await before.plane.keepSetup(setup, { server: 'nginx', mode: 'enforce' }, ACTOR);
  await isAsked({ server }, before.forward);
  assert.equal(before.plane.attestations(id).attestations[0]?.fullAt, open.fullAt, 'nothing has changed');
  const { decided, modified } = sure((await before.plane.setup(setup)) ?? undefined);
  assert.ok(sure(before.plane.glancesUntil(id, { decided, modified }) ?? undefined) > sure(decided ?? undefined));
  before.forward(A_WHILE);
  server.turn('locked');
  const locked = await until(before.plane, id, ({ verdict }) => verdict === 'locked');
  assert.equal(locked.fullAt, locked.at, 'in every way');
  assert.ok(sure(locked.fullAt ?? undefined) > sure(open.fullAt ?? undefined));

  server.turn('open');
  await before.plane.attestNow(id, HOST);
  assert.equal(before.plane.attestations(id).attestations[0]?.verdict, 'open');
  await before.plane.close();

  server.turn('locked');
  const { plane, forward } = await aheadPlane(t, dir);
  forward(5 * 60_000);
  plane.attest(GROUND, SELDOM);
  await until(plane, id, ({ verdict }) => verdict === 'locked');
});

test('nobody comes where nothing was decided, while looks are paused, and once nobody waits any more', async (t) => {
  const { plane, forward } = await aheadPlane(t, dataPath(t));
  const [waiting, watching, plain, paused] = [
    await lockedZone(t, plane),
    await lockedZone(t, plane, 'watching.test'),
    await lockedZone(t, plane, 'plain.test'),
    await lockedZone(t, plane, 'paused.test'),
  ];
  const all = [waiting, watching, plain, paused];
  for (const { server } of all) server.turn('open');
  plane.attest(GROUND, SELDOM);
  for (const { id } of all) await until(plane, id, ({ fullAt }) => fullAt !== null);
  await plane.keepSetup({ zone: watching.id, hostname: name('www.watching.test') }, { mode: 'watch' }, ACTOR);
  await plane.keepSetup({ zone: paused.id, hostname: name('www.paused.test') }, { mode: 'enforce' }, ACTOR);
  await isAsked(paused, forward);
  const pause = { kind: 'pause_looks', lasts: 3_000_000, by: 'ops', because: 'it moves' } as const;
  assert.equal((await plane.commit({ zone: paused.id, command: pause, actor: ACTOR })).kind, 'committed');
  const decision = instant(CLOCK());
  assert.equal(plane.glancesUntil(paused.id, { decided: decision, modified: decision }), null);
  await plane.keepSetup({ zone: waiting.id, hostname: HOST }, { mode: 'enforce' }, ACTOR);
  await isAsked(waiting, forward);
  for (const { server } of [watching, plain, paused]) server.asked.clear();
  for (let glances = 0; glances < 3; glances += 1) await isAsked(waiting, forward);
  assert.deepEqual(
    [watching, plain, paused].map(({ server }) => server.asked.size),
    [0, 0, 0],
  );

  // Ticks go on: another one is glanced at.
  forward(OVER);
  await plane.keepSetup({ zone: plain.id, hostname: name('www.plain.test') }, { mode: 'enforce' }, ACTOR);
  await isAsked(plain, forward);
  waiting.server.asked.clear();
  for (let glances = 0; glances < 3; glances += 1) await isAsked(plain, forward);
  assert.equal(waiting.server.asked.size, 0);
});

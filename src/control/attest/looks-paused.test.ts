import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { attestationKey } from '../../domain/attestation.ts';
import { instant } from '../../domain/ids.ts';
import { readReport } from '../../wire/attestation-report.ts';
import { attestationPage } from '../../wire/attestation-page.ts';
import { ACTOR, dataPath, openPlane, sure } from '../control-plane.fixture.ts';
import type { ControlPlane } from '../plane.ts';
import { CLOCK, GROUND, lockedZone, OFTEN, until } from './keeping.fixture.ts';

const PAUSE = { kind: 'pause_looks', lasts: 60_000, by: 'ops', because: 'the <datacentre> moves' } as const;

/** A control plane with a clock that can be put forward. */
async function aheadPlane(t: Parameters<typeof openPlane>[0], dir: string) {
  let ahead = 0;
  const plane = await openPlane(t, dir, { clock: () => instant(CLOCK() + ahead), rotationTick: 5 });
  const forward = (by: number) => {
    ahead += by;
  };
  return { plane, forward };
}

/** How the lock of the only origin of a zone was and is, the newest last. */
async function history(plane: ControlPlane, zone: Parameters<ControlPlane['attestations']>[0]) {
  const changes = await plane.attestationChanges(zone, { origin: null, since: null, most: 10 });
  return changes.map(({ verdict }) => verdict).toReversed();
}

test('while nobody looks a lock is not known to hold, and from the end on it is looked at by itself', async (t) => {
  const { plane, forward } = await aheadPlane(t, dataPath(t));
  const { id, server } = await lockedZone(t, plane);
  const beside = await lockedZone(t, plane, 'beside.test');
  plane.attest(GROUND, OFTEN);
  const locked = await until(plane, id, ({ fullAt, verdict }) => verdict === 'locked' && fullAt !== null);
  const committed = await plane.commit({ zone: id, command: PAUSE, actor: ACTOR });
  assert.equal(committed.kind, 'committed');
  const { attestations, pause } = plane.attestations(id);
  assert.equal(pause?.because, PAUSE.because);
  assert.deepEqual([attestations[0]?.verdict, attestations[0]?.lockedSince], ['unknown', null]);
  const asked = await plane.attestNow(id, null);
  assert.equal('code' in asked && asked.code, 'looks_paused');
  assert.equal(plane.attestationFigures().gauges['locks|unknown'], 1);

  // What is open meanwhile is seen by nobody, however often others are looked at.
  server.turn('open');
  while ((await history(plane, id)).at(-1) !== 'unknown') await sleep(5);
  for (let looks = 0; looks < 5; looks++) {
    const { at } = sure(plane.attestations(beside.id).attestations[0]);
    await until(plane, beside.id, (one) => one.at > at);
  }
  assert.deepEqual(await history(plane, id), ['locked', 'unknown']);
  server.turn('locked');

  forward(PAUSE.lasts);
  const again = await until(plane, id, ({ verdict }) => verdict === 'locked');
  assert.ok(sure(again.lockedSince) >= pause.until && sure(again.lockedSince) > sure(locked.lockedSince));
  assert.equal(plane.attestations(id).pause, null);
  assert.deepEqual(await history(plane, id), ['locked', 'unknown', 'locked']);
});

test('a report from a pause says that nobody looks, and why', async (t) => {
  const { plane } = await aheadPlane(t, dataPath(t));
  const { id } = await lockedZone(t, plane);
  plane.attest(GROUND, OFTEN);
  await until(plane, id, ({ verdict }) => verdict === 'locked');
  await plane.commit({ zone: id, command: PAUSE, actor: ACTOR });
  const report = await plane.attestationReport(id, instant(0));
  if (report.kind !== 'signed') assert.fail(report.code);
  const read = sure(readReport(report.text));
  assert.deepEqual([read.verdict, read.paused?.reason, read.locks[0]?.locked_since], ['unknown', PAUSE.because, null]);
  assert.match(attestationPage(read, report.sha256), /Nobody looks from .* because: the &lt;datacentre&gt; moves/);
});

test('a pause, and what was not known through it, outlive a restart; who resumes has it looked at again', async (t) => {
  const dir = dataPath(t);
  const before = await aheadPlane(t, dir);
  const { id, server } = await lockedZone(t, before.plane);
  before.plane.attest(GROUND, OFTEN);
  const locked = await until(before.plane, id, ({ verdict }) => verdict === 'locked');
  // Nobody has come by yet to write that it is not known any more.
  await before.plane.commit({ zone: id, command: PAUSE, actor: ACTOR });
  await before.plane.close();

  const { plane } = await aheadPlane(t, dir);
  const { attestations, pause } = plane.attestations(id);
  assert.deepEqual([attestations[0]?.verdict, pause?.by], ['unknown', 'ops']);
  plane.attest(GROUND, OFTEN);
  assert.equal((await plane.commit({ zone: id, command: { kind: 'resume_looks' }, actor: ACTOR })).kind, 'committed');
  const again = await until(plane, id, ({ verdict }) => verdict === 'locked');
  assert.ok(sure(again.lockedSince) > sure(locked.lockedSince));
  server.turn('open');
  await until(plane, id, ({ verdict }) => verdict === 'open');
  // What was open is taken to be open while nobody looks.
  await plane.commit({ zone: id, command: PAUSE, actor: ACTOR });
  assert.equal(plane.attestations(id).attestations[0]?.verdict, 'open');
  const changes = await plane.attestationChanges(id, { origin: attestationKey(again), since: null, most: 10 });
  assert.deepEqual(changes.map(({ verdict }) => verdict).toReversed(), ['locked', 'unknown', 'locked', 'open']);
});

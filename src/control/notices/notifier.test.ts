import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Instant, instant } from '../../domain/ids.ts';
import { ACTOR, DAY, dataPath, NOW, name, newZone, openPlane, upload } from '../control-plane.fixture.ts';
import type { ControlPlane } from '../plane.ts';

const ROUND = 300_000;

/** A zone with an upload of 90 days, whose CA of 365 days two hostnames ask their visitors for; and a clock to turn. */
async function world(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const dir = dataPath(t);
  let now: Instant = NOW;
  const clock = () => now;
  const logged: { readonly event: string; readonly [field: string]: unknown }[] = [];
  const log = (event: string, fields: object) => void logged.push({ event, ...fields });
  const open = () => openPlane(t, dir, { clock, log });
  const plane = await open();
  const { id } = await newZone(plane);
  const { draft, key } = await upload('zone');
  await plane.commit({ zone: id, actor: ACTOR, command: { kind: 'add_certificate', draft }, key });
  for (const hostname of [name('a.example.test'), name('*.example.test')]) {
    const asked = { hostname, name: null, certificates: draft.chain };
    await plane.commit({ zone: id, actor: ACTOR, command: { kind: 'require_visitors', draft: asked } });
  }
  const turn = (to: number) => {
    now = instant(to);
  };
  return { open, plane, zone: id, turn, logged, leaf: draft.leaf, ca: draft.chain[0] ?? assert.fail() };
}

async function codes(plane: ControlPlane, wanted: RegExp): Promise<readonly string[]> {
  const query = { zones: 'all', accounts: 'all', code: null, severities: ['info', 'warning', 'critical'] } as const;
  const found = await plane.notices({ ...query, since: null, olderThan: null, limit: 1_000 });
  return found.map(({ notice }) => notice.code).filter((code) => wanted.test(code));
}

/** Lets the plane look again: what a round says is stored when the next one begins. */
async function looked(t: TestContext, plane: ControlPlane, count: number, wanted: RegExp): Promise<void> {
  while ((await codes(plane, wanted)).length < count) {
    t.mock.timers.tick(ROUND);
    await new Promise((next) => setImmediate(next));
  }
}

test('while time goes by, what ends is told four times before and once after, and a restart tells nothing again', async (t) => {
  const { open, plane, turn, leaf } = await world(t);
  let running = plane;
  const upload = /^certificate_ending$/;
  for (const [index, left] of [30, 14, 7, 1, 0].entries()) {
    turn(leaf.notAfter - left * DAY);
    await looked(t, running, index + 1, upload);
    assert.equal((await codes(running, upload)).length, index + 1);
    await running.close();
    running = await open();
    assert.equal((await codes(running, upload)).length, index + 1, 'a start looks at everything');
  }
});

test('a CA of visitors is told of once for all hostnames that ask for it, in the log too', async (t) => {
  const { open, plane, turn, logged, ca } = await world(t);
  await plane.close();
  turn(ca.notAfter - 20 * DAY);
  await open();
  const { hostnames, subject, zone_name, expires_on, severity } =
    logged.find(({ event }) => event === 'visitor_authority_ending') ?? assert.fail();
  assert.deepEqual(
    [hostnames, subject, zone_name, expires_on, severity],
    [
      'a.example.test, *.example.test',
      'CN=root of the owner',
      'example.test',
      new Date(ca.notAfter).toISOString(),
      'warning',
    ],
  );
  assert.equal(logged.filter(({ event }) => event === 'visitor_authority_ending').length, 1);
});

test('a rotation is told when it begins and when it ends', async (t) => {
  const { plane, zone } = await world(t);
  const pace = { canaryShare: 1, canaryFor: 0, watchFor: 0, drainFor: 0, noticeFor: 0, refusals: 0, retryAfter: 0 };
  const request = {
    what: 'leaf',
    cause: 'asked',
    rehearsal: false,
    revokeFirst: false,
    pace,
    because: '',
    by: 'test',
  } as const;
  assert.equal((await plane.startRotation(zone, request, ACTOR)).kind, 'committed');
  await looked(t, plane, 1, /^rotation_/);
  // No origin holds it back, so its rotator brings it to its end by itself.
  await looked(t, plane, 2, /^rotation_/);
  assert.deepEqual(await codes(plane, /^rotation_/), ['rotation_ended', 'rotation_begun']);
  const { counters } = await plane.noticeFigures();
  assert.equal(counters['notices_total|rotation_ended'], 1);
});

test('a zone that is deleted keeps its notices, and its concerns are forgotten', async (t) => {
  const { open, plane, turn, leaf, zone } = await world(t);
  turn(leaf.notAfter - 10 * DAY);
  await looked(t, plane, 1, /^certificate_ending$/);
  await plane.commit({ zone, actor: ACTOR, command: { kind: 'delete_zone' } });
  await plane.close();
  const again = await open();
  assert.equal((await codes(again, /^certificate_ending$/)).length, 1);
});

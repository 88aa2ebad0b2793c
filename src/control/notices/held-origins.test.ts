import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import { USUAL_PACE } from '../../domain/rotation-pace.ts';
import { ACTOR, dataPath, NOW, newZone, openPlane, record, recordIdOf } from '../control-plane.fixture.ts';
import type { ControlPlane } from '../plane.ts';
import { HOUR, provingEdge } from '../rotation/rotator.fixture.ts';
import { until } from './receiver.fixture.ts';

const MINUTE = 60_000;
const ALL = { zones: 'all', accounts: 'all', code: null, severities: ['info', 'warning', 'critical'] } as const;

/** An edge to whose looks every origin refuses the new certificate. */
function refusedEdge(plane: ControlPlane): void {
  const edge = provingEdge({ refuses: () => true });
  plane.connect(edge.link);
  edge.say({ kind: 'hello', edge: 'edge' });
}

async function told(plane: ControlPlane, code: string): Promise<readonly string[]> {
  const found = await plane.notices({ ...ALL, since: null, olderThan: null, limit: 100 });
  return found.filter(({ notice }) => notice.code === code).map(({ notice }) => notice.detail);
}

test('an origin that refuses is told of after a day, once, whatever is restarted; and counted meanwhile', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let now = NOW;
  const dir = dataPath(t);
  const open = () => openPlane(t, dir, { clock: () => now });
  const plane = await open();
  const { id: zone } = await newZone(plane);
  const command = { kind: 'create_record', id: recordIdOf(1), draft: record('www.example.test') } as const;
  await plane.commit({ zone, command, actor: ACTOR });
  await plane.commit({ zone, command: { kind: 'set', settings: { zonePull: true } }, actor: ACTOR });
  refusedEdge(plane);
  const request = { what: 'leaf', cause: 'asked', rehearsal: false, revokeFirst: false, because: '', by: 'x' } as const;
  assert.equal((await plane.startRotation(zone, { ...request, pace: USUAL_PACE }, ACTOR)).kind, 'committed');
  /** Lets time go by until something is so. */
  const passing = (holds: () => boolean | Promise<boolean>) =>
    until(() => {
      t.mock.timers.tick(MINUTE);
      return holds();
    });
  const seen = (running: ControlPlane) =>
    running.rotationSight(zone)?.origins.some(({ evidence }) => evidence !== null);
  await passing(() => seen(plane) === true);
  const { gauges } = await plane.noticeFigures();
  assert.equal(gauges['origins_held|refused'], 1);
  assert.deepEqual(await told(plane, 'origin_refuses'), []);
  now = instant(NOW + 25 * HOUR);
  await passing(async () => (await told(plane, 'origin_refuses')).length > 0);
  const [detail] = await told(plane, 'origin_refuses');
  assert.match(
    detail ?? '',
    /^www\.example\.test at 192\.0\.2\.1:443: The origin refuses the new certificate\. Install/,
  );
  await plane.close();
  const again = await open();
  assert.deepEqual((await told(again, 'origin_refuses')).length, 1);
  refusedEdge(again);
  await passing(() => seen(again) === true);
  // Whatever is said now is said after what the last look has found.
  const wish = { id: again.zones.get(zone)?.rotation?.id ?? assert.fail(), by: 'x', because: '' };
  const undo = { kind: 'steer_rotation', wish: { ...wish, wish: { kind: 'undo' } } } as const;
  await again.commit({ zone, command: undo, actor: ACTOR });
  await passing(async () => (await told(again, 'rotation_undone')).length > 0);
  assert.deepEqual((await told(again, 'origin_refuses')).length, 1);
});

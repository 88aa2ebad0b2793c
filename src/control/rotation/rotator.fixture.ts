import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { instant, type ZoneId } from '../../domain/ids.ts';
import { originOf, type ProofTask, type Sight } from '../../domain/proof.ts';
import type { Rotation } from '../../domain/rotation.ts';
import { USUAL_PACE } from '../../domain/rotation-pace.ts';
import type { Zone } from '../../domain/zone.ts';
import type { FeedMessage } from '../../wire/feed.ts';
import {
  ACTOR,
  dataPath,
  NOW,
  newZone,
  openPlane,
  record,
  recordIdOf,
  recordingEdge,
  sure,
} from '../control-plane.fixture.ts';
import type { ControlPlane } from '../plane.ts';
import type { RotationRequest } from './prepare.ts';
/** Rotations with the real control plane, an edge that answers as the test says, and a clock that the test turns. */

const ANSWERED: Sight = { kind: 'answered', status: 200 };
const REFUSED: Sight = { kind: 'refused', how: 'alert', alert: 48 };
export const HOUR = 3_600_000;

export const REQUEST: RotationRequest = {
  what: 'leaf',
  cause: 'asked',
  rehearsal: false,
  revokeFirst: false,
  pace: { ...USUAL_PACE, canaryFor: HOUR, watchFor: HOUR, drainFor: HOUR, noticeFor: HOUR },
  because: 'a test',
  by: 'tester',
};

/** How the origins behave: `refuses` says which do not accept the new certificate, `held` when they are looked at. */
interface Conduct {
  readonly refuses?: (task: ProofTask) => boolean;
  readonly oldRefused?: () => boolean;
  readonly held?: () => Promise<void>;
}

/** An edge that answers each question about origins. */
export function provingEdge({
  refuses = () => false,
  oldRefused = () => false,
  held = () => Promise.resolve(),
}: Conduct) {
  const edge = recordingEdge({ acknowledges: true });
  const link = {
    ...edge.link,
    send: (message: FeedMessage) => {
      edge.link.send(message);
      if (message.kind !== 'prove') return;
      const seen = message.tasks.map((task) => {
        const to = refuses(task) ? REFUSED : ANSWERED;
        const from = oldRefused() ? REFUSED : ANSWERED;
        const sights = [{ ip: '192.0.2.1', from, to, none: REFUSED }];
        return { origin: originOf(task), sights, fault: null };
      });
      void held().then(() => edge.say({ kind: 'proof', edge: 'edge', id: message.id, seen }));
    },
  };
  return { ...edge, link };
}

/** A zone with two origins, an edge, and a clock that the test turns; `rotationTick` in milliseconds of the timers. */
export async function world(t: TestContext, conduct: Conduct = {}, rotationTick = 1) {
  let now = NOW;
  const clock = () => now;
  const dir = dataPath(t);
  const open = () => openPlane(t, dir, { clock, rotationTick });
  const plane = await open();
  const zone = await newZone(plane);
  for (const [index, host] of ['a.example.test', 'b.example.test'].entries()) {
    const command = { kind: 'create_record', id: recordIdOf(index), draft: record(host) } as const;
    await plane.commit({ zone: zone.id, command, actor: ACTOR });
  }
  await plane.commit({ zone: zone.id, command: { kind: 'set', settings: { zonePull: true } }, actor: ACTOR });
  const join = async (to: ControlPlane) => {
    const edge = provingEdge(conduct);
    to.connect(edge.link);
    edge.say({ kind: 'hello', edge: 'edge' });
    await edge.seen(({ kind }) => kind === 'snapshot');
    return edge;
  };
  return {
    dir,
    open,
    plane,
    zone: zone.id,
    join,
    turn: (milliseconds: number) => {
      now = instant(now + milliseconds);
      return now;
    },
  };
}

export async function began(plane: ControlPlane, zone: ZoneId, over: Partial<RotationRequest> = {}): Promise<Zone> {
  const outcome = await plane.startRotation(zone, { ...REQUEST, ...over }, ACTOR);
  if (outcome.kind === 'problem') assert.fail(`${outcome.code} ${outcome.detail}`);
  return outcome.zone;
}

/** Turns of the event loop until the rotation is as wanted. */
export async function until(
  plane: ControlPlane,
  zone: ZoneId,
  fits: (rotation: Rotation) => boolean,
): Promise<Rotation> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const { rotation } = sure(plane.zones.get(zone));
    if (rotation !== null && fits(rotation)) return rotation;
    if (Date.now() > deadline) assert.fail(`in vain: ${JSON.stringify(rotation?.phase)}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export const inPhase = (kind: Rotation['phase']['kind']) => (rotation: Rotation) => rotation.phase.kind === kind;

import type { RotationId, ZoneId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { Rotated, Rotation } from '../../domain/rotation.ts';
import { USUAL_PACE } from '../../domain/rotation-pace.ts';
import type { Zone } from '../../domain/zone.ts';
import { type CommitRequest, commitChange, type Stored } from '../commit.ts';
import type { ControlState } from '../control-state.ts';
import type { Feed } from '../feed.ts';
import type { Actor } from '../actor.ts';
import type { Committed } from '../committed.ts';
import { type RotationPage, rotationOf, rotationsOf } from '../rotation-rows.ts';
import type { Stretch } from '../stretch.ts';
import type { LookPlaces } from '../look-places.ts';
import type { InTurn } from '../turns.ts';
import { prepareRotation, type RotationRequest } from './prepare.ts';
import { type RotationSight, Rotator } from './rotator.ts';

/** The rotations of zones. What is decided of one that is under way goes through `commit`. */
export interface RotationKeeping {
  /** Makes new certificates and CAs, and begins to bring them to the origins of a zone. */
  readonly startRotation: (zone: ZoneId, request: RotationRequest, actor: Actor) => Promise<Committed | Problem>;
  /** Of a zone, the newest first. */
  readonly rotations: (zone: ZoneId, stretch: Stretch) => Promise<RotationPage>;
  readonly rotation: (zone: ZoneId, id: RotationId) => Promise<Rotation | null>;
  /** What is seen of the one that is under way; `null` where none is. */
  readonly rotationSight: (zone: ZoneId) => RotationSight | null;
}

interface KeepingParts {
  readonly feed: Feed;
  readonly inTurn: InTurn;
  readonly change: (request: CommitRequest) => Promise<Committed | Problem>;
  readonly places: LookPlaces;
  /** Milliseconds between ticks. */
  readonly every?: number;
}

interface Keeping {
  readonly keeping: RotationKeeping;
  /** Begins a rotation because of the time. */
  readonly due: (zone: Zone, what: Rotated) => Promise<Stored | Problem>;
  readonly close: () => void;
}

const CLOCK: Actor = { token: 'postern', from: 'renewal' };

/** Rotations for the control plane, and what brings them on until it is closed. */
export function rotationKeeping(state: ControlState, { feed, inTurn, change, places, every }: KeepingParts): Keeping {
  const rotator = new Rotator({
    state,
    feed,
    inTurn,
    places,
    watch: feed.origins,
    ...(every === undefined ? {} : { every }),
  });
  rotator.start();
  const begin = async (id: ZoneId, request: RotationRequest, actor: Actor): Promise<CommitRequest | Problem> => {
    const zone = state.zones.index.get(id);
    if (zone === undefined) return problem('zone_not_found');
    // Outside the turn, because keys cost time; what they were made for must still be so when it comes.
    const prepared = await prepareRotation(state, zone, request);
    if ('code' in prepared) return prepared;
    const { draft, secrets } = prepared;
    const precondition = (present: Zone | null) =>
      present === null || present.authority === zone.authority ? null : problem('rotation_moved_on', zone.name);
    return { zone: id, command: { kind: 'start_rotation', draft }, actor, secrets, precondition };
  };
  return {
    keeping: {
      startRotation: async (id, request, actor) => {
        const begun = await begin(id, request, actor);
        return 'code' in begun ? begun : change(begun);
      },
      rotations: (zone, stretch) => rotationsOf(state.store, zone, stretch),
      rotation: (zone, id) => rotationOf(state.store, zone, id),
      rotationSight: (zone) => rotator.sight(zone),
    },
    due: async ({ id }, what) => {
      const request = { what, cause: 'due', rehearsal: false, revokeFirst: false, pace: USUAL_PACE } as const;
      const because = 'less than a third of its life is left';
      const begun = await begin(id, { ...request, because, by: CLOCK.token }, CLOCK);
      // Nobody waits for the edges here: there may be very many of these.
      return 'code' in begun ? begun : inTurn(() => commitChange(state, feed, begun));
    },
    close: () => rotator.close(),
  };
}

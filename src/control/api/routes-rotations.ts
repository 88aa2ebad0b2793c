import { z } from 'zod';
import { type Hostname, rotationId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { OriginName } from '../../domain/proof.ts';
import { heldOrigins, isRunning, type Rotation } from '../../domain/rotation.ts';
import type { RotationWish } from '../../domain/rotation-changes.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { madeLike } from '../../wire/managed-certificates.ts';
import { typedPattern } from '../../wire/names.ts';
import { paceOf, ROTATION, ROTATION_BODY, ROTATION_EDIT, rotationView } from '../../wire/rotations.ts';
import { IN_ZONE_PARAMS, paging, ZONE_PARAMS } from '../../wire/schemas.ts';
import type { RotationSight } from '../rotation/rotator.ts';
import { changed, commit } from './committed.ts';
import { pageOfMany, stretchOf } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';

const PATH = '/postern/v1/zones/:zone/rotations';

const ROTATION_LIST = z.strictObject(paging({ minimum: 1, maximum: 50, otherwise: 20 }));

export const ROTATION_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS, query: ROTATION_LIST },
    answers:
      'The rotations of a zone, the newest first: how far each is, what it waits for, and what was seen of each origin.',
    returns: pageOf(ROTATION),
    handle: async ({ query }, call) => {
      const { total, rotations } = await call.plane.rotations(call.zone.id, stretchOf(query));
      return pageOfMany(rotations, { total, query }, (rotation) => rotationView(rotation, sightOf(rotation, call)));
    },
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: ROTATION_BODY },
    answers:
      'Begins a rotation: new certificates, and new CAs where those are rotated. No origin is shown one before it was seen accepting it.',
    returns: one(ROTATION),
    handle: async ({ body }, { plane, zone, actor, token, ...call }) => {
      const { what, rehearsal = false, emergency = false, revoke_first: revokeFirst = false, reason = '' } = body;
      const cause = emergency ? 'emergency' : 'asked';
      const request = {
        what,
        cause,
        rehearsal,
        revokeFirst,
        pace: paceOf(body),
        made: madeLike(body),
        because: reason,
        by: token.name,
      } as const;
      const committed = await plane.startRotation(zone.id, request, actor);
      if (isProblem(committed)) return committed;
      return changed(committed, viewOf(committed.zone.rotation, { ...call, plane, zone, actor, token }));
    },
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'ssl:read',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'One rotation, with the evidence for each origin and the history of its decisions.',
    returns: one(ROTATION),
    handle: async ({ params }, call) => {
      const found = await find(params.id, call);
      return isProblem(found) ? found : { kind: 'answer', result: rotationView(found, sightOf(found, call)) };
    },
  }),
  zoneRoute({
    method: 'PATCH',
    path: `${PATH}/:id`,
    permission: 'ssl:edit',
    takes: { params: IN_ZONE_PARAMS, body: ROTATION_EDIT },
    answers:
      'Pauses a rotation, resumes it, undoes it, or forces it: then origins are switched without proof, or once all are switched, the notice of the old CA or the wait for its refusal ends. A reason is kept in its history.',
    returns: one(ROTATION),
    handle: async ({ params, body }, call) => {
      const found = await find(params.id, call);
      if (isProblem(found)) return found;
      const wish = wished(body, found, call);
      if (isProblem(wish)) return wish;
      const about = { id: found.id, by: call.token.name, because: body.reason ?? '', wish };
      const committed = await commit(call, { kind: 'steer_rotation', wish: about });
      return isProblem(committed) ? committed : changed(committed, viewOf(committed.zone.rotation, call));
    },
  }),
];

function viewOf(rotation: Rotation | null, call: ZoneCall) {
  if (rotation === null) throw new TypeError('a zone whose rotation was changed has one');
  return rotationView(rotation, sightOf(rotation, call));
}

function sightOf(rotation: Rotation, { plane, zone }: ZoneCall): RotationSight | null {
  return isRunning(rotation) ? plane.rotationSight(zone.id) : null;
}

async function find(text: string, { plane, zone }: ZoneCall): Promise<Rotation | Problem> {
  const id = rotationId(text.toLowerCase());
  if (id === zone.rotation?.id && zone.rotation !== null) return zone.rotation;
  const found = id === null ? null : await plane.rotation(zone.id, id);
  return found ?? problem('rotation_not_found');
}

function wished(
  { action, hostnames, reason }: z.output<typeof ROTATION_EDIT>,
  rotation: Rotation,
  call: ZoneCall,
): RotationWish['wish'] | Problem {
  if (action !== 'force') {
    return hostnames === undefined
      ? { kind: action }
      : problem('bad_body', 'hostnames goes with force alone', '/hostnames');
  }
  if (reason === undefined || reason === '') {
    return problem('bad_body', 'reason must say why origins are switched without proof', '/reason');
  }
  const origins = heldOrigins(rotation, call.plane.rotationSight(call.zone.id)?.origins ?? []);
  if (hostnames === undefined) return { kind: 'force', origins };
  const chosen: OriginName[] = [];
  for (const [index, text] of hostnames.entries()) {
    const name: Hostname | null = typedPattern(text);
    const own = origins.filter(({ hostname }) => hostname === name);
    if (own.length === 0) return problem('rotation_origin_unknown', shown(text), `/hostnames/${index}`);
    chosen.push(...own);
  }
  return { kind: 'force', origins: chosen };
}

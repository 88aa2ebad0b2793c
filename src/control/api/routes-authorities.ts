import type { z } from 'zod';
import { instant } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problems.ts';
import type { Zone } from '../../domain/zone.ts';
import { Secret } from '../../pki/secret.ts';
import type { View } from '../../wire/answer-fields.ts';
import {
  AUTHORITY,
  authorityView,
  IMPORT_BODY,
  ROOT_EXPORT,
  ROOT_EXPORT_BODY,
  ROOT_FORGET_BODY,
  ROOT_RESTORE_BODY,
} from '../../wire/authorities.ts';
import { isProblem } from '../../wire/commands.ts';
import { madeLike } from '../../wire/managed-certificates.ts';
import { remark } from '../../wire/messages.ts';
import { paceOf, ROTATION, rotationView } from '../../wire/rotations.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { readBrought } from './brought.ts';
import { changed } from './committed.ts';
import { one } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';

const PATH = '/postern/v1/zones/:zone/authority';
const DAY = 86_400_000;
const LIST_DAYS = 365;

export const AUTHORITY_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS },
    answers: 'The CAs that issue the managed identities of a zone, and whether the key of the root is here.',
    returns: one(AUTHORITY),
    handle: async (_, call) => ({ kind: 'answer', result: await viewOf(call.zone, call) }),
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: IMPORT_BODY },
    answers:
      'Brings an intermediate of your own root with its key, and begins the rotation to it: origins are switched once they accept what it signs.',
    returns: one(ROTATION),
    handle: ({ body }, call) => bring(body, call),
  }),
  zoneRoute({
    method: 'POST',
    path: `${PATH}/root_key/export`,
    permission: 'keys:export',
    takes: { params: ZONE_PARAMS, body: ROOT_EXPORT_BODY },
    answers: 'The key of the root under a passphrase. It stays here too, until it is forgotten.',
    returns: one(ROOT_EXPORT),
    handle: async ({ body }, { plane, zone, actor }) => {
      const sealed = await plane.exportRootKey(zone.id, new Secret(body.passphrase), actor);
      if (isProblem(sealed)) return sealed;
      const { fingerprint } = zone.authority.root;
      return { kind: 'answer', result: { encrypted_key: sealed.encrypted, root_fingerprint: fingerprint } };
    },
  }),
  zoneRoute({
    method: 'POST',
    path: `${PATH}/root_key/forget`,
    permission: 'keys:export',
    takes: { params: ZONE_PARAMS, body: ROOT_FORGET_BODY },
    answers:
      'Lets go of the key of the root, after it has signed ahead what is needed until the next ceremony. Whoever asks must show that their copy opens.',
    returns: one(AUTHORITY),
    handle: ({ body }, call) => forget(body, call),
  }),
  zoneRoute({
    method: 'POST',
    path: `${PATH}/root_key/restore`,
    permission: 'keys:export',
    takes: { params: ZONE_PARAMS, body: ROOT_RESTORE_BODY },
    answers: 'Brings the key of the root back, for what only it can sign.',
    returns: one(AUTHORITY),
    handle: async ({ body }, call) => {
      const sealed = { encrypted: body.encrypted_key, passphrase: new Secret(body.passphrase) };
      const committed = await call.plane.restoreRootKey(call.zone.id, sealed, call.actor);
      return isProblem(committed) ? committed : changed(committed, await viewOf(committed.zone, call));
    },
  }),
];

async function viewOf(zone: Zone, { plane }: ZoneCall): Promise<View<typeof AUTHORITY>> {
  return authorityView(zone, await plane.rootListUntil(zone));
}

async function bring(
  body: z.output<typeof IMPORT_BODY>,
  call: ZoneCall,
): Promise<Answer<View<typeof ROTATION>> | Problem> {
  const { plane, zone, actor, token } = call;
  const brought = await readBrought(body, call);
  if (isProblem(brought)) return brought;
  const isSame = brought.root.fingerprint === zone.authority.root.fingerprint;
  const { rehearsal = false, reason = '' } = body;
  const request = {
    what: isSame ? 'intermediate' : 'root',
    cause: 'asked',
    rehearsal,
    revokeFirst: false,
    pace: paceOf(body),
    made: madeLike(body),
    brought,
    because: reason,
    by: token.name,
  } as const;
  const committed = await plane.startRotation(zone.id, request, actor);
  if (isProblem(committed)) return committed;
  const { rotation } = committed.zone;
  if (rotation === null) throw new TypeError('a zone whose rotation was started has one');
  const view = rotationView(rotation, plane.rotationSight(zone.id));
  const { subject } = brought.root;
  const messages = isSame ? [] : [remark('brought_root', subject), remark('root_list_missing', subject)];
  return changed(committed, view, messages);
}

async function forget(
  body: z.output<typeof ROOT_FORGET_BODY>,
  call: ZoneCall,
): Promise<Answer<View<typeof AUTHORITY>> | Problem> {
  const {
    encrypted_key: encrypted,
    passphrase,
    list_days: days = LIST_DAYS,
    standby = true,
    bundle_signer: signer = true,
  } = body;
  const { notAfter } = call.zone.authority.root;
  const until = instant(Math.min(call.now + days * DAY, notAfter));
  const wish = { encrypted, passphrase: new Secret(passphrase), until, standby, signer };
  const committed = await call.plane.forgetRootKey(call.zone.id, wish, call.actor);
  return isProblem(committed) ? committed : changed(committed, await viewOf(committed.zone, call));
}

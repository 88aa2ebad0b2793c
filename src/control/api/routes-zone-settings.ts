import type { z } from 'zod';
import type { Problem } from '../../domain/problems.ts';
import type { View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import {
  beyondPermissions,
  ZONE_SETTINGS,
  ZONE_SETTINGS_EDIT,
  zoneSettingsChange,
  zoneSettingsView,
} from '../../wire/zone-settings.ts';
import { changed, commit, zoneMessages } from './committed.ts';
import { tagged, unmatched } from './entity-tag.ts';
import { allows } from './permissions.ts';
import { one } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';

const PATH = '/postern/v1/zones/:zone/settings';

export const ZONE_SETTING_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'settings:read',
    takes: { params: ZONE_PARAMS },
    answers: 'All that its owner decides for a whole zone, as one object with an ETag.',
    returns: one(ZONE_SETTINGS),
    precondition: 'if-none-match',
    handle: (_, { zone }) => ({ ...tagged(zoneSettingsView(zone)), messages: zoneMessages(zone) }),
  }),
  zoneRoute({
    method: 'PATCH',
    path: PATH,
    permission: 'settings:edit',
    takes: { params: ZONE_PARAMS, body: ZONE_SETTINGS_EDIT },
    answers:
      'Changes several of them, all or none; with If-Match only if nobody changed them meanwhile. origin_tls_client_auth also needs ssl:edit, paused needs zone:edit.',
    returns: one(ZONE_SETTINGS),
    precondition: 'if-match',
    handle: ({ body }, call) => change(body, call),
  }),
];

async function change(
  body: z.output<typeof ZONE_SETTINGS_EDIT>,
  call: ZoneCall,
): Promise<Answer<View<typeof ZONE_SETTINGS>> | Problem> {
  const wanted = beyondPermissions(body, (one) => allows(call.token.permissions, one)) ?? zoneSettingsChange(body);
  if (isProblem(wanted)) return wanted;
  const { settings, paused } = wanted;
  const ifMatch = call.header('if-match');
  const committed = await commit(
    call,
    { kind: 'set', settings, ...(paused === undefined ? {} : { paused }) },
    { precondition: (zone) => (zone === null ? null : unmatched(ifMatch, zoneSettingsView(zone))) },
  );
  if (isProblem(committed)) return committed;
  const view = zoneSettingsView(committed.zone);
  return { ...tagged(view), ...changed(committed, view, zoneMessages(committed.zone)) };
}

import type { z } from 'zod';
import type { Problem } from '../../domain/problems.ts';
import type { View } from '../../wire/answer-fields.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { SETTING_EDIT } from '../../wire/schemas-settings.ts';
import { settingChange } from '../../wire/settings.ts';
import { CLEARED_SETTING, clearedSettingView, SETTING, settingView } from '../../wire/views.ts';
import { settingMessages } from './committed.ts';
import { one } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';
import { changeSettings } from './routes-settings.ts';

const ID = 'origin_tls_compliance_modes';
const PATH = `/client/v4/zones/:zone/settings/${ID}`;

/** One setting with more methods than the others: PUT and PATCH both replace the whole list, DELETE empties it. */
export const COMPLIANCE_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'settings:read',
    takes: { params: ZONE_PARAMS },
    answers: 'What limits the key exchanges that the edge offers to origins: "fips", "pqh", both, or nothing.',
    returns: one(SETTING),
    handle: (_, { zone }) => ({
      kind: 'answer',
      result: settingView(ID, zone),
      messages: settingMessages(zone),
    }),
  }),
  ...(['PUT', 'PATCH'] as const).map((method) =>
    zoneRoute({
      method,
      path: PATH,
      permission: 'settings:edit',
      takes: { params: ZONE_PARAMS, body: SETTING_EDIT },
      answers: 'Replaces the list. An origin that offers none of what is left is answered 525.',
      returns: one(SETTING),
      handle: ({ body }, call) => replace(body, call),
    }),
  ),
  zoneRoute({
    method: 'DELETE',
    path: PATH,
    permission: 'settings:edit',
    takes: { params: ZONE_PARAMS },
    answers: 'Empties the list: the edge offers all key exchanges that it has.',
    returns: one(CLEARED_SETTING),
    handle: (_, call) => changeSettings({ compliance: 'none' }, call, (zone) => clearedSettingView(ID, zone)),
  }),
];

function replace(
  { value }: z.output<typeof SETTING_EDIT>,
  call: ZoneCall,
): Promise<Answer<View<typeof SETTING>> | Problem> {
  return changeSettings(settingChange(ID, value, '/value'), call, (zone) => settingView(ID, zone));
}

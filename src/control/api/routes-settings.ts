import { z } from 'zod';
import type { Problem } from '../../domain/problems.ts';
import type { ZoneSettings } from '../../domain/settings.ts';
import type { Zone } from '../../domain/zone.ts';
import { isProblem, settingsChange, settingsNamed } from '../../wire/commands.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { SETTING_EDIT, SETTINGS_EDIT } from '../../wire/schemas-settings.ts';
import { SETTING_IDS, settingChange, settingId } from '../../wire/settings.ts';
import { SETTING, settingView } from '../../wire/views.ts';
import { changed, commit, settingMessages } from './committed.ts';
import { allOf, one } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';

const PATH = '/client/v4/zones/:zone/settings';
const SETTING_PARAMS = ZONE_PARAMS.extend({
  setting: z.string().meta({ description: 'The name of a setting.', examples: ['tls_client_auth'] }),
});

export const SETTING_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'settings:read',
    takes: { params: ZONE_PARAMS },
    answers: 'All settings of a zone; messages say which have no effect, and why.',
    returns: allOf(SETTING),
    handle: (_, { zone }) => ({ kind: 'answer', result: all(zone), messages: settingMessages(zone) }),
  }),
  zoneRoute({
    method: 'PATCH',
    path: PATH,
    permission: 'settings:edit',
    takes: { params: ZONE_PARAMS, body: SETTINGS_EDIT },
    answers: 'Changes several settings, all or none.',
    returns: allOf(SETTING),
    handle: ({ body }, call) => {
      const named = new Set(settingsNamed(body));
      return changeSettings(settingsChange(body), call, (zone) => all(zone).filter(({ id }) => named.has(id)));
    },
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:setting`,
    permission: 'settings:read',
    takes: { params: SETTING_PARAMS },
    answers: 'One setting; messages say whether it has no effect, and why.',
    returns: one(SETTING),
    handle: ({ params }, { zone }) => {
      const id = settingId(params.setting);
      return isProblem(id) ? id : { kind: 'answer', result: settingView(id, zone), messages: settingMessages(zone) };
    },
  }),
  zoneRoute({
    method: 'PATCH',
    path: `${PATH}/:setting`,
    permission: 'settings:edit',
    takes: { params: SETTING_PARAMS, body: SETTING_EDIT },
    answers: 'Changes one setting. "tls_client_auth" is the global level of origin pulls.',
    returns: one(SETTING),
    handle: ({ params, body }, call) => {
      const id = settingId(params.setting);
      if (isProblem(id)) return id;
      return changeSettings(settingChange(id, body.value, '/value'), call, (zone) => settingView(id, zone));
    },
  }),
];

function all(zone: Zone) {
  return SETTING_IDS.map((id) => settingView(id, zone));
}

/** Changes settings of the zone that the call is about, and answers with what is shown of it then. */
export async function changeSettings<Result>(
  settings: Partial<ZoneSettings> | Problem,
  call: ZoneCall,
  view: (zone: Zone) => Result,
): Promise<Answer<Result> | Problem> {
  if (isProblem(settings)) return settings;
  const committed = await commit(call, { kind: 'set', settings });
  if (isProblem(committed)) return committed;
  return changed(committed, view(committed.zone), settingMessages(committed.zone));
}

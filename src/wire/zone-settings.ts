import { z } from 'zod';
import { type Problem, problem } from '../domain/problems.ts';
import { NEW_ZONE_SETTINGS, type ZoneSettings } from '../domain/settings.ts';
import type { Zone } from '../domain/zone.ts';
import type { View } from './answer-fields.ts';
import { isProblem } from './commands.ts';
import { FLAG, oneOf } from './schemas.ts';
import { bySetting, SETTING_IDS, settingChange, settingRule, settingValue } from './settings.ts';
import { SETTING_VALUE } from './views.ts';

/** All that its owner decides for a whole zone, in one place: the table of settings, the zone level, and the pause. */

const TABLE = z.object(
  bySetting((id) =>
    z
      .unknown()
      .optional()
      .meta({ description: settingRule(id) }),
  ),
);

/** Values of the table are judged by the table. Fields left out stay as they are. */
export const ZONE_SETTINGS_EDIT = z.strictObject({
  ...TABLE.shape,
  origin_tls_client_auth: oneOf(['on', 'off']).optional(),
  paused: FLAG.optional(),
});

/** What an edit changes, in the domain's words. */
export interface ZoneSettingsChange {
  readonly settings: Partial<ZoneSettings>;
  readonly paused: boolean | undefined;
}

/** A body as a change; the first bad value refuses it all. */
export function zoneSettingsChange(body: z.output<typeof ZONE_SETTINGS_EDIT>): ZoneSettingsChange | Problem {
  const { paused, origin_tls_client_auth: level } = body;
  const table: Readonly<Record<string, unknown>> = body;
  let settings: Partial<ZoneSettings> = level === undefined ? {} : { zonePull: level === 'on' };
  for (const id of SETTING_IDS) {
    if (!Object.hasOwn(table, id)) continue;
    const change = settingChange(id, table[id], `/${id}`);
    if (isProblem(change)) return change;
    settings = { ...settings, ...change };
  }
  return { settings, paused };
}

/** The permission that each field needs beside that of the settings: what its own path asks for. */
const ALSO_NEEDED = { origin_tls_client_auth: 'ssl:edit', paused: 'zone:edit' } as const;

/** The first field that the permissions do not reach. */
export function beyondPermissions(
  body: z.output<typeof ZONE_SETTINGS_EDIT>,
  allowed: (permission: string) => boolean,
): Problem | null {
  for (const [field, permission] of Object.entries(ALSO_NEEDED)) {
    if (!Object.hasOwn(body, field) || allowed(permission)) continue;
    return problem('forbidden', `the token lacks ${permission}, which ${field} needs`, `/${field}`);
  }
  return null;
}

export const ZONE_SETTINGS = z
  .strictObject({
    ...bySetting((id) =>
      SETTING_VALUE.meta({ description: settingRule(id), examples: [settingValue(id, NEW_ZONE_SETTINGS)] }),
    ),
    origin_tls_client_auth: z.enum(['on', 'off']).meta({ description: 'The zone level of origin pulls.' }),
    paused: z.boolean().meta({ description: 'Whether the edge serves none of its names.', examples: [false] }),
  })
  .meta({ id: 'ZoneSettings', description: 'All that its owner decides for a whole zone.' });

/** The settings of a zone as one resource. */
export function zoneSettingsView({ paused, settings }: Zone): View<typeof ZONE_SETTINGS> {
  const table = bySetting((id) => settingValue(id, settings));
  return { ...table, origin_tls_client_auth: settings.zonePull ? 'on' : 'off', paused };
}

import { z } from 'zod';
import { list, NAME } from './schemas.ts';

/** Values are judged by the table of settings, which knows what each allows. */
export const SETTING_EDIT = z.object({ value: z.unknown().optional() }).meta({ examples: [{ value: 'on' }] });

/** Some settings have a switch in the place of a value. */
export const FIXED_SETTING_EDIT = z.object({ value: z.unknown().optional(), enabled: z.unknown().optional() });

const ITEM = z.object(
  { id: NAME.meta({ examples: ['ssl'] }), value: z.unknown().optional() },
  { error: 'must be an object {"id": …, "value": …}' },
);
const ITEMS = list(ITEM, '[{"id": …, "value": …}]', 100).meta({ examples: [[{ id: 'ssl', value: 'strict' }]] });

/** Both forms in use: the bare array of the OpenAPI description, and the wrapped one of cloudflare-go and Terraform 4. */
export const SETTINGS_EDIT = z.union([ITEMS, z.object({ items: ITEMS })], {
  error: 'must be an array [{"id": …, "value": …}], bare or as "items"',
});

export type SettingsBody = z.output<typeof SETTINGS_EDIT>;

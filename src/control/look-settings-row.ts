import { z } from 'zod';
import { hostnamePattern, instant } from '../domain/ids.ts';
import { type LookSettings, NEW_LOOK_SETTINGS } from '../domain/look-settings.ts';
import { damaged } from './stored.ts';

/** What a zone says of looks at its locks, as JSON; empty where it says nothing. */
export function lookSettingsText({ path, paths, pause }: LookSettings): string {
  const silent = path === NEW_LOOK_SETTINGS.path && paths.size === 0 && pause === null;
  return silent ? '' : JSON.stringify({ path, paths: [...paths], pause });
}

/** The same, read. Throws StartError. */
export function storedLookSettings(text: string): LookSettings {
  if (text === '') return NEW_LOOK_SETTINGS;
  const read = STORED.safeParse(JSON.parse(text));
  return read.success ? read.data : damaged('what a zone says of looks at its locks', text);
}

const TIME = z.int().transform(instant);

const STORED = z.strictObject({
  path: z.string(),
  paths: z
    .array(z.tuple([z.string().transform((text) => hostnamePattern(text) ?? damaged('a hostname', text)), z.string()]))
    .transform((entries) => new Map(entries)),
  pause: z.strictObject({ since: TIME, until: TIME, by: z.string(), because: z.string() }).nullable(),
});

import { z } from 'zod';
import type { Instant } from '../domain/ids.ts';
import { LONGEST_PAUSE, type LookPause, pauseInForce, SHORTEST_PAUSE } from '../domain/look-settings.ts';
import { isRequestPath, MOST_PATH } from '../domain/request-path.ts';
import type { Zone } from '../domain/zone.ts';
import { HOST, TIME, type View } from './answer-fields.ts';
import { MOMENT, REASON, text, wholeNumber } from './schemas.ts';
import { moment } from './views.ts';

/** What is said of looks at the locks of a zone: which paths are asked for, and that nobody looks for a while. */

const PATH_RULE = `must be a path like /status, percent-encoded where need be, with at most ${MOST_PATH} characters`;

/** What a probe asks for. */
export const LOOK_PATH = z
  .string({ error: PATH_RULE })
  .refine(isRequestPath, { error: PATH_RULE })
  .meta({ pattern: '^/[^ #]*$', maxLength: MOST_PATH, examples: ['/status'] });

export const LOOK_SETTINGS_EDIT = z.strictObject({
  path: LOOK_PATH.optional().meta({ description: 'What is asked for at origins of which nothing else is said.' }),
  hostnames: z
    .record(text(255), LOOK_PATH.nullable(), { error: 'must be an object of hostnames and paths' })
    .optional()
    .meta({
      description:
        'What is asked for at the origins of these hostnames, or of those below a wildcard; null takes it back. Those left out stay as they are.',
      examples: [{ 'www.example.test': '/healthz' }],
    }),
});

export const LOOK_PAUSE_BODY = z.strictObject({
  seconds: wholeNumber(SHORTEST_PAUSE / 1_000, LONGEST_PAUSE / 1_000)
    .optional()
    .meta({ description: 'For how long; in place of until.', examples: [7200] }),
  until: MOMENT.optional().meta({ description: 'When it ends; in place of seconds. A week from now at the latest.' }),
  reason: REASON.meta({ examples: ['the datacentre moves'] }),
});

export const LOOK_PAUSE = z
  .strictObject({
    since: TIME,
    until: TIME.meta({ description: 'Then looks go on by themselves.' }),
    paused_by: z.string().meta({ examples: ['ops'] }),
    reason: z.string(),
  })
  .meta({ id: 'LookPause', description: 'A time in which nobody looks at the locks of a zone.' });

export const LOOK_SETTINGS = z
  .strictObject({
    path: z.string().meta({ examples: ['/'] }),
    hostnames: z.record(HOST, z.string()),
    paused: LOOK_PAUSE.nullable().meta({ description: 'null where somebody looks.' }),
  })
  .meta({ id: 'LookSettings', description: 'How the locks of a zone are looked at.' });

/** A pause as the API shows it. */
export function lookPauseView({ since, until, by, because }: LookPause): View<typeof LOOK_PAUSE> {
  return { since: moment(since), until: moment(until), paused_by: by, reason: because };
}

/** What a zone says of looks, as the API shows it. */
export function lookSettingsView({ looks }: Pick<Zone, 'looks'>, now: Instant): View<typeof LOOK_SETTINGS> {
  const pause = pauseInForce(looks, now);
  return {
    path: looks.path,
    hostnames: Object.fromEntries(looks.paths),
    paused: pause === null ? null : lookPauseView(pause),
  };
}

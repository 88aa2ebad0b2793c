import { z } from 'zod';
import type { Instant } from '../domain/ids.ts';
import { isOpen, LONGEST_OPENING, type Opening } from '../domain/opening.ts';
import { HOST, TIME, type View } from './answer-fields.ts';
import { NAME, REASON, wholeNumber } from './schemas.ts';
import { moment } from './views.ts';

/** Locks that are open for a while, as they are asked for and shown. */

export const OPENING_BODY = z.strictObject({
  hostname: NAME.meta({ examples: ['www.example.test'] }),
  seconds: wholeNumber(60, LONGEST_OPENING / 1_000).meta({ description: 'For how long.', examples: [1800] }),
  reason: REASON.meta({ examples: ['the monitoring of the datacentre must get in'] }),
});

export const OPENING = z
  .strictObject({
    hostname: HOST,
    state: z.enum(['open', 'shutting']).meta({
      description: 'shutting: its time is over, and its origins have not been seen refusing callers yet.',
    }),
    until: TIME,
    opened_on: TIME,
    opened_by: z.string().meta({ examples: ['ops'] }),
    reason: z.string(),
  })
  .meta({ id: 'Opening', description: 'A lock that is open for a while.' });

/** An opening as the API shows it. */
export function openingView(opening: Opening, now: Instant): View<typeof OPENING> {
  const { hostname, until, openedAt, by, because } = opening;
  const state = isOpen(opening, now) ? 'open' : 'shutting';
  return { hostname, state, until: moment(until), opened_on: moment(openedAt), opened_by: by, reason: because };
}

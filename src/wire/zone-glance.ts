import { z } from 'zod';
import type { Expiry } from '../domain/expiry.ts';
import type { View } from './answer-fields.ts';
import { LOCKS } from './attestations.ts';
import { NOTICE } from './notices.ts';
import { EXPIRY, expiryView, ZONE_OVERVIEW } from './overview.ts';
import { SETUP_SUMMARY } from './setups.ts';
import { ZONE_SETTINGS } from './zone-settings.ts';

/** One zone at a glance, as the API shows it. */

const { ssl, tls_client_auth, origin_tls_client_auth } = ZONE_SETTINGS.shape;

const ENDING_PART = z.strictObject({
  count: z.int().meta({ examples: [3] }),
  first: z.array(EXPIRY).meta({ description: 'The first 100, the soonest first.' }),
});

export const ENDING = z
  .strictObject({
    within_days: z.int().meta({ examples: [90] }),
    by_hand: ENDING_PART.meta({ description: 'What somebody has to see to.' }),
    renewing: ENDING_PART.meta({ description: 'What renews itself.' }),
  })
  .meta({ id: 'Ending', description: 'What ends within so many days, apart by who sees to it.' });

export const ZONE_GLANCE = z
  .strictObject({
    row: ZONE_OVERVIEW.nullable().meta({ description: 'null without ssl:read.' }),
    locks: LOCKS.nullable().meta({ description: 'null without ssl:read.' }),
    pulls: z
      .strictObject({
        ssl,
        tls_client_auth,
        origin_tls_client_auth,
        own_hostnames: z
          .boolean()
          .nullable()
          .meta({ description: 'Whether hostnames decide for themselves; null without ssl:read.' }),
      })
      .nullable()
      .meta({ description: 'How origins are pulled; null without settings:read.' }),
    setups: z.array(SETUP_SUMMARY).nullable().meta({ description: 'The 20 newest; null without ssl:read.' }),
    ending: ENDING.nullable().meta({ description: 'null without ssl:read.' }),
    notices: z.array(NOTICE).nullable().meta({ description: 'The four newest; null without notices:read.' }),
  })
  .meta({ id: 'ZoneGlance', description: 'One zone at a glance: each part that the token may read.' });

const MOST_ENDING = 100;

/** What ends, apart by who sees to it: many that renew themselves must not hide the few that somebody has to see to. */
export function endingView(expiries: readonly Expiry[], days: number): View<typeof ENDING> {
  const part = (isRenewing: boolean) => {
    const found = expiries.filter(({ renews }) => renews === isRenewing);
    return { count: found.length, first: found.slice(0, MOST_ENDING).map(expiryView) };
  };
  return { within_days: days, by_hand: part(false), renewing: part(true) };
}

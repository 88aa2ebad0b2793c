import { z } from 'zod';
import { ACCOUNT_TYPES } from '../domain/account.ts';
import { DIRECTION, FILTER, FLAG, MATCH, NAME, oneOf, paging } from './schemas.ts';

/** `account` may be left out, or be empty as the SDK sends it: the zone then belongs to the default account. */
export const ZONE_DRAFT = z.object({
  name: NAME.meta({ examples: ['example.test'] }),
  account: z.object({ id: NAME.optional() }, { error: 'must be an object {"id": …}' }).optional(),
  type: oneOf(['full']).optional(),
});

export const ZONE_EDIT = z.object({
  paused: FLAG.optional().meta({ description: 'Whether the edge serves none of its names.', examples: [true] }),
  type: oneOf(['full']).optional(),
});

export const ZONE_LIST = z.object({
  name: FILTER.optional(),
  status: oneOf(['initializing', 'pending', 'active', 'moved']).optional(),
  type: z.union([FILTER, z.array(FILTER)]).optional(),
  'account.id': FILTER.optional(),
  'account.name': FILTER.optional(),
  match: MATCH,
  order: oneOf(['name', 'status', 'account.id', 'account.name', 'plan.id']).optional(),
  direction: DIRECTION,
  ...paging({ minimum: 5, maximum: 50, otherwise: 20 }),
});

export const ACCOUNT_DRAFT = z.object({ name: NAME, type: oneOf(ACCOUNT_TYPES).default('standard') });

/** What is left out stays; clients of Cloudflare's send the account as they read it. */
export const ACCOUNT_EDIT = z.object({ name: NAME, type: oneOf(ACCOUNT_TYPES).optional() });

export const ACCOUNT_LIST = z.object({
  name: FILTER.optional(),
  direction: DIRECTION,
  ...paging({ minimum: 5, maximum: 50, otherwise: 20 }),
});

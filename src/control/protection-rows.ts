import { ACCESS_MODES, type AccessRule } from '../domain/access-rule.ts';
import { instant, ruleId } from '../domain/ids.ts';
import { RATE_ACTIONS, RATE_KEYS, type RateLimit } from '../domain/rate-limit.ts';
import { urlPattern } from '../domain/url-pattern.ts';
import type { Zone } from '../domain/zone.ts';
import type { Store } from './store.ts';
import { damaged, storedList, storedWord } from './stored.ts';
import type { AccessRuleRow, RateLimitRow, RowChange, Unordered } from './tables.ts';

/** Writes the access rules that differ. Belongs in a transaction. */
export async function writeAccessRules(
  store: Store,
  zone: Zone,
  { put, dropped }: RowChange<string, AccessRule>,
  born: number,
): Promise<void> {
  for (const id of dropped) await store.deleteFrom('access_rules').where('id', '=', id).execute();
  for (const [ordinal, rule] of put.entries()) {
    const row = accessRow(zone, rule);
    await store
      .insertInto('access_rules')
      .values({ ...row, born, ordinal })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }
}

/** Writes the rate limits that differ. Belongs in a transaction. */
export async function writeRateLimits(
  store: Store,
  zone: Zone,
  { put, dropped }: RowChange<string, RateLimit>,
  born: number,
): Promise<void> {
  for (const id of dropped) await store.deleteFrom('rate_limits').where('id', '=', id).execute();
  for (const [ordinal, limit] of put.entries()) {
    const row = rateRow(zone, limit);
    await store
      .insertInto('rate_limits')
      .values({ ...row, born, ordinal })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }
}

/** An access rule as it was stored. Throws StartError. */
export function accessRule(row: AccessRuleRow): AccessRule {
  return {
    id: ruleId(row.id) ?? damaged('the id of a rule', row.id),
    mode: storedWord(ACCESS_MODES, row.mode),
    network: row.network,
    notes: row.notes,
    createdAt: instant(row.created_at),
    modifiedAt: instant(row.modified_at),
  };
}

/** A rate limit as it was stored. Throws StartError. */
export function rateLimit(row: RateLimitRow): RateLimit {
  return {
    id: ruleId(row.id) ?? damaged('the id of a rule', row.id),
    description: row.description,
    disabled: row.disabled === 1,
    match: {
      methods: storedList(row.methods),
      schemes: storedList(row.schemes).map((scheme) => storedWord(['http', 'https'], scheme)),
      url: row.url,
      pattern: urlPattern(row.url) ?? damaged('a pattern of a URL', row.url),
    },
    key: storedWord(RATE_KEYS, row.counted_by),
    threshold: row.threshold,
    period: row.period,
    action: storedWord(RATE_ACTIONS, row.action),
    timeout: row.timeout,
    createdAt: instant(row.created_at),
    modifiedAt: instant(row.modified_at),
  };
}

function accessRow(
  zone: Zone,
  { id, mode, network, notes, createdAt, modifiedAt }: AccessRule,
): Unordered<AccessRuleRow> {
  return { id, zone: zone.id, mode, network, notes, created_at: createdAt, modified_at: modifiedAt };
}

function rateRow(zone: Zone, limit: RateLimit): Unordered<RateLimitRow> {
  const { id, description, match, threshold, period, action, timeout } = limit;
  return {
    id,
    zone: zone.id,
    description,
    disabled: limit.disabled ? 1 : 0,
    methods: JSON.stringify(match.methods),
    schemes: JSON.stringify(match.schemes),
    url: match.url,
    counted_by: limit.key,
    threshold,
    period,
    action,
    timeout,
    created_at: limit.createdAt,
    modified_at: limit.modifiedAt,
  };
}

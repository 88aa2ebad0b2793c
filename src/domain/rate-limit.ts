import type { Instant, RuleId } from './ids.ts';
import { type Problem, problem } from './problems.ts';
import { sameFields } from './same-fields.ts';
import type { UrlPattern } from './url-pattern.ts';
import type { Zone } from './zone.ts';

/** `simulate` only says in the log what would have happened. */
export const RATE_ACTIONS = ['ban', 'simulate'] as const;
/** By what requests are counted: the visitor's address, or the address for each hostname apart. */
export const RATE_KEYS = ['address', 'address_and_host'] as const;

/** Which requests a limit counts. Empty lists stand for all. */
interface RateMatch {
  readonly methods: readonly string[];
  readonly schemes: readonly ('http' | 'https')[];
  /** As its owner wrote it; `pattern` is what it means. */
  readonly url: string;
  readonly pattern: UrlPattern;
}

/** How many requests of one kind one visitor may make, and for how long whoever makes more is turned away. */
export interface RateLimit {
  readonly id: RuleId;
  readonly description: string;
  readonly disabled: boolean;
  readonly match: RateMatch;
  readonly key: (typeof RATE_KEYS)[number];
  /** So many requests … */
  readonly threshold: number;
  /** … in so many seconds are allowed. */
  readonly period: number;
  readonly action: (typeof RATE_ACTIONS)[number];
  /** Seconds. */
  readonly timeout: number;
  readonly createdAt: Instant;
  readonly modifiedAt: Instant;
}

/** A limit as its owner wants it. */
export type RateLimitDraft = Omit<RateLimit, 'id' | 'createdAt' | 'modifiedAt'>;

export const MOST_RATE_LIMITS = 100;

/** Puts a new limit into a zone, or another in the place of the one of this id. */
export function putRateLimit(zone: Zone, id: RuleId, draft: RateLimitDraft, now: Instant): Zone | Problem {
  const { rateLimits } = zone;
  const known = rateLimits.get(id);
  if (known === undefined && rateLimits.size >= MOST_RATE_LIMITS) {
    return problem('too_many_rules', `${MOST_RATE_LIMITS} rate limits`);
  }
  const wanted = { ...(known ?? { id, createdAt: now, modifiedAt: now }), ...draft };
  if (known !== undefined && same(known, wanted)) return zone;
  return { ...zone, rateLimits: new Map(rateLimits).set(id, { ...wanted, modifiedAt: now }) };
}

function same(a: RateLimit, b: RateLimit): boolean {
  const { methods, schemes, url } = a.match;
  const equal = (some: readonly string[], others: readonly string[]) => some.join(' ') === others.join(' ');
  const matches = url === b.match.url && equal(methods, b.match.methods) && equal(schemes, b.match.schemes);
  return matches && sameFields(a, { ...b, match: a.match });
}

/** Takes a limit out of a zone. */
export function deleteRateLimit(zone: Zone, id: RuleId): Zone | Problem {
  const rateLimits = new Map(zone.rateLimits);
  return rateLimits.delete(id) ? { ...zone, rateLimits } : problem('rule_not_found', id);
}

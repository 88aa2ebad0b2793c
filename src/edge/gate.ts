import type { EdgeRateLimit, EdgeZoneRules } from '../domain/edge-zone.ts';
import type { RuleId } from '../domain/ids.ts';
import { comparablePath, matchesUrl } from '../domain/url-pattern.ts';
import { sourceOf } from '../wire/networks.ts';
import { type Access, accessBy } from './access.ts';
import type { RequestCounts } from './request-counts.ts';

/** What a gate is made of. */
type GateRules = Pick<EdgeZoneRules, 'accessRules' | 'rateLimits'>;

/** What a gate looks at. */
export interface GateRequest {
  readonly address: string;
  readonly scheme: 'http' | 'https';
  readonly method: string;
  readonly host: string;
  /** Path and query, as they were sent. */
  readonly path: string;
}

export type GateVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'blocked'; readonly rule: RuleId }
  /** `first` tells that it has just become so, `wait` how long it lasts, in seconds. */
  | { readonly kind: 'limited'; readonly rule: RuleId; readonly first: boolean; readonly wait: number }
  /** A limit that only simulates has just been passed. */
  | { readonly kind: 'simulated'; readonly rule: RuleId };

/** The rules of one zone about who may visit, and how often. Visitors from networks on the whitelist pass all of them. */
export class Gate {
  readonly #access: Access;
  readonly #limits: readonly EdgeRateLimit[];
  readonly #counts: RequestCounts;

  constructor({ accessRules, rateLimits }: GateRules, counts: RequestCounts) {
    this.#access = accessBy(accessRules);
    this.#limits = rateLimits;
    this.#counts = counts;
  }

  /** Judges a request at `now` milliseconds, and counts it. */
  judge(request: GateRequest, now: number): GateVerdict {
    const rule = this.#access(request.address);
    if (rule?.mode === 'whitelist') return PASS;
    if (rule !== null) return { kind: 'blocked', rule: rule.id };
    if (this.#limits.length === 0) return PASS;
    const place = { host: request.host.toLowerCase(), path: comparablePath(request.path) };
    let simulated: GateVerdict | null = null;
    for (const limit of this.#limits) {
      if (!covers(limit, request) || !matchesUrl(limit.match.pattern, place)) continue;
      const counted = this.#counts.count(limit, visitorOf(limit, request), now);
      if (counted.kind === 'within') continue;
      const { first, wait } = counted;
      if (limit.action === 'ban') return { kind: 'limited', rule: limit.id, first, wait: Math.ceil(wait / 1_000) };
      if (first) simulated = { kind: 'simulated', rule: limit.id };
    }
    return simulated ?? PASS;
  }
}

const PASS: GateVerdict = { kind: 'pass' };

/** The gate of a zone; `null` where it has no rules, as most have. */
export function gateOf(rules: GateRules, counts: RequestCounts): Gate | null {
  return rules.accessRules.length === 0 && rules.rateLimits.length === 0 ? null : new Gate(rules, counts);
}

function covers({ match: { methods, schemes } }: EdgeRateLimit, { method, scheme }: GateRequest): boolean {
  return (
    (methods.length === 0 || methods.includes(method.toUpperCase())) &&
    (schemes.length === 0 || schemes.includes(scheme))
  );
}

function visitorOf({ key }: EdgeRateLimit, { address, host }: GateRequest): string {
  const visitor = sourceOf(address);
  return key === 'address' ? visitor : `${visitor} ${host.toLowerCase()}`;
}

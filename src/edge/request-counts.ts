import type { EdgeRateLimit } from '../domain/edge-zone.ts';
import type { RuleId } from '../domain/ids.ts';

/** What one visitor has asked of one limit. */
interface Count {
  /** When the period under way began. */
  since: number;
  requests: number;
  /** Until when the visitor is turned away; 0 where it is not. */
  until: number;
}

interface Visitors {
  readonly period: number;
  readonly counts: Map<string, Count>;
}

/** Requests of one visitor that one worker counted since it was last asked. */
export interface CountedRequests {
  readonly limit: RuleId;
  /** Seconds. */
  readonly period: number;
  readonly visitor: string;
  readonly requests: number;
}

/** What counting a request came to. */
export type Counted =
  | { readonly kind: 'within' }
  /** Too many. `first` tells that it has just become so; `wait` in milliseconds. */
  | { readonly kind: 'beyond'; readonly first: boolean; readonly wait: number };

const WITHIN: Counted = { kind: 'within' };
// Visitors are theirs to invent, above all with IPv6: of each limit so many are remembered, the longest unseen go first.
const MOST_VISITORS = 10_000;

/** Who has asked how often, for every limit by itself: what is done to one limit's memory is no other's matter. */
export class RequestCounts {
  readonly #limits = new Map<RuleId, Visitors>();
  /** What the other workers have not heard yet; `null` where there are none. */
  readonly #news: Map<string, CountedRequests> | null;

  constructor(workers: 'one' | 'several' = 'one') {
    this.#news = workers === 'several' ? new Map() : null;
  }

  /** How many visitors are remembered. */
  get size(): number {
    return [...this.#limits.values()].reduce((sum, { counts }) => sum + counts.size, 0);
  }

  /** Counts a request at `now` milliseconds. */
  count({ id, threshold, period, timeout }: EdgeRateLimit, visitor: string, now: number): Counted {
    const count = this.#countOf({ limit: id, period, visitor }, now);
    if (now < count.until) return { kind: 'beyond', first: false, wait: count.until - now };
    beginAnew(count, period, now);
    count.requests++;
    this.#note({ limit: id, period, visitor, requests: 1 });
    if (count.requests <= threshold) return WITHIN;
    count.until = now + timeout * 1_000;
    return { kind: 'beyond', first: true, wait: timeout * 1_000 };
  }

  /** What was counted here since the last call, for the other workers. */
  takeNews(): readonly CountedRequests[] {
    const news = [...(this.#news?.values() ?? [])];
    this.#news?.clear();
    return news;
  }

  /** Takes in what another worker counted: its visitors are ours. */
  add(elsewhere: readonly CountedRequests[], now: number): void {
    for (const { requests, ...which } of elsewhere) {
      const count = this.#countOf(which, now);
      if (now < count.until) continue;
      beginAnew(count, which.period, now);
      count.requests += requests;
    }
  }

  /** Forgets what does not count any more: to be called now and then. */
  sweep(now: number): void {
    for (const [id, { period, counts }] of this.#limits) {
      for (const [visitor, { since, until }] of counts) {
        if (now >= until && now - since >= period * 1_000) counts.delete(visitor);
      }
      if (counts.size === 0) this.#limits.delete(id);
    }
  }

  #countOf({ limit, period, visitor }: Omit<CountedRequests, 'requests'>, now: number): Count {
    const visitors = this.#visitors(limit, period);
    const count = visitors.get(visitor) ?? { since: now, requests: 0, until: 0 };
    visitors.delete(visitor);
    visitors.set(visitor, count);
    if (visitors.size > MOST_VISITORS) forgetOldest(visitors);
    return count;
  }

  #note(counted: CountedRequests): void {
    if (this.#news === null || this.#news.size >= MOST_VISITORS) return;
    const key = `${counted.limit} ${counted.visitor}`;
    const requests = (this.#news.get(key)?.requests ?? 0) + 1;
    this.#news.set(key, { ...counted, requests });
  }

  #visitors(id: RuleId, period: number): Map<string, Count> {
    const counts = this.#limits.get(id)?.counts ?? new Map<string, Count>();
    this.#limits.set(id, { period, counts });
    return counts;
  }
}

function beginAnew(count: Count, period: number, now: number): void {
  if (count.until === 0 && now - count.since < period * 1_000) return;
  Object.assign(count, { since: now, requests: 0, until: 0 });
}

function forgetOldest(visitors: Map<string, Count>): void {
  const [oldest] = visitors.keys();
  if (oldest !== undefined) visitors.delete(oldest);
}

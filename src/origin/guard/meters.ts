import { DENIALS, type Via } from '../../domain/admit.ts';
import { REFUSALS } from '../../http1/refusals.ts';
import type { UnreadCode } from '../../http1/unread-request.ts';
import { PULL_FAILURES, type PullFailureCode } from '../../pull/failure.ts';
import type { PoolsSnapshot } from '../../pull/pools.ts';
import { Counter } from '../../wire/counter.ts';
import { Histogram } from '../../wire/histogram.ts';
import { merge, type Snapshot, seriesKey } from '../../wire/metrics.ts';
import { processFigures } from '../../wire/process-figures.ts';
import type { RefusalReason } from './refusal-reason.ts';

const VIA: readonly (Via | 'unverified')[] = ['edge', 'own', 'unverified'];
const STATUSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;
// Of the first cell for each, as `Counter` lays them out.
const PLACE = { edge: 0, own: 1, unverified: 2 } as const;
const REASONS = [
  ...Object.keys(DENIALS),
  'no_name',
  'unknown_name',
  'another_name',
  'old_protocol',
  'resumed',
  'timeout',
  'left',
  'protocol',
  'no_tls',
  'too_many',
] as const;
const UNREAD = [...Object.keys(REFUSALS), 'head_timeout', 'body_timeout', 'method', 'misdirected'];

/** What a guard holds at the moment that it is asked. */
export interface GuardHoldings {
  readonly connections: number;
  readonly handshakes: number;
  readonly pools: PoolsSnapshot;
  readonly sites: readonly SiteFigures[];
}

/** One site, by its first name. */
interface SiteFigures {
  readonly name: string;
  readonly enforced: boolean;
  readonly stale: boolean;
  /** Seconds until the last of its CAs, and its own certificate, end. */
  readonly bundleLasts: number;
  readonly certificateLasts: number;
}

/** What a guard counts. */
export class GuardMeters {
  readonly #callers = new Counter('guard_callers_total', ['admitted', 'watched', 'refused']);
  readonly #refused = new Counter('guard_refused_total', REASONS);
  readonly #requests = new Counter('guard_requests_total', VIA, STATUSES);
  readonly #unread = new Counter('guard_requests_refused_total', UNREAD);
  readonly #failures = new Counter('guard_application_failures_total', Object.keys(PULL_FAILURES));
  readonly #duration = new Histogram('guard_request_seconds');

  /** Somebody was let in, or not. */
  caller(outcome: 'admitted' | 'watched' | 'refused'): void {
    this.#callers.add(this.#callers.named(outcome));
  }

  refused(because: RefusalReason): void {
    this.caller('refused');
    this.#refused.add(this.#refused.named(because));
  }

  /** A request was refused as such. */
  unread(code: UnreadCode | 'method' | 'misdirected'): void {
    this.#unread.add(this.#unread.named(code));
  }

  /** A request has ended with this status; 0 where the caller was gone before. */
  request(via: Via | 'unverified', status: number, milliseconds: number): void {
    const class_ = Math.min(Math.floor(status / 100), STATUSES.length - 1);
    this.#requests.add(PLACE[via] * STATUSES.length + class_);
    this.#duration.observe(milliseconds);
  }

  applicationFailed(code: PullFailureCode): void {
    this.#failures.add(this.#failures.named(code));
  }

  snapshot({ connections, handshakes, pools, sites }: GuardHoldings): Snapshot {
    const counters: Record<string, number> = {};
    for (const one of [this.#callers, this.#refused, this.#requests, this.#unread, this.#failures, this.#duration])
      one.write(counters);
    const gauges: Record<string, number> = {
      [seriesKey('guard_connections', 'open')]: connections,
      [seriesKey('guard_connections', 'handshake')]: handshakes,
      [seriesKey('guard_application_connections', 'busy')]: pools.busy,
      [seriesKey('guard_application_connections', 'idle')]: pools.idle,
      [seriesKey('guard_application_connections', 'opening')]: pools.opening,
      guard_requests_waiting: pools.waiting,
    };
    for (const { name, enforced, stale, bundleLasts, certificateLasts } of sites) {
      gauges[seriesKey('guard_lock_enforced', name)] = enforced ? 1 : 0;
      gauges[seriesKey('guard_files_refused', name)] = stale ? 1 : 0;
      gauges[seriesKey('guard_bundle_expiry_seconds', name)] = bundleLasts;
      gauges[seriesKey('guard_certificate_expiry_seconds', name)] = certificateLasts;
    }
    return merge({ counters, gauges }, processFigures('main'));
  }
}

import type { PullPlan, Scheme } from '../domain/plan.ts';
import { REFUSALS } from '../http1/refusals.ts';
import type { UnreadCode } from '../http1/unread-request.ts';
import { PULL_FAILURES } from '../pull/failure.ts';
import type { Lane } from '../pull/lane.ts';
import type { OpenOutcome } from '../pull/open.ts';
import type { PoolsSnapshot } from '../pull/pools.ts';
import { outcome, type PullFacts } from '../pull/pull-facts.ts';
import { type Snapshot, seriesKey } from '../wire/metrics.ts';
import { Counter } from '../wire/counter.ts';
import { Histogram } from '../wire/histogram.ts';
import { PAGES, REFUSING } from './own-pages.ts';
import { Recent } from './recent.ts';
import { failed as requestFailed, type RequestEnd } from './request-end.ts';
import type { Visitor } from './visitor.ts';
import { ZoneCounts } from './zone-counts.ts';

const SCHEMES = ['http', 'https'] as const;
const PROTOCOLS = ['1.0', '1.1', '2'] as const;
const ORIGIN_PROTOCOLS: readonly Lane['protocol'][] = ['1.1', '2'];
const STATUSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;
const PLANS = ['plaintext', 'without', 'present'] as const;
const LEVELS = ['none', 'hostname', 'zone', 'global'] as const;
const FAILURES = Object.keys(PULL_FAILURES);
const REFUSED = [...Object.keys(REFUSALS), 'head_timeout', 'body_timeout', ...Object.keys(PAGES), ...REFUSING];

/** How the TLS handshake of a visitor ended. */
const HANDSHAKE_OUTCOMES = ['full', 'resumed', 'unknown_name', 'timeout', 'left', 'protocol'] as const;
export type HandshakeOutcome = (typeof HANDSHAKE_OUTCOMES)[number];

/** What the edge holds at the moment that it is asked. */
export interface Holdings {
  /** On the clock of the edge. */
  readonly now: number;
  readonly connections: Readonly<Record<Scheme, number>>;
  readonly pools: PoolsSnapshot;
}

/** What an edge counts. A request costs additions in arrays; names are put to the numbers when somebody asks. */
export class Meters {
  readonly #requests = new Counter('requests_total', SCHEMES, PROTOCOLS, STATUSES);
  readonly #duration = new Histogram('request_seconds');
  readonly #bytes = new Counter('body_bytes_total', ['in', 'out']);
  readonly #refused = new Counter('refused_total', REFUSED);
  readonly #zones = new ZoneCounts();
  readonly #pulls = new Counter('pulls_total', PLANS, LEVELS, ['answered', 'cut', 'visitor_gone', ...FAILURES]);
  readonly #retries = new Counter('pull_retries_total');
  readonly #lent = new Counter('pull_connections_total', ['new', 'reused'], ORIGIN_PROTOCOLS);
  readonly #waited = new Histogram('pull_wait_seconds');
  readonly #firstByte = new Histogram('pull_first_byte_seconds');
  readonly #connects = new Counter('origin_connects_total', ['plain', 'full', 'resumed', ...FAILURES]);
  readonly #connect = new Histogram('origin_connect_seconds');
  readonly #full = new Histogram('origin_handshake_seconds', 'full');
  readonly #resumed = new Histogram('origin_handshake_seconds', 'resumed');
  readonly #handshakes = new Counter('visitor_handshakes_total', HANDSHAKE_OUTCOMES);
  readonly #recent = new Recent();

  /** A request has ended, at this time on the clock of the edge. */
  request({ scheme, protocol, since }: Visitor, end: RequestEnd, at: number): void {
    const { status, pull, plan } = end;
    this.#recent.add(at);
    this.#requests.add(
      this.#requests.place(scheme === 'http' ? 0 : 1, PROTOCOLS.indexOf(protocol), statusClass(status)),
    );
    this.#duration.observe(at - since);
    this.#bytes.add(1, end.bytesOut);
    if (pull === null) this.#refused.add(end.page === null ? -1 : this.#refused.named(end.page));
    else if (plan !== null) this.#pull(pull, plan, requestFailed(end));
  }

  /** A request was refused before it could be read whole. */
  refused(code: UnreadCode): void {
    this.#refused.add(this.#refused.named(code));
  }

  handshake(ended: HandshakeOutcome): void {
    this.#handshakes.add(HANDSHAKE_OUTCOMES.indexOf(ended));
  }

  /** An attempt to connect to an origin has ended. */
  opened(attempt: OpenOutcome): void {
    if (attempt.kind === 'failed') return this.#connects.add(this.#connects.named(attempt.failure.code));
    const { connect, handshake } = attempt.opening;
    this.#connect.observe(connect);
    this.#connects.add(handshake === null ? 0 : handshake.resumed ? 2 : 1);
    if (handshake !== null) (handshake.resumed ? this.#resumed : this.#full).observe(handshake.took);
  }

  snapshot({ now, connections, pools }: Holdings): Snapshot {
    const counters: Record<string, number> = {};
    const counted = [
      this.#requests,
      this.#duration,
      this.#bytes,
      this.#refused,
      this.#zones,
      this.#pulls,
      this.#retries,
    ];
    const pulled = [
      this.#lent,
      this.#waited,
      this.#firstByte,
      this.#connects,
      this.#connect,
      this.#full,
      this.#resumed,
    ];
    for (const one of [...counted, ...pulled, this.#handshakes]) one.write(counters);
    return {
      counters,
      gauges: {
        requests_last_minute: this.#recent.count(now),
        [seriesKey('visitor_connections', 'http')]: connections.http,
        [seriesKey('visitor_connections', 'https')]: connections.https,
        [seriesKey('origin_connections', 'busy')]: pools.busy,
        [seriesKey('origin_connections', 'idle')]: pools.idle,
        [seriesKey('origin_connections', 'opening')]: pools.opening,
        pulls_waiting: pools.waiting,
        pools: pools.pools,
        origins_ejected: pools.ejected,
      },
    };
  }

  #pull(pull: PullFacts, plan: PullPlan, failed: boolean): void {
    if (plan.kind !== 'plaintext' && plan.kind !== 'without' && plan.kind !== 'present') return;
    const level = plan.kind === 'present' ? LEVELS.indexOf(plan.level) : 0;
    this.#pulls.add(this.#pulls.place(PLANS.indexOf(plan.kind), level, outcomeIndex(pull)));
    this.#zones.add(plan.zone, failed);
    this.#bytes.add(0, pull.bytesIn);
    if (pull.retries > 0) this.#retries.add(0, pull.retries);
    if (pull.connection === null) return;
    this.#lent.add(this.#lent.place(pull.earlier === 0 ? 0 : 1, ORIGIN_PROTOCOLS.indexOf(pull.connection.protocol)));
    this.#waited.observe(pull.waited);
    if (pull.firstByte !== null) this.#firstByte.observe(pull.firstByte);
  }
}

// RFC 9110 §15: a status that nobody knows is taken for the x00 of its class; above 599 for a 5xx.
function statusClass(status: number): number {
  return Math.min(Math.floor(status / 100), STATUSES.length - 1);
}

function outcomeIndex(pull: PullFacts): number {
  const ended = outcome(pull);
  if (ended === 'answered') return 0;
  if (ended === 'cut') return 1;
  return ended === 'visitor_gone' ? 2 : 3 + FAILURES.indexOf(ended);
}

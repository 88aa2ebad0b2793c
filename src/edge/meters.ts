import type { ZoneId } from '../domain/ids.ts';
import type { PullPlan, Scheme } from '../domain/plan.ts';
import type { UnreadCode } from '../http1/unread-request.ts';
import type { Pulling } from '../pull/door.ts';
import type { OpenOutcome } from '../pull/open.ts';
import type { PoolsSnapshot } from '../pull/pools.ts';
import { outcome, type PullFacts } from '../pull/pull-facts.ts';
import { get } from '../http1/fields.ts';
import { type Snapshot, seriesKey } from '../wire/metrics.ts';
import { saysOwnLook } from '../wire/own-look.ts';
import { Counter } from '../wire/counter.ts';
import { Histogram } from '../wire/histogram.ts';
import type { Traffic } from '../wire/traffic.ts';
import { PullSeries } from './pull-series.ts';
import { Recent } from './recent.ts';
import { failed as requestFailed, type RequestEnd } from './request-end.ts';
import { TrafficCounts } from './traffic-counts.ts';
import type { Visitor } from './visitor.ts';
import { ZoneCounts } from './zone-counts.ts';

const SCHEMES = ['http', 'https'] as const;
const PROTOCOLS = ['1.0', '1.1', '2'] as const;
const STATUSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

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

/** A pull with the place where its visitor is counted. */
interface Visited {
  readonly plan: Pulling;
  readonly visit: number;
  readonly head: Visitor['head'];
}

/** What an edge counts. A request costs additions in arrays; names are put to the numbers when somebody asks. */
export class Meters {
  readonly #requests = new Counter('requests_total', SCHEMES, PROTOCOLS, STATUSES);
  readonly #duration = new Histogram('request_seconds');
  readonly #all = new PullSeries();
  readonly #zones = new ZoneCounts();
  readonly #traffic = new TrafficCounts(this.#zones);
  readonly #retries = new Counter('pull_retries_total');
  readonly #waited = new Histogram('pull_wait_seconds');
  readonly #connect = new Histogram('origin_connect_seconds');
  readonly #full = new Histogram('origin_handshake_seconds', 'full');
  readonly #resumed = new Histogram('origin_handshake_seconds', 'resumed');
  readonly #handshakes = new Counter('visitor_handshakes_total', HANDSHAKE_OUTCOMES);
  readonly #recent = new Recent();

  /** A request has ended, at this time on the clock of the edge. */
  request(visitor: Visitor, end: RequestEnd, at: number): void {
    const { scheme, protocol, since } = visitor;
    const { status, plan } = end;
    const visit = this.#all.visitOf(visitor);
    this.#all.visits.add(visit);
    this.#recent.add(at);
    this.#requests.add(
      this.#requests.place(scheme === 'http' ? 0 : 1, PROTOCOLS.indexOf(protocol), statusClass(status)),
    );
    this.#duration.observe(at - since);
    if (end.pull !== null && plan !== null && isPulling(plan))
      return this.#pulled(end, end.pull, { plan, visit, head: visitor.head });
    this.#all.answered(plan, end.page, end.bytesOut);
    if (plan === null || !('zone' in plan)) return;
    const series = this.#traffic.of(plan.zone);
    series.visits.add(visit);
    series.answered(plan, end.page, end.bytesOut);
  }

  /** A limit that only simulates would have begun to turn a visitor away. */
  simulated(plan: PullPlan): void {
    this.#all.simulated.add(0);
    if ('zone' in plan) this.#traffic.of(plan.zone).simulated.add(0);
  }

  /** A request was refused before it could be read whole. */
  refused(code: UnreadCode): void {
    this.#all.refused.add(this.#all.refused.named(code));
  }

  handshake(ended: HandshakeOutcome): void {
    this.#handshakes.add(HANDSHAKE_OUTCOMES.indexOf(ended));
  }

  /** An attempt to connect to an origin of this zone has ended. */
  opened(attempt: OpenOutcome, zone: ZoneId): void {
    this.#all.opened(attempt);
    this.#traffic.of(zone).opened(attempt);
    if (attempt.kind === 'failed') return;
    const { connect, handshake } = attempt.opening;
    this.#connect.observe(connect);
    if (handshake !== null) (handshake.resumed ? this.#resumed : this.#full).observe(handshake.took);
  }

  /** What zones and hostnames have counted since the last call. */
  takeTraffic(): Traffic {
    return this.#traffic.take();
  }

  snapshot({ now, connections, pools }: Holdings): Snapshot {
    const counters: Record<string, number> = {};
    const opening = [this.#waited, this.#connect, this.#full, this.#resumed, this.#handshakes];
    for (const one of [this.#requests, this.#duration, ...this.#all.all(), this.#zones, this.#retries, ...opening]) {
      one.write(counters);
    }
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

  #pulled(end: RequestEnd, pull: PullFacts, { plan, visit, head }: Visited): void {
    const place = this.#all.placeOf(plan, pull);
    const { series, count } = this.#traffic.pulled(plan, howEnded(pull));
    series.visits.add(visit);
    this.#all.pulled(pull, place, end.bytesOut);
    series.pulled(pull, place, end.bytesOut);
    if (pull.failure !== null) this.#failed(series, pull, head);
    if (requestFailed(end)) count.failed++;
    else count.passed++;
    if (pull.retries > 0) this.#retries.add(0, pull.retries);
    if (pull.connection !== null) this.#waited.observe(pull.waited);
  }

  // Who asks is looked at where a pull failed only: all others cost nothing.
  #failed(series: PullSeries, pull: PullFacts, { path, fields }: Visitor['head']): void {
    if (!saysOwnLook(get(fields, 'user-agent') ?? '', path)) return;
    const place = this.#all.lookFailures.named(outcome(pull));
    this.#all.lookFailures.add(place);
    series.lookFailures.add(place);
  }
}

function isPulling(plan: PullPlan): plan is Pulling {
  return plan.kind === 'present' || plan.kind === 'without' || plan.kind === 'plaintext';
}

function howEnded({ failure, status }: PullFacts): 'well' | 'refused' | 'failed' {
  if (failure === null) return 'well';
  return failure.code === 'identity_refused' && status === 0 ? 'refused' : 'failed';
}

// RFC 9110 §15: a status that nobody knows is taken for the x00 of its class; above 599 for a 5xx.
function statusClass(status: number): number {
  return Math.min(Math.floor(status / 100), STATUSES.length - 1);
}

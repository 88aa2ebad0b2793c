import type { PullPlan } from '../domain/plan.ts';
import { REFUSALS } from '../http1/refusals.ts';
import type { Pulling } from '../pull/door.ts';
import { PULL_FAILURES } from '../pull/failure.ts';
import type { Lane } from '../pull/lane.ts';
import type { OpenOutcome } from '../pull/open.ts';
import { outcome, type PullFacts } from '../pull/pull-facts.ts';
import { Counter } from '../wire/counter.ts';
import { Histogram } from '../wire/histogram.ts';
import { PAGES, REFUSING } from './own-pages.ts';
import type { Visitor } from './visitor.ts';

const PLANS = ['plaintext', 'without', 'present'] as const;
const LEVELS = ['none', 'hostname', 'zone', 'global'] as const;
const SCHEMES = ['http', 'https'] as const;
const ORIGIN_PROTOCOLS: readonly Lane['protocol'][] = ['1.1', '2'];
const FAILURES = Object.keys(PULL_FAILURES);
const VISITOR_TLS = [null, 'TLSv1.2', 'TLSv1.3'];
const REFUSED = [...Object.keys(REFUSALS), 'head_timeout', 'body_timeout', ...Object.keys(PAGES), ...REFUSING];

/** What is counted of pulls, and of requests that came to none: once for all together, and once for each zone. */
export class PullSeries {
  readonly pulls = new Counter('pulls_total', PLANS, LEVELS, ['answered', 'cut', 'visitor_gone', ...FAILURES]);
  readonly lookFailures = new Counter('pull_look_failures_total', FAILURES);
  readonly lent = new Counter('pull_connections_total', ['new', 'reused'], ORIGIN_PROTOCOLS);
  readonly firstByte = new Histogram('pull_first_byte_seconds');
  readonly connects = new Counter('origin_connects_total', ['plain', 'full', 'resumed', ...FAILURES]);
  readonly refused = new Counter('refused_total', REFUSED);
  readonly redirects = new Counter('redirects_total', SCHEMES);
  readonly bytes = new Counter('body_bytes_total', ['in', 'out']);
  readonly visits = new Counter('visits_total', ['none', '1.2', '1.3'], ['none', 'shown']);
  readonly simulated = new Counter('limits_simulated_total');

  /** Everything that there is to write. */
  all(): readonly (Counter | Histogram)[] {
    const { pulls, lookFailures, lent, firstByte, connects, refused, redirects, bytes, visits, simulated } = this;
    return [pulls, lookFailures, lent, firstByte, connects, refused, redirects, bytes, visits, simulated];
  }

  /** A pull that was shown at `place` of `pulls` has ended. */
  pulled(pull: PullFacts, place: number, bytesOut: number): void {
    this.pulls.add(place);
    this.bytes.add(0, pull.bytesIn);
    this.bytes.add(1, bytesOut);
    if (pull.connection === null) return;
    this.lent.add(this.lent.place(pull.earlier === 0 ? 0 : 1, ORIGIN_PROTOCOLS.indexOf(pull.connection.protocol)));
    if (pull.firstByte !== null) this.firstByte.observe(pull.firstByte);
  }

  /** The edge has answered by itself: with a page, or by sending the visitor elsewhere. */
  answered(plan: PullPlan | null, page: string | null, bytesOut: number): void {
    this.bytes.add(1, bytesOut);
    if (page !== null) this.refused.add(this.refused.named(page));
    else if (plan?.kind === 'redirect') this.redirects.add(SCHEMES.indexOf(plan.to));
  }

  /** An attempt to connect has ended. */
  opened(attempt: OpenOutcome): void {
    if (attempt.kind === 'failed') return this.connects.add(this.connects.named(attempt.failure.code));
    const { handshake } = attempt.opening;
    this.connects.add(handshake === null ? 0 : handshake.resumed ? 2 : 1);
  }

  /** Where a request of this visitor is counted in `visits`: the same for all series. */
  visitOf({ tls, shown }: Pick<Visitor, 'tls' | 'shown'>): number {
    return this.visits.place(VISITOR_TLS.indexOf(tls), shown === null ? 0 : 1);
  }

  /** Where a pull of this plan that ended so is counted in `pulls`: the same for all series. */
  placeOf(plan: Pulling, pull: PullFacts): number {
    const level = plan.kind === 'present' ? LEVELS.indexOf(plan.level) : 0;
    return this.pulls.place(PLANS.indexOf(plan.kind), level, outcomeIndex(pull));
  }
}

function outcomeIndex(pull: PullFacts): number {
  const ended = outcome(pull);
  if (ended === 'answered') return 0;
  if (ended === 'cut') return 1;
  return ended === 'visitor_gone' ? 2 : 3 + FAILURES.indexOf(ended);
}

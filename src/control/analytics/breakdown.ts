import type { AnalyticsTotals } from '../../wire/analytics.ts';
import { BUCKETS, type Sums } from '../../wire/metrics.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Counts<Name extends string> = Record<Name, number>;

/** What was counted in one stretch of time, by what one asks of it. */
export interface Breakdown {
  readonly pulls: Readonly<Counts<'answered' | 'refused' | 'failed' | 'cut' | 'visitor_gone'>>;
  readonly failures: ReadonlyMap<string, number>;
  /** Those of them that say that they are Postern's own. */
  readonly lookFailures: ReadonlyMap<string, number>;
  readonly certificates: AnalyticsTotals['certificates'];
  readonly edgeAnswers: ReadonlyMap<string, number>;
  readonly handshakes: AnalyticsTotals['handshakes'];
  readonly handshakeFailures: ReadonlyMap<string, number>;
  readonly connections: AnalyticsTotals['connections'];
  readonly bytes: AnalyticsTotals['bytes'];
  readonly visitorHandshakes: AnalyticsTotals['handshakes'];
  /** How often the first byte took as long as a bucket says. */
  readonly firstByte: readonly number[];
}

/** Failures to connect that are none of the handshake. */
const BEFORE_HANDSHAKE: ReadonlySet<string> = new Set([
  'name_unresolved',
  'address_forbidden',
  'connection_refused',
  'connect_timeout',
  'unreachable',
  'pool_retired',
  'too_busy',
]);

/** Takes sums apart. Series that nobody asks for are passed over. */
export function breakdown(sums: Sums): Breakdown {
  const parts = empty();
  for (const [series, count] of Object.entries(sums)) {
    const [metric = '', ...values] = series.split('|');
    READERS[metric]?.(parts, values, count);
  }
  return parts;
}

/** The same while it is made. */
interface Parts {
  readonly pulls: Mutable<Breakdown['pulls']>;
  readonly failures: Map<string, number>;
  readonly lookFailures: Map<string, number>;
  readonly certificates: Mutable<Breakdown['certificates']>;
  readonly edgeAnswers: Map<string, number>;
  readonly handshakes: Mutable<Breakdown['handshakes']>;
  readonly handshakeFailures: Map<string, number>;
  readonly connections: Mutable<Breakdown['connections']>;
  readonly bytes: Mutable<Breakdown['bytes']>;
  readonly visitorHandshakes: Mutable<Breakdown['handshakes']>;
  readonly firstByte: number[];
}

function empty(): Parts {
  return {
    pulls: { answered: 0, refused: 0, failed: 0, cut: 0, visitor_gone: 0 },
    failures: new Map(),
    lookFailures: new Map(),
    certificates: { hostname: 0, zone: 0, global: 0, without: 0, plaintext: 0 },
    edgeAnswers: new Map(),
    handshakes: { full: 0, resumed: 0, failed: 0 },
    handshakeFailures: new Map(),
    connections: { new: 0, reused: 0 },
    bytes: { in: 0, out: 0 },
    visitorHandshakes: { full: 0, resumed: 0, failed: 0 },
    firstByte: Array.from({ length: BUCKETS.length + 1 }, () => 0),
  };
}

type Reader = (parts: Parts, values: readonly string[], count: number) => void;

const READERS: Readonly<Record<string, Reader>> = {
  pulls_total: (parts, [plan = '', level = '', outcome = ''], count) => {
    bump(parts.certificates, plan === 'present' ? level : plan, count);
    if (outcome in parts.pulls && outcome !== 'refused' && outcome !== 'failed') {
      return bump(parts.pulls, outcome, count);
    }
    bump(parts.pulls, outcome === 'identity_refused' ? 'refused' : 'failed', count);
    addTo(parts.failures, outcome, count);
  },
  pull_look_failures_total: (parts, [outcome = ''], count) => addTo(parts.lookFailures, outcome, count),
  pull_connections_total: (parts, [connection = ''], count) => bump(parts.connections, connection, count),
  pull_first_byte_seconds: ({ firstByte }, [bucket], count) => {
    const at = Number(bucket);
    if (firstByte[at] !== undefined) firstByte[at] += count;
  },
  origin_connects_total: (parts, [outcome = ''], count) => {
    if (outcome === 'plain' || BEFORE_HANDSHAKE.has(outcome)) return;
    if (outcome === 'full' || outcome === 'resumed') return bump(parts.handshakes, outcome, count);
    parts.handshakes.failed += count;
    addTo(parts.handshakeFailures, outcome, count);
  },
  refused_total: (parts, [code = ''], count) => addTo(parts.edgeAnswers, code, count),
  redirects_total: (parts, _, count) => addTo(parts.edgeAnswers, 'redirect', count),
  body_bytes_total: (parts, [direction = ''], count) => bump(parts.bytes, direction, count),
  visitor_handshakes_total: (parts, [outcome = ''], count) => {
    const known = outcome === 'full' || outcome === 'resumed' ? outcome : 'failed';
    parts.visitorHandshakes[known] += count;
  },
};

function bump<Name extends string>(counts: Counts<Name>, name: string, count: number): void {
  if (Object.hasOwn(counts, name)) counts[name as Name] += count;
}

function addTo(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

/** The share of pulls on connections that had carried others before; `null` where there was none at all. */
export function reuse({ connections }: Breakdown): number | null {
  const all = connections.new + connections.reused;
  return all === 0 ? null : connections.reused / all;
}

/** The time in seconds below which so many of all lie; `null` where nothing was measured. Even within a bucket. */
export function quantile({ firstByte }: Breakdown, share: number): number | null {
  const all = firstByte.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  const wanted = all * share;
  let below = 0;
  for (const [at, count] of firstByte.entries()) {
    if (below + count < wanted || count === 0) {
      below += count;
      continue;
    }
    const from = at === 0 ? 0 : (BUCKETS[at - 1] ?? 0);
    const to = BUCKETS[at];
    // Above the last bound nothing is known but that.
    return to === undefined ? from : from + ((to - from) * (wanted - below)) / count;
  }
  return BUCKETS.at(-1) ?? null;
}

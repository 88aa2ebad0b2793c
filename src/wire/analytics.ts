import { z } from 'zod';
import { HOST, ID, TIME, type View } from './answer-fields.ts';

/** The spans that one can ask for. */
export const ANALYTICS_SPANS = ['15m', '1h', '6h', '24h', '7d'] as const;
export type AnalyticsSpan = (typeof ANALYTICS_SPANS)[number];

const COUNT = z.int().nonnegative();
const SECONDS = z.number().nonnegative().nullable();

const SERIES = z
  .strictObject({
    name: z.enum([
      'pulls',
      'failures',
      'look_failures',
      'certificates',
      'edge_answers',
      'handshakes',
      'handshake_failures',
      'connections',
      'reuse',
      'first_byte_seconds',
      'bytes',
      'visitor_handshakes',
    ]),
    labels: z.record(z.string(), z.string()).meta({ examples: [{ outcome: 'answered' }] }),
    points: z.array(z.number().nullable()).meta({
      description:
        'One for each step, the oldest first; the last step is under way. null where nobody counted, and in ratios and quantiles where there was nothing to count.',
      examples: [[null, 0, 41, 12]],
    }),
  })
  .meta({ id: 'AnalyticsSeries', description: 'One line of a chart.' });

const REASONS = z.array(z.strictObject({ reason: z.string(), count: COUNT }));

const TOTALS = z
  .strictObject({
    pulls: z
      .strictObject({
        all: COUNT,
        answered: COUNT,
        refused: COUNT.meta({
          description: 'The origin refused the certificate, or that there was none: identity_refused.',
        }),
        failed: COUNT.meta({ description: 'For another reason, without an answer.' }),
        cut: COUNT.meta({ description: 'The answer broke off.' }),
        visitor_gone: COUNT.meta({ description: 'The visitor left, or its body was refused.' }),
      })
      .meta({ description: 'By how they ended.' }),
    failures: REASONS.meta({
      description: 'Why pulls were refused or failed, by the codes of docs/errors-at-the-edge.md.',
      examples: [[{ reason: 'identity_refused', count: 3 }]],
    }),
    look_failures: REASONS.meta({
      description:
        'Those among the failures that say that they are looks of Postern itself: `postern origin install` looks through the edge until it gets in. Anybody can say so.',
      examples: [[{ reason: 'origin_not_verified', count: 2 }]],
    }),
    certificates: z
      .strictObject({
        hostname: COUNT,
        zone: COUNT,
        global: COUNT,
        without: COUNT.meta({ description: 'Over TLS, with no certificate.' }),
        plaintext: COUNT.meta({ description: 'Over plain HTTP.' }),
      })
      .meta({ description: 'Pulls by the level whose certificate they showed.' }),
    edge_answers: REASONS.meta({
      description: 'Requests that the edge answered by itself: redirect, or the code of its page.',
      examples: [[{ reason: 'redirect', count: 12 }]],
    }),
    handshakes: z.strictObject({ full: COUNT, resumed: COUNT, failed: COUNT }).meta({
      description:
        'With origins. In TLS 1.3 an origin may refuse a certificate after a handshake that counts as full; the pull is refused then.',
    }),
    handshake_failures: REASONS.meta({ examples: [[{ reason: 'origin_not_verified', count: 1 }]] }),
    connections: z
      .strictObject({ new: COUNT, reused: COUNT })
      .meta({ description: 'Pulls by whether their connection had carried others before.' }),
    reuse: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .meta({ description: 'The share of reused ones.', examples: [0.998] }),
    first_byte_seconds: z.strictObject({ p50: SECONDS, p90: SECONDS, p99: SECONDS }).meta({
      description:
        'From the loan of a connection to the head of the answer: quantiles, interpolated in the buckets of the histogram.',
    }),
    bytes: z.strictObject({ in: COUNT, out: COUNT }).meta({ description: 'Of bodies: from and to visitors.' }),
    visitor_handshakes: z
      .strictObject({ full: COUNT, resumed: COUNT, failed: COUNT })
      .nullable()
      .meta({ description: 'With visitors, of all zones together; null for one zone.' }),
  })
  .meta({ id: 'AnalyticsTotals', description: 'The sums of the whole span.' });

const HOUR = {
  pulls: COUNT.meta({ examples: [41] }),
  without_certificate: COUNT.meta({ description: 'Over TLS, with no certificate shown.', examples: [3] }),
  plaintext: COUNT.meta({ description: 'Over plain HTTP.', examples: [0] }),
  refused: COUNT.meta({
    description: 'The origin refused the certificate, or that there was none.',
    examples: [0],
  }),
  failed: COUNT.meta({ description: 'For another reason, broken off answers included.', examples: [0] }),
};

export const HOSTNAME_TRAFFIC = z
  .strictObject({
    hostname: HOST.meta({ description: 'The name of the record, so that of a wildcard for the names below it.' }),
    zone: ID,
    ...HOUR,
    last_at: TIME.meta({ description: 'The last pull, to the second or so.' }),
  })
  .meta({ id: 'HostnameTraffic', description: 'What a hostname was asked for in the last hour.' });

const LAST_HOUR = z
  .strictObject({
    since: TIME.meta({ description: 'Up to an hour ago; later where the counting began later.' }),
    hostnames: COUNT.meta({ description: 'How many hostnames had a pull, those left out not counted.', examples: [2] }),
    ...HOUR,
    left_out: z.strictObject(HOUR).meta({
      description: 'What hostnames had that are not among the 50,000 busiest, together; the sums hold it.',
    }),
  })
  .meta({ id: 'LastHour', description: 'What all hostnames had together.' });

export const ANALYTICS = z
  .strictObject({
    last: z.enum(ANALYTICS_SPANS),
    since: TIME.meta({ description: 'When the first step begins.' }),
    until: TIME.meta({ description: 'Up to when everything is counted: the last step ends later.' }),
    counted_since: TIME.meta({
      description: 'When the counting began. Nothing is known of what was before: the points there are null.',
    }),
    step: z
      .int()
      .positive()
      .meta({ description: 'Seconds.', examples: [60] }),
    series: z.array(SERIES),
    totals: TOTALS,
    last_hour: LAST_HOUR,
    hostnames: z.array(HOSTNAME_TRAFFIC).meta({ description: 'The ten busiest of the last hour.' }),
  })
  .meta({ id: 'Analytics', description: 'What the edges counted, over time and in sums.' });

export type AnalyticsView = View<typeof ANALYTICS>;
export type AnalyticsSeries = View<typeof SERIES>;
export type AnalyticsTotals = View<typeof TOTALS>;
export type HostnameTraffic = View<typeof HOSTNAME_TRAFFIC>;

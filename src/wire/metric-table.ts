import { GUARD_METRICS } from './guard-metrics.ts';
import type { Metric } from './metric.ts';

const MICRO = 1e-6;

const SCHEME = '`http`, `https`';
const FAILURE = 'a code of [errors at the edge](errors-at-the-edge.md#a-pull-failed)';
const ROLE = '`main`, `worker`';

/** Every metric, without the `postern_` that all names begin with. Labels have few values, and none that a visitor can invent. */
export const METRICS = {
  requests_total: {
    type: 'counter',
    help: 'Requests of visitors whose head could be read, by the status that they got.',
    labels: {
      scheme: SCHEME,
      protocol: '`1.0`, `1.1`, `2`',
      status: '`1xx` to `5xx` (above 599, too), or `none` where the visitor was gone before an answer',
    },
    alert: 'sum(rate(postern_requests_total{status="5xx"}[5m])) / sum(rate(postern_requests_total[5m])) > 0.05',
  },
  requests_last_minute: {
    type: 'gauge',
    help: 'Requests of the last 60 seconds: what `postern edges` shows.',
    labels: {},
    alert: null,
  },
  request_seconds: {
    type: 'histogram',
    help: 'From the first byte of a request to the end of its answer.',
    labels: {},
    scale: MICRO,
    alert: null,
  },
  body_bytes_total: {
    type: 'counter',
    help: 'Bytes of bodies, without their framing.',
    labels: { direction: '`in` from visitors, `out` to visitors' },
    alert: null,
  },
  refused_total: {
    type: 'counter',
    help: 'Requests that the edge refused: with a page of its own and no origin asked, or because of how their bodies came.',
    labels: { code: 'a code of [errors at the edge](errors-at-the-edge.md), `head_timeout` or `body_timeout`' },
    alert: 'rate(postern_refused_total{code=~"no_identity|key_missing|identity_expired"}[5m]) > 0',
  },
  redirects_total: {
    type: 'counter',
    help: 'Requests that the edge sent to the other scheme.',
    labels: { to: SCHEME },
    alert: null,
  },
  visits_total: {
    type: 'counter',
    help: 'Requests of visitors, by the TLS that they came with and whether they showed a certificate of their own, which only names that ask for one are shown. Before `min_tls_version` is raised, `1.2` tells who would be refused.',
    labels: { tls: '`none`, `1.2`, `1.3`', certificate: '`none`, `shown`' },
    alert: null,
  },
  limits_simulated_total: {
    type: 'counter',
    help: 'How often a rate limit that simulates would have begun to turn a visitor away.',
    labels: {},
    alert: null,
  },
  zone_requests_total: {
    type: 'counter',
    help: 'Requests that led to an origin, by zone. Each worker names the first 1,000 zones that it pulls for.',
    labels: { zone: 'id of the zone, or `other`', result: '`passed`, or `failed` for 5xx and cut answers' },
    alert: null,
  },
  pulls_total: {
    type: 'counter',
    help: 'Pulls, by what the edge showed to the origin and how they ended.',
    labels: {
      plan: '`present`, `without`, `plaintext`',
      level: '`hostname`, `zone`, `global`, or `none` where nothing is shown',
      outcome: `\`answered\`, \`cut\` where an answer broke off, \`visitor_gone\` where the visitor left or its body was refused, or ${FAILURE}`,
    },
    alert: 'sum(rate(postern_pulls_total{outcome=~"identity_refused|origin_not_verified"}[5m])) > 0',
  },
  pull_look_failures_total: {
    type: 'counter',
    help: "Of the pulls that failed, those that say that they are Postern's own: `postern origin install` looks through the edge until it gets in.",
    labels: { outcome: FAILURE },
    alert: null,
  },
  pull_retries_total: {
    type: 'counter',
    help: 'Tries of pulls that came to nothing, after which the request went to a new connection or to another origin of its name.',
    labels: {},
    alert: null,
  },
  pull_connections_total: {
    type: 'counter',
    help: 'Pulls that got a connection, by whether it had carried others before, and by the version of HTTP spoken on it. The share of `reused` should be near 1 under steady traffic.',
    labels: { connection: '`new`, `reused`', protocol: '`1.1`, `2`' },
    alert: null,
  },
  pull_wait_seconds: {
    type: 'histogram',
    help: 'How long a pull waited for a connection; about zero where one was idle.',
    labels: {},
    scale: MICRO,
    alert: null,
  },
  pull_first_byte_seconds: {
    type: 'histogram',
    help: 'From the loan of a connection to the head of the answer of the origin.',
    labels: {},
    scale: MICRO,
    alert: null,
  },
  origin_connects_total: {
    type: 'counter',
    help: 'Attempts to open a connection to an origin. In TLS 1.3 an origin may refuse a certificate after a handshake that counts as `full` here; `postern_pulls_total` has it as `identity_refused`.',
    labels: { outcome: `\`full\` or \`resumed\` handshake, \`plain\` without TLS, or ${FAILURE}` },
    alert: 'sum by (outcome) (rate(postern_origin_connects_total{outcome!~"full|resumed|plain"}[5m])) > 1',
  },
  origin_connect_seconds: {
    type: 'histogram',
    help: 'How long origins took to accept a TCP connection, the look-up of a name included.',
    labels: {},
    scale: MICRO,
    alert: null,
  },
  origin_handshake_seconds: {
    type: 'histogram',
    help: 'How long TLS handshakes with origins took.',
    labels: { session: '`full`, `resumed`' },
    scale: MICRO,
    alert: null,
  },
  visitor_handshakes_total: {
    type: 'counter',
    help: 'TLS handshakes of visitors. Scanners make failures all day.',
    labels: {
      outcome: '`full` or `resumed`, `unknown_name`, `timeout`, `left`, `protocol` for all that TLS itself refuses',
    },
    alert: null,
  },
  visitor_connections: {
    type: 'gauge',
    help: 'Open connections of visitors, without those that are in their handshake.',
    labels: { scheme: SCHEME },
    alert: null,
  },
  origin_connections: {
    type: 'gauge',
    help: 'Connections to origins.',
    labels: { state: '`busy`, `idle`, `opening`' },
    alert: null,
  },
  pulls_waiting: {
    type: 'gauge',
    help: 'Pulls that wait for a connection because their origin has no more to give.',
    labels: {},
    alert: 'postern_pulls_waiting > 100',
  },
  pools: {
    type: 'gauge',
    help: 'Pools of connections: one for each origin, name and identity in use.',
    labels: {},
    alert: null,
  },
  origins_ejected: {
    type: 'gauge',
    help: 'Those of the pools that are asked after all others of their name, because their origin failed three times in a row.',
    labels: {},
    alert: 'postern_origins_ejected > 0',
  },
  revision: {
    type: 'gauge',
    help: 'The newest revision of the configuration.',
    labels: {},
    alert: null,
  },
  edge_revision: {
    type: 'gauge',
    help: 'The revision that an edge has in force.',
    labels: { edge: 'name of the edge' },
    alert: 'min(postern_edge_revision) < max(postern_revision)',
  },
  edge_connected: {
    type: 'gauge',
    help: '1 while an edge is connected to the feed, 0 while an expected one is absent.',
    labels: { edge: 'name of the edge' },
    alert: 'postern_edge_connected == 0',
  },
  certificates: {
    type: 'gauge',
    help: 'Certificates in use, by how soon they end. A certificate counts in every span that it ends within.',
    labels: {
      kind: '`managed`, `uploaded` (client certificates), `shared`, `visitor` (uploaded), `visitor_authority` (a CA that a hostname asks its visitors for, in each list), `authority` (issuer of a zone)',
      within: '`now` for ended, `1d`, `7d`, `30d`, `ever`',
    },
    alert: 'postern_certificates{within="7d"} > 0',
  },
  certificate_expiry_seconds: {
    type: 'gauge',
    help: 'Seconds until a certificate ends, below zero where it has; the 20 that end first, by zone.',
    labels: { kind: 'as above', zone: 'id of the zone; `none` for the shared identity' },
    alert: null,
  },
  origins_held: {
    type: 'gauge',
    help: 'Origins that keep rotations from going on, by what was found there: they are shown the old certificate still.',
    labels: {
      finding: '`unreachable`, `refused`, `differs`, `unlocked`, `unseen`, or `proved` where it may go on soon',
    },
    alert: 'min_over_time(sum(postern_origins_held{finding!="proved"})[1d:5m]) > 0',
  },
  locks: {
    type: 'gauge',
    help: 'Origins by how their locks were seen last: whether whoever comes without the certificate of the edge is refused.',
    labels: { verdict: '`locked`, `open`, `broken` (the edge itself cannot pull), `unknown`' },
    alert: 'postern_locks{verdict=~"open|broken"} > 0',
  },
  notices_total: {
    type: 'counter',
    help: 'Notices that were said, whoever takes them.',
    labels: { code: 'a code of [notices](api.md#notices), such as `certificate_ending`' },
    alert: null,
  },
  notice_attempts_total: {
    type: 'counter',
    help: 'Attempts to deliver notices.',
    labels: { kind: '`webhook`, `email`', outcome: '`delivered`, or why not, as the deliveries of the channel say it' },
    alert: 'rate(postern_notice_attempts_total{outcome!="delivered"}[1h]) > 0',
  },
  notice_deliveries_waiting: {
    type: 'gauge',
    help: 'Deliveries of notices that wait for their next attempt.',
    labels: {},
    alert: 'postern_notice_deliveries_waiting > 10',
  },
  api_requests_total: {
    type: 'counter',
    help: 'Calls of the API.',
    labels: { status: '`2xx` to `5xx`' },
    alert: 'rate(postern_api_requests_total{status="5xx"}[5m]) > 0',
  },
  processes: {
    type: 'gauge',
    help: 'Processes that answered when the figures were collected.',
    labels: { role: ROLE },
    alert: null,
  },
  process_cpu_seconds_total: {
    type: 'counter',
    help: 'CPU time, user and system.',
    labels: { role: ROLE },
    scale: MICRO,
    alert: null,
  },
  process_busy_seconds_total: {
    type: 'counter',
    help: 'Time in which an event loop was not idle. Near one second per second and process, an edge is at its end.',
    labels: { role: ROLE },
    scale: MICRO,
    alert: 'rate(postern_process_busy_seconds_total[5m]) / on(role) postern_processes > 0.8',
  },
  process_resident_memory_bytes: {
    type: 'gauge',
    help: 'Resident memory.',
    labels: { role: ROLE },
    alert: null,
  },
  process_heap_bytes: {
    type: 'gauge',
    help: 'Memory in use by JavaScript values.',
    labels: { role: ROLE },
    alert: null,
  },
  ...GUARD_METRICS,
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;

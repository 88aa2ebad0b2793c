import type { Metric } from './metric.ts';

const SITE = 'first name of the site, as it is configured';

/** What a guard tells at its own `/metrics` (`--health`), beside the figures of its process. */
export const GUARD_METRICS = {
  guard_callers_total: {
    type: 'counter',
    help: 'Connections to a guard, by what became of them.',
    labels: { outcome: '`admitted`, `watched` where nobody is refused, `refused`' },
    alert: null,
  },
  guard_refused_total: {
    type: 'counter',
    help: 'Callers that a guard refused. Scanners make such as `no_name` and `left` all day.',
    labels: {
      because:
        '`no_certificate`, `resumed_without_certificate`, `not_verified`, `foreign_anchor`, `not_a_leaf`, `not_for_clients`, `cannot_sign`, `outside_validity`, `standing_unknown`, `revoked`, `other_name`, `not_pinned`, `other_subject`, or of the handshake `no_name`, `unknown_name`, `another_name`, `old_protocol`, `resumed`, `timeout`, `left`, `protocol`, `no_tls`, `too_many`',
    },
    alert: 'rate(postern_guard_refused_total{because=~"outside_validity|standing_unknown|revoked"}[5m]) > 0',
  },
  guard_requests_total: {
    type: 'counter',
    help: 'Requests that went to an application.',
    labels: {
      via: '`edge`, `own` for callers of your own CA, `unverified` where nobody is refused',
      status: '`1xx` to `5xx` (above 599, too), or `none` where the caller was gone before an answer',
    },
    alert: null,
  },
  guard_requests_refused_total: {
    type: 'counter',
    help: 'Requests of callers who were let in, refused as such.',
    labels: { code: '`misdirected`, `method`, `head_timeout`, `body_timeout`, or what is wrong with the message' },
    alert: null,
  },
  guard_application_failures_total: {
    type: 'counter',
    help: 'Requests for which an application gave no answer, or half of one.',
    labels: { code: 'a code of [errors at the edge](errors-at-the-edge.md#a-pull-failed)' },
    alert: 'rate(postern_guard_application_failures_total[5m]) > 0',
  },
  guard_request_seconds: {
    type: 'histogram',
    help: 'From the first byte of a request at the guard to the end of its answer.',
    labels: {},
    scale: 1e-6,
    alert: null,
  },
  guard_connections: {
    type: 'gauge',
    help: 'Connections of callers.',
    labels: { state: '`open`, `handshake`' },
    alert: null,
  },
  guard_application_connections: {
    type: 'gauge',
    help: 'Connections for HTTP to applications.',
    labels: { state: '`busy`, `idle`, `opening`' },
    alert: null,
  },
  guard_requests_waiting: {
    type: 'gauge',
    help: 'Requests that wait for a connection to their application.',
    labels: {},
    alert: 'postern_guard_requests_waiting > 100',
  },
  guard_lock_enforced: {
    type: 'gauge',
    help: '1 where all names of a site refuse whoever may not come in, 0 while one of them only watches or is open for a while.',
    labels: { site: SITE },
    alert: 'postern_guard_lock_enforced == 0',
  },
  guard_files_refused: {
    type: 'gauge',
    help: '1 while the newest files of a site are not in force because something is wrong with them.',
    labels: { site: SITE },
    alert: 'postern_guard_files_refused == 1',
  },
  guard_bundle_expiry_seconds: {
    type: 'gauge',
    help: 'Seconds until the last CA of a bundle ends; from then on nobody is let in.',
    labels: { site: SITE },
    alert: 'postern_guard_bundle_expiry_seconds < 7 * 86400',
  },
  guard_certificate_expiry_seconds: {
    type: 'gauge',
    help: "Seconds until a site's own certificate ends.",
    labels: { site: SITE },
    alert: 'postern_guard_certificate_expiry_seconds < 7 * 86400',
  },
} as const satisfies Readonly<Record<string, Metric>>;

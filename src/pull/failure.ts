/**
 * Why a pull gave no answer. Status numbers follow Cloudflare's 52x, which operators know; `text` is for the page that
 * a visitor sees and names no internals, the log gets `detail` as well.
 */
export const PULL_FAILURES = {
  name_unresolved: { status: 530, text: 'The name of the origin does not resolve.' },
  address_forbidden: { status: 530, text: 'The origin lies at an address that the edge may not connect to.' },
  connection_refused: { status: 521, text: 'The origin refused the connection.' },
  connect_timeout: { status: 522, text: 'The origin did not accept a connection in time.' },
  unreachable: { status: 523, text: 'There is no route to the origin.' },
  answer_timeout: { status: 524, text: 'The origin accepted the request but did not answer in time.' },
  handshake_failed: { status: 525, text: 'The TLS handshake with the origin failed.' },
  handshake_timeout: { status: 525, text: 'The TLS handshake with the origin did not finish in time.' },
  identity_refused: { status: 525, text: 'The origin refused the client certificate of the edge.' },
  origin_not_verified: { status: 526, text: 'The certificate of the origin could not be verified.' },
  bad_answer: { status: 520, text: 'The origin sent an answer that is not valid HTTP.' },
  http1_required: { status: 520, text: 'The origin wants this request over HTTP/1.1. Try again.' },
  closed_early: { status: 520, text: 'The origin closed the connection before it answered.' },
  key_unusable: { status: 525, text: 'The client certificate of the edge could not be used.' },
  edge_fault: { status: 500, text: 'The edge made a mistake with this answer.' },
  pool_retired: { status: 503, text: 'The way to this origin has just changed. Try again.' },
  too_busy: { status: 503, text: 'Too many requests are waiting for this origin.' },
} as const satisfies Record<string, { readonly status: number; readonly text: string }>;

export type PullFailureCode = keyof typeof PULL_FAILURES;

/** A pull that failed. `detail` is for the log only: it may name addresses. */
export interface PullFailure {
  readonly code: PullFailureCode;
  readonly detail: string;
  /** TLS alert that the origin sent (RFC 8446 §6), where there was one. */
  readonly alert: number | null;
}

/** How far a connection had come when it failed. */
export type Stage = 'connecting' | 'handshake' | 'answer';

// Alerts by which a server refuses the certificate of a client, or its absence: bad_certificate,
// unsupported_certificate, certificate_revoked, certificate_expired, certificate_unknown, unknown_ca, access_denied,
// decrypt_error, certificate_required (RFC 8446 §6.2).
const REFUSING_ALERTS = new Set([42, 43, 44, 45, 46, 48, 49, 51, 116]);
const HANDSHAKE_FAILURE = 40;

const BY_ERRNO: Readonly<Record<string, PullFailureCode>> = {
  ECONNREFUSED: 'connection_refused',
  ENOTFOUND: 'name_unresolved',
  EAI_AGAIN: 'name_unresolved',
  EAI_FAIL: 'name_unresolved',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  ETIMEDOUT: 'connect_timeout',
  ERR_POSTERN_FORBIDDEN_ADDRESS: 'address_forbidden',
};

/** A failure with its detail. */
export function pullFailure(code: PullFailureCode, detail: string, alert: number | null = null): PullFailure {
  return { code, detail, alert };
}

/** A mistake of our own, with its stack for the log. */
export function edgeFault(error: unknown): PullFailure {
  return pullFailure('edge_fault', error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/**
 * What an error of a socket means for a pull. In TLS 1.3 the refusal of a client certificate arrives only after the
 * client believes the handshake to be over (RFC 8446 §4.4.2.4), so an alert at the first read still is that refusal.
 */
export function classify(error: NodeJS.ErrnoException, stage: Stage): PullFailure {
  const alert = alertNumber(error);
  const detail = error.code === undefined ? error.message : `${error.code}: ${error.message}`;
  if (alert !== null) {
    const refused = REFUSING_ALERTS.has(alert) || (alert === HANDSHAKE_FAILURE && stage === 'answer');
    return pullFailure(refused ? 'identity_refused' : 'handshake_failed', detail, alert);
  }
  const known = BY_ERRNO[error.code ?? ''];
  if (stage === 'connecting') return pullFailure(known ?? 'unreachable', detail);
  if (stage === 'handshake')
    return pullFailure(isVerification(error) ? 'origin_not_verified' : 'handshake_failed', detail);
  return pullFailure('closed_early', detail);
}

// The names of OpenSSL's errors mix versions for historical reasons; the number in the text is reliable.
function alertNumber(error: Error): number | null {
  const found = /alert number (\d+)/.exec(error.message);
  return found === null ? null : Number(found[1]);
}

// X.509 verification errors as Node names them (tls.TLSSocket `authorizationError`), and its own name check.
const VERIFICATION = new Set([
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_SIGNATURE_FAILURE',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'CERT_CHAIN_TOO_LONG',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'HOSTNAME_MISMATCH',
  'PATH_LENGTH_EXCEEDED',
]);

function isVerification(error: NodeJS.ErrnoException): boolean {
  return VERIFICATION.has(error.code ?? '');
}

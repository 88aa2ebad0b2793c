import { DENIALS, type DenialCode } from '../domain/admit.ts';

/** Why a request is refused before its caller is judged, or after: status to answer with, and a sentence for the log. */
export const LOCK_REFUSALS = {
  no_host: { status: 400, text: 'The request names no host, or more than one' },
  other_host: { status: 421, text: 'The name in the handshake is not that of the request' },
  not_tls: { status: 400, text: 'The connection is not TLS, so nobody could show a certificate' },
  old_protocol: { status: 400, text: 'The connection uses a version of TLS below 1.2' },
  unlisted_proxy: { status: 403, text: 'The connection does not come from one of the proxies that are listed' },
  field_missing: { status: 403, text: 'The proxy did not say who calls' },
  field_twice: { status: 400, text: 'The field that says who calls is there more than once' },
  field_malformed: { status: 400, text: 'The field that says who calls cannot be read' },
  signature_wrong: { status: 403, text: 'The signature is not of this request on this connection' },
  signature_stale: { status: 403, text: 'The signature is too old, or from the future' },
  signature_replayed: { status: 403, text: 'The signature was used before' },
  window_full: { status: 403, text: 'Too many signed requests came at once to tell a repeated one' },
  not_the_edge: { status: 403, text: 'Only the edge can say which certificate a visitor showed' },
  visitor_unknown: { status: 403, text: 'The visitor showed the edge no certificate' },
  visitor_unfit: { status: 403, text: 'The visitor’s certificate is not of a CA that counts here, or not valid now' },
} as const satisfies Record<string, { readonly status: 400 | 403 | 421; readonly text: string }>;

export type LockRefusalCode = keyof typeof LOCK_REFUSALS;

/** Every reason for which a lock refuses a request. */
export type RefusalReason = DenialCode | LockRefusalCode;

/** Status and sentence of a reason. */
export function refusal(because: RefusalReason): { readonly status: 400 | 403 | 421; readonly text: string } {
  return because in DENIALS ? DENIALS[because as DenialCode] : LOCK_REFUSALS[because as LockRefusalCode];
}

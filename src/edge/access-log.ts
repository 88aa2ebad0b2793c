import type { Log } from '../wire/log.ts';
import { outcome, type PullFacts } from '../pull/pull-facts.ts';
import { failed, type RequestEnd } from './request-end.ts';
import type { Visitor } from './visitor.ts';

/** Which requests get a line. `errors` and `sample` write all that failed; `sample` one of so many of the others, too. */
export type AccessLogPolicy =
  | { readonly kind: 'off' | 'on' | 'errors' }
  | { readonly kind: 'sample'; readonly oneOf: number };

export interface AccessLogOptions {
  readonly policy: AccessLogPolicy;
  /** Whether the query of a path is written: it may hold what nobody should read in a log. */
  readonly query: boolean;
}

export const DEFAULT_ACCESS_LOG: AccessLogOptions = { policy: { kind: 'errors' }, query: false };

/** Writes a line for a request that ended at this time on the clock of the edge, where the policy wants one. */
type AccessLog = (visitor: Visitor, end: RequestEnd, at: number) => void;

/** An access log; `null` where none is wanted. */
export function createAccessLog({ policy, query }: AccessLogOptions, log: Log): AccessLog | null {
  if (policy.kind === 'off') return null;
  let seen = 0;
  const wanted = (end: RequestEnd): boolean => {
    if (policy.kind === 'on' || failed(end)) return true;
    return policy.kind === 'sample' && seen++ % policy.oneOf === 0;
  };
  return (visitor, end, at) => {
    if (!wanted(end)) return;
    log('request', { ...asked(visitor, query), ...became(end), total_ms: rounded(at - visitor.since) });
  };
}

type LogFields = Parameters<Log>[1];

function asked({ id, head, scheme, protocol, tls, shown, visit }: Visitor, query: boolean): LogFields {
  const path = query ? head.path : (head.path.split('?', 1)[0] ?? '');
  return {
    id,
    host: printable(head.authority, MOST_NAME),
    method: printable(head.method, MOST_METHOD),
    path: printable(path, MOST_PATH),
    address: visit.address,
    scheme,
    protocol,
    tls,
    visitor_certificate: shown?.fingerprint ?? null,
  };
}

function became({ plan, status, page, bytesOut, pull }: RequestEnd): LogFields {
  return {
    status: status === 0 ? null : status,
    plan: plan?.kind ?? null,
    level: plan !== null && 'level' in plan ? plan.level : null,
    zone: plan !== null && 'zone' in plan ? plan.zone : null,
    certificate: pull?.shown ?? null,
    bytes_in: pull?.bytesIn ?? 0,
    bytes_out: bytesOut,
    cause: pull?.failure?.code ?? page,
    ...(pull === null ? {} : pulled(pull)),
  };
}

function pulled(pull: PullFacts): LogFields {
  const { connection, earlier, failure } = pull;
  // Only the request that a connection was opened for has waited for its handshake.
  const opening = earlier === 0 ? (connection?.opening ?? null) : null;
  return {
    alert: failure?.alert ?? null,
    cut_by: cutBy(pull),
    origin: connection?.address ?? null,
    origin_protocol: connection?.protocol ?? null,
    earlier,
    retries: pull.retries,
    wait_ms: rounded(pull.waited),
    connect_ms: rounded(opening?.connect ?? null),
    handshake_ms: rounded(opening?.handshake?.took ?? null),
    resumed: opening?.handshake?.resumed ?? null,
    first_byte_ms: rounded(pull.firstByte),
  };
}

function cutBy(pull: PullFacts): 'visitor' | 'origin' | null {
  const ended = outcome(pull);
  if (ended === 'visitor_gone') return 'visitor';
  return ended === 'cut' ? 'origin' : null;
}

const MOST_NAME = 255;
const MOST_METHOD = 32;
const MOST_PATH = 1_024;

// JSON escapes the C0 controls; a terminal that shows the log obeys the C1 controls as well.
function printable(text: string, most: number): string {
  const short = text.length > most ? `${text.slice(0, most)}…` : text;
  return short.replace(/\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function rounded(milliseconds: number): number;
function rounded(milliseconds: number | null): number | null;
function rounded(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.round(milliseconds * 1_000) / 1_000;
}

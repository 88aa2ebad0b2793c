import { type Authority, formatAuthority, parseAuthority, sameAuthority } from './authority.ts';
import { LF } from './byte-classes.ts';
import { EXPECT } from './field-names.ts';
import { type FieldSection, type Fields, parseFields, type Source } from './fields.ts';
import {
  connectionOptions,
  declaredFraming,
  type Framing,
  meetsExpectation,
  NO_BODY,
  soleHost,
  type Version,
} from './framing.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { badLineEnd } from './line-ends.ts';
import { type Refusal, type RefusalCode, refuse } from './refusals.ts';
import { parseRequestLine, type RequestLine, type TargetForm } from './request-line.ts';
import { parseStatusLine, type StatusLine } from './status-line.ts';

export interface RequestHead {
  readonly kind: 'request';
  readonly method: string;
  /** As it was sent. */
  readonly target: string;
  readonly form: TargetForm;
  /** What a gateway sends on: path and query, `*`, or empty for CONNECT. */
  readonly path: string;
  /** The one host, lower-case, without port; an IPv6 address keeps its brackets. */
  readonly host: string;
  /** null where Host names none. */
  readonly port: number | null;
  /** `host` or `host:port`, as Host named it. */
  readonly authority: string;
  /** '2' where the request came over HTTP/2 (src/http2): everything else is as HTTP/1.1 would say it. */
  readonly version: Version | '2';
  readonly fields: Fields;
  readonly framing: Framing;
  readonly keepAlive: boolean;
  /** The sender waits for 100 (Continue) before it sends the body that `framing` announces. */
  readonly expectContinue: boolean;
  /** Protocols asked for, lower-case, where Connection names Upgrade. */
  readonly upgrade: string | null;
}

export interface ResponseHead {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly version: Version;
  readonly fields: Fields;
  readonly framing: Framing;
  readonly keepAlive: boolean;
  /** Another response to the same request follows (1xx other than 101). */
  readonly interim: boolean;
  /** The protocol that a 101 changes to, from the byte after the head on. */
  readonly upgrade: string | null;
}

export type HeadRole = 'request' | 'response';

function sourceOf(bytes: Buffer, start: number, end: number): Source {
  return { bytes, text: bytes.toString('latin1', start, end), base: start, end };
}

/**
 * A head may be refused while it arrives (see `HeadScanner`) or once it is whole; both must name the same cause, so bad
 * line ends come first here too. They are looked for only now: no head that holds one passes the parser.
 */
function refuseIn(bytes: Buffer, start: number, end: number, code: RefusalCode): Refusal {
  return refuse(badLineEnd(bytes, start, end) ?? code);
}

/** Judges the start line alone, in `start`..`end` with its CRLF: null where it is well-formed. */
export function judgeStartLine(bytes: Buffer, span: Span, role: HeadRole, limits: Limits): RefusalCode | null {
  const source = sourceOf(bytes, span.start, span.end);
  const line = role === 'request' ? parseRequestLine(source, span.start, limits) : parseStatusLine(source, span.start);
  return typeof line === 'string' ? line : null;
}

/** Bytes from `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

function lineEnd(bytes: Buffer, start: number, end: number): number {
  const at = bytes.indexOf(LF, start);
  return at === -1 || at >= end ? end : at + 1;
}

function requestAuthority(line: RequestLine, section: FieldSection): Authority | RefusalCode {
  const sole = soleHost(section);
  if (typeof sole === 'string') return sole;
  const host = parseAuthority(sole.host);
  if (host === null) return 'bad_host';
  const { authority, defaultPort } = line.parsed;
  // RFC 9112 §3.2.2 lets the target win over Host. An origin behind us may let Host win: refuse what differs.
  if (authority !== null && !sameAuthority(authority, host, defaultPort)) return 'host_mismatch';
  return host;
}

function hasBody(framing: Framing): boolean {
  return framing.kind === 'chunked' || (framing.kind === 'length' && framing.length > 0);
}

function requestHead(line: RequestLine, section: FieldSection): RequestHead | RefusalCode {
  const { method, target, version, parsed } = line;
  const authority = requestAuthority(line, section);
  if (typeof authority === 'string') return authority;
  const framing = declaredFraming(section, version) ?? NO_BODY;
  if (typeof framing === 'string') return framing;
  if (!meetsExpectation(section, version)) return 'expectation_failed';
  const { keepAlive, upgrade } = connectionOptions(section, version);
  return {
    kind: 'request',
    method,
    target,
    form: parsed.form,
    path: parsed.path,
    host: authority.host,
    port: authority.port,
    authority: formatAuthority(authority),
    version,
    fields: section.fields,
    framing,
    keepAlive,
    expectContinue: version === '1.1' && section.first[EXPECT] !== -1 && hasBody(framing),
    upgrade,
  };
}

/**
 * Parses the request head in `span`, which ends just past the first CRLF CRLF (see `HeadScanner`). A request without
 * exactly one valid Host is refused in HTTP/1.0 too: a gateway cannot route it.
 */
export function parseRequestHead(bytes: Buffer, span: Span, limits: Limits = DEFAULT_LIMITS): RequestHead | Refusal {
  const { start, end } = span;
  const source = sourceOf(bytes, start, end);
  const line = parseRequestLine(source, start, limits);
  if (typeof line === 'string') return refuseIn(bytes, start, lineEnd(bytes, start, end), line);
  const section = parseFields(source, line.next, limits.maxFields);
  if (typeof section === 'string') return refuseIn(bytes, start, end, section);
  const head = requestHead(line, section);
  return typeof head === 'string' ? refuse(head) : head;
}

const INTERIM_LIMIT = 200;
const SWITCHING = 101;

function responseFraming(line: StatusLine, declared: Framing | null, requestMethod: string): Framing {
  const { status } = line;
  if (status < INTERIM_LIMIT || status === 204 || status === 304 || requestMethod === 'HEAD') return NO_BODY;
  if (requestMethod === 'CONNECT' && status < 300) return NO_BODY;
  return declared ?? { kind: 'close' };
}

function responseHead(line: StatusLine, section: FieldSection, requestMethod: string): ResponseHead | RefusalCode {
  const { status, reason, version } = line;
  const declared = declaredFraming(section, version);
  if (typeof declared === 'string') return declared;
  const framing = responseFraming(line, declared, requestMethod);
  const options = connectionOptions(section, version);
  // RFC 9112 §6.3 gives these no body whatever they declare. Who declares one may also send it: do not reuse.
  const contradicts = (status < INTERIM_LIMIT || status === 204) && declared !== null && hasBody(declared);
  return {
    kind: 'response',
    status,
    reason,
    version,
    fields: section.fields,
    framing,
    keepAlive: options.keepAlive && framing.kind !== 'close' && !contradicts,
    interim: status < INTERIM_LIMIT && status !== SWITCHING,
    upgrade: status === SWITCHING ? options.upgrade : null,
  };
}

/** What a response answers, as far as its framing depends on it. */
export interface Expected {
  readonly requestMethod: string;
  readonly limits?: Limits;
}

/**
 * Parses the response head in `span`. Framing follows RFC 9112 §6.3, without its leniencies: Content-Length twice or
 * beside Transfer-Encoding, and codings other than one `chunked`, are refused rather than guessed at.
 */
export function parseResponseHead(bytes: Buffer, span: Span, expected: Expected): ResponseHead | Refusal {
  const { start, end } = span;
  const source = sourceOf(bytes, start, end);
  const line = parseStatusLine(source, start);
  if (typeof line === 'string') return refuseIn(bytes, start, lineEnd(bytes, start, end), line);
  const section = parseFields(source, line.next, (expected.limits ?? DEFAULT_LIMITS).maxFields);
  if (typeof section === 'string') return refuseIn(bytes, start, end, section);
  const head = responseHead(line, section, expected.requestMethod);
  return typeof head === 'string' ? refuse(head) : head;
}

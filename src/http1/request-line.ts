import { type Authority, parseAuthority } from './authority.ts';
import { byteAt, CR, LF, SP, TARGET, TOKEN } from './byte-classes.ts';
import type { Source } from './fields.ts';
import type { Version } from './framing.ts';
import type { Limits } from './limits.ts';
import type { RefusalCode } from './refusals.ts';

/** The four forms of RFC 9112 §3.2. */
export type TargetForm = 'origin' | 'absolute' | 'asterisk' | 'authority';

interface Target {
  readonly form: TargetForm;
  /** What a gateway sends on: path and query, `*` for the server as a whole, or empty in authority form. */
  readonly path: string;
  /** Named by the target itself (absolute and authority form); null in the other forms. */
  readonly authority: Authority | null;
  /** The port that the target's scheme implies; null where there is no scheme. */
  readonly defaultPort: number | null;
}

export interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly parsed: Target;
  readonly version: Version;
  /** Just past the line. */
  readonly next: number;
}

const DIGIT_0 = 0x30;
const SLASH = 0x2f;
const VERSION_BYTES = 8;

/**
 * `HTTP/x.y` at `at` (RFC 9112 §2.3: the name is case-sensitive, both numbers are one digit), with CRLF after it in a
 * request and a space in a response: the caller looks at that byte.
 */
export function parseVersion(source: Source, at: number): Version | RefusalCode {
  const { bytes, text, base } = source;
  if (!text.startsWith('HTTP/', at - base)) return 'bad_version';
  if (byteAt(bytes, at + 6) === 0x2e) {
    const major = byteAt(bytes, at + 5) - DIGIT_0;
    const minor = byteAt(bytes, at + 7) - DIGIT_0;
    if (major === 1 && minor === 1) return '1.1';
    if (major === 1 && minor === 0) return '1.0';
    if (major >= 0 && major <= 9 && minor >= 0 && minor <= 9) return 'version_not_supported';
  }
  return 'bad_version';
}

/** True where `value` is the code of a refusal rather than a version. */
export function isVersion(value: Version | RefusalCode): value is Version {
  return value === '1.1' || value === '1.0';
}

const ABSOLUTE = /^(https?):\/\/([^/?]*)(.*)$/i;

function absoluteTarget(target: string, method: string): Target | RefusalCode {
  const parts = ABSOLUTE.exec(target);
  const authority = parts === null ? null : parseAuthority(parts[2] ?? '');
  if (parts === null || authority === null) return 'bad_target';
  const defaultPort = parts[1]?.length === 5 ? 443 : 80;
  const rest = parts[3] ?? '';
  // RFC 9112 §3.2.4: OPTIONS for an absolute target without path and query means the server as a whole.
  const bare = method === 'OPTIONS' ? '*' : '/';
  const path = rest === '' ? bare : rest.startsWith('?') ? `/${rest}` : rest;
  return { form: 'absolute', path, authority, defaultPort };
}

function parseTarget(target: string, method: string): Target | RefusalCode {
  if (method === 'CONNECT') {
    const authority = parseAuthority(target);
    if (authority === null || authority.port === null) return 'bad_target';
    return { form: 'authority', path: '', authority, defaultPort: null };
  }
  if (target.charCodeAt(0) === SLASH) return { form: 'origin', path: target, authority: null, defaultPort: null };
  if (target !== '*') return absoluteTarget(target, method);
  if (method !== 'OPTIONS') return 'bad_target';
  return { form: 'asterisk', path: '*', authority: null, defaultPort: null };
}

/** Why the bytes after the target are not ` HTTP/1.x`: called where the target does not end with a space. */
function targetRefusal(bytes: Buffer, start: number, at: number): RefusalCode {
  if (byteAt(bytes, at) === CR && byteAt(bytes, at + 1) === LF) return at === start ? 'bad_request_line' : 'http_0_9';
  return 'bad_target';
}

/** Parses `METHOD SP target SP HTTP/1.x CRLF` (RFC 9112 §3) at `start`; the caller has seen that an LF follows. */
export function parseRequestLine(source: Source, start: number, limits: Limits): RequestLine | RefusalCode {
  const { bytes, text, base } = source;
  let at = start;
  while (TOKEN[byteAt(bytes, at)] === 1) at++;
  if (at === start) return 'bad_method';
  const method = text.slice(start - base, at - base);
  if (byteAt(bytes, at) !== SP) return byteAt(bytes, at) === CR ? 'bad_request_line' : 'bad_method';
  const targetStart = ++at;
  while (TARGET[byteAt(bytes, at)] === 1) at++;
  if (at - targetStart > limits.maxTargetBytes) return 'target_too_long';
  if (byteAt(bytes, at) !== SP) return targetRefusal(bytes, targetStart, at);
  if (at === targetStart) return 'bad_request_line';
  const target = text.slice(targetStart - base, at - base);
  const version = parseVersion(source, at + 1);
  const next = at + 1 + VERSION_BYTES;
  if (!isVersion(version)) {
    const preface = method === 'PRI' && target === '*' && text.startsWith('HTTP/2.0\r\n', at + 1 - base);
    if (preface) return 'h2_preface';
    // Text between target and version is a space too many; only what begins as a version is a bad one.
    return text.slice(at + 1 - base, at + 6 - base).toUpperCase() === 'HTTP/' ? version : 'bad_request_line';
  }
  if (byteAt(bytes, next) !== CR || byteAt(bytes, next + 1) !== LF) return 'bad_version';
  const parsed = parseTarget(target, method);
  return typeof parsed === 'string' ? parsed : { method, target, parsed, version, next: next + 2 };
}

import { type Authority, formatAuthority, parseAuthority, sameAuthority } from '../http1/authority.ts';
import { TARGET } from '../http1/byte-classes.ts';
import { EXPECT, HOST } from '../http1/field-names.ts';
import type { FieldSection, Fields } from '../http1/fields.ts';
import { declaredFraming, type Framing, fieldValue, meetsExpectation, NO_BODY, soleHost } from '../http1/framing.ts';
import type { RequestHead } from '../http1/head.ts';
import { DEFAULT_LIMITS, type Limits } from '../http1/limits.ts';
import { type Refusal, type RefusalCode, refuse } from '../http1/refusals.ts';
import type { TargetForm } from '../http1/request-line.ts';
import { forbiddenInTrailers } from '../http1/trailers.ts';
import { type FieldList, parseFieldList } from './field-list.ts';

/** What is known about a request besides its header list. */
export interface Circumstances {
  /** Of the connection: a request for the other scheme has been led astray. */
  readonly scheme: 'http' | 'https';
  /** The frame that carried the list also ended the request. */
  readonly ended: boolean;
}

/**
 * Judges the header list of an HTTP/2 request by the rules that HTTP/1.1 requests are judged by, and RFC 9113 §8, and says
 * it as an HTTP/1.1 head. A body whose length is not declared will have to go on in chunks.
 */
export function parseRequestList(
  raw: readonly string[],
  circumstances: Circumstances,
  limits: Limits = DEFAULT_LIMITS,
): RequestHead | Refusal {
  const list = parseFieldList(raw, limits.maxFields);
  const head = typeof list === 'string' ? list : requestHead(list, circumstances, limits);
  return typeof head === 'string' ? refuse(head) : head;
}

/** The trailers of an HTTP/2 message, or why they cannot be taken. */
export function parseTrailerList(raw: readonly string[], limits: Limits = DEFAULT_LIMITS): Fields | RefusalCode {
  const list = parseFieldList(raw, limits.maxTrailers);
  if (list === 'too_many_fields') return 'trailer_too_large';
  if (typeof list === 'string') return list;
  if (list.pseudo.size > 0) return 'bad_pseudo_field';
  return forbiddenInTrailers(list.section.fields) ? 'bad_trailer' : list.section.fields;
}

function requestHead(list: FieldList, circumstances: Circumstances, limits: Limits): RequestHead | RefusalCode {
  const { pseudo, section } = list;
  const target = requestTarget(pseudo, circumstances, limits);
  if (typeof target === 'string') return target;
  const authority = requestAuthority(pseudo.get(':authority'), section, circumstances);
  if (typeof authority === 'string') return authority;
  const framing = requestFraming(section, circumstances.ended);
  if (typeof framing === 'string') return framing;
  if (!meetsExpectation(section, '1.1')) return 'expectation_failed';
  return {
    kind: 'request',
    ...target,
    host: authority.host,
    port: authority.port,
    authority: formatAuthority(authority),
    version: '2',
    fields: section.fields,
    framing,
    keepAlive: true,
    expectContinue: fieldValue(section, EXPECT) !== undefined && framing.kind !== 'none',
    upgrade: null,
  };
}

type Target = Pick<RequestHead, 'method' | 'target' | 'form' | 'path'>;

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function requestTarget(
  pseudo: FieldList['pseudo'],
  { scheme }: Circumstances,
  { maxTargetBytes }: Limits,
): Target | RefusalCode {
  const method = pseudo.get(':method');
  if (method === undefined) return 'bad_pseudo_field';
  if (!METHOD.test(method)) return 'bad_method';
  // RFC 9113 §8.5: CONNECT names an authority and nothing else. `:protocol` would ask for a tunnel that is not offered.
  if (method === 'CONNECT') {
    const target = pseudo.get(':authority');
    if (target === undefined || pseudo.size !== 2) return 'bad_pseudo_field';
    return { method, target, form: 'authority', path: '' };
  }
  const path = pseudo.get(':path');
  if (path === undefined || pseudo.get(':scheme') === undefined) return 'bad_pseudo_field';
  if (pseudo.size !== (pseudo.has(':authority') ? 4 : 3)) return 'bad_pseudo_field';
  if (pseudo.get(':scheme')?.toLowerCase() !== scheme) return 'bad_scheme';
  if (path.length > maxTargetBytes) return 'target_too_long';
  const form = pathForm(path, method);
  return form === null ? 'bad_target' : { method, target: path, form, path };
}

// RFC 9113 §8.3.1: path and query, or `*` for OPTIONS. Never an absolute URI.
function pathForm(path: string, method: string): TargetForm | null {
  if (path === '*') return method === 'OPTIONS' ? 'asterisk' : null;
  for (let at = 0; at < path.length; at++) if (TARGET[path.charCodeAt(at)] !== 1) return null;
  return path.startsWith('/') ? 'origin' : null;
}

// RFC 9113 §8.3.1: `:authority` stands for Host, and a Host beside it must not name another.
function requestAuthority(
  named: string | undefined,
  section: FieldSection,
  { scheme }: Circumstances,
): Authority | RefusalCode {
  const hosted = section.first[HOST] === -1 ? null : soleHost(section);
  if (typeof hosted === 'string') return hosted;
  const text = named ?? hosted?.host;
  if (text === undefined) return 'missing_host';
  const authority = parseAuthority(text);
  if (authority === null) return 'bad_host';
  if (hosted === null) return authority;
  const host = parseAuthority(hosted.host);
  if (host === null) return 'bad_host';
  return sameAuthority(authority, host, scheme === 'https' ? 443 : 80) ? authority : 'host_mismatch';
}

// The framing layer below counts the bytes of DATA against Content-Length (RFC 9113 §8.1.1).
function requestFraming(section: FieldSection, ended: boolean): Framing | RefusalCode {
  const declared = declaredFraming(section, '1.1');
  if (typeof declared === 'string') return declared;
  if (!ended) return declared ?? { kind: 'chunked' };
  return declared?.kind === 'length' && declared.length > 0 ? 'bad_length' : (declared ?? NO_BODY);
}

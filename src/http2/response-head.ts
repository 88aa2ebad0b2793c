import type { FieldSection, Fields } from '../http1/fields.ts';
import { declaredFraming, type Framing, NO_BODY } from '../http1/framing.ts';
import type { ResponseHead } from '../http1/head.ts';
import { DEFAULT_LIMITS, type Limits } from '../http1/limits.ts';
import { type Refusal, type RefusalCode, refuse } from '../http1/refusals.ts';
import { type FieldList, parseFieldList } from './field-list.ts';

/** What is known about a response besides its header list. */
export interface Answered {
  readonly requestMethod: string;
  /** The frame that carried the list also ended the response. */
  readonly ended: boolean;
}

/** Judges the header list of an HTTP/2 response (RFC 9113 §8.3.2), and says it as an HTTP/1.1 head. */
export function parseResponseList(
  raw: readonly string[],
  answered: Answered,
  limits: Limits = DEFAULT_LIMITS,
): ResponseHead | Refusal {
  const list = parseFieldList(raw, limits.maxFields);
  const head = typeof list === 'string' ? list : responseHead(list, answered);
  return typeof head === 'string' ? refuse(head) : head;
}

const STATUS = /^[1-9][0-9]{2}$/;
const INTERIM_LIMIT = 200;
const SWITCHING = '101';

function responseHead({ pseudo, section }: FieldList, answered: Answered): ResponseHead | RefusalCode {
  const digits = pseudo.get(':status') ?? '';
  // RFC 9113 §8.6: HTTP/2 has no change of protocol.
  if (pseudo.size !== 1 || !STATUS.test(digits) || digits === SWITCHING) return 'bad_pseudo_field';
  const status = Number(digits);
  const declared = declaredFraming(section, '1.1');
  if (typeof declared === 'string') return declared;
  const framing = responseFraming(status, declared, answered);
  if (typeof framing === 'string') return framing;
  return {
    kind: 'response',
    status,
    reason: '',
    version: '1.1',
    fields: framing.kind === 'length' && declared === null ? withoutBody(section) : section.fields,
    framing,
    keepAlive: true,
    interim: status < INTERIM_LIMIT,
    upgrade: null,
  };
}

// The framing layer below counts the bytes of DATA against Content-Length (RFC 9113 §8.1.1).
function responseFraming(
  status: number,
  declared: Framing | null,
  { requestMethod, ended }: Answered,
): Framing | RefusalCode {
  if (status < INTERIM_LIMIT) return ended ? 'bad_pseudo_field' : NO_BODY;
  if (status === 204 || status === 304 || requestMethod === 'HEAD') return NO_BODY;
  if (!ended) return declared ?? { kind: 'chunked' };
  return declared?.kind === 'length' && declared.length > 0 ? 'bad_length' : { kind: 'length', length: 0 };
}

// Whoever gets it over HTTP/1.1 has no other way to know that nothing follows.
function withoutBody({ fields }: FieldSection): Fields {
  return {
    names: [...fields.names, 'content-length'],
    rawNames: [...fields.rawNames, 'content-length'],
    values: [...fields.values, '0'],
  };
}

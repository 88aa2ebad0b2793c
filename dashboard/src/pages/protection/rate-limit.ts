import type { View } from '../../../../src/wire/answer-fields.ts';
import type { RATE_LIMIT } from '../../../../src/wire/rate-limits.ts';

const ALL = '_ALL_';

/** How often a visitor may ask for something, as `GET …/rate_limits` has it. */
export type RateLimit = View<typeof RATE_LIMIT>;

/** A limit while somebody writes it: everything is text, as it stands in the fields. */
export interface RateLimitDraft {
  readonly url: string;
  readonly methods: string;
  readonly scheme: 'both' | 'HTTP' | 'HTTPS';
  readonly threshold: string;
  readonly period: string;
  readonly mode: 'ban' | 'simulate';
  readonly timeout: string;
  readonly perHost: boolean;
  readonly description: string;
}

/** Limits of a zone. */
export function limitsPath(zone: string): string {
  return `/client/v4/zones/${zone}/rate_limits`;
}

/** What a new limit begins with: it counts everything of the zone, and refuses nobody yet. */
export function newLimit(zone: string): RateLimitDraft {
  return {
    url: `*${zone}/*`,
    methods: '',
    scheme: 'both',
    threshold: '100',
    period: '60',
    mode: 'simulate',
    timeout: '',
    perHost: false,
    description: '',
  };
}

export function draftOf({ match, threshold, period, action, characteristics, description }: RateLimit): RateLimitDraft {
  const { methods, schemes, url } = match.request;
  const [scheme = ALL] = schemes;
  return {
    url,
    methods: methods.includes(ALL) ? '' : methods.join(', '),
    scheme: schemes.length === 1 && (scheme === 'HTTP' || scheme === 'HTTPS') ? scheme : 'both',
    threshold: String(threshold),
    period: String(period),
    mode: action.mode,
    timeout: String(action.timeout),
    perHost: characteristics.includes('http.host'),
    description,
  };
}

/** What the API takes. A number that is none goes as the text that was typed: the API says what is wrong with it. */
export function bodyOf(draft: RateLimitDraft, disabled: boolean): Readonly<Record<string, unknown>> {
  const number = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : text.trim());
  const methods = draft.methods.split(/[\s,]+/).filter((method) => method !== '');
  return {
    description: draft.description,
    disabled,
    match: {
      request: {
        methods: methods.length === 0 ? [ALL] : methods,
        schemes: draft.scheme === 'both' ? [ALL] : [draft.scheme],
        url: draft.url.trim(),
      },
    },
    threshold: number(draft.threshold),
    period: number(draft.period),
    action: {
      mode: draft.mode,
      ...(draft.timeout.trim() === '' ? {} : { timeout: number(draft.timeout) }),
    },
    characteristics: draft.perHost ? ['ip.src', 'http.host'] : ['ip.src'],
  };
}

/** What is counted, in words: `POST over HTTPS`. */
export function requestText({ match: { request } }: RateLimit): string {
  const methods = request.methods.includes(ALL) ? 'Every request' : `${request.methods.join(', ')} requests`;
  const scheme = request.schemes.length === 1 && request.schemes[0] !== ALL ? ` over ${request.schemes[0]}` : '';
  return `${methods}${scheme}`;
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A number of seconds in the greatest unit that holds it without a rest. */
export function lasting(seconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => seconds % length === 0) ?? UNITS[3];
  const count = seconds / size;
  return `${count.toLocaleString()} ${unit}${count === 1 ? '' : 's'}`;
}

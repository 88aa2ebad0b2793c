import { z } from 'zod';
import { type Problem, problem } from '../domain/problems.ts';
import { RATE_ACTIONS, type RateLimit, type RateLimitDraft } from '../domain/rate-limit.ts';
import { urlPattern } from '../domain/url-pattern.ts';
import { ID, TIME, type View } from './answer-fields.ts';
import { shown } from './faults.ts';
import { FLAG, list, NAME, oneOf, paging, text, wholeNumber } from './schemas.ts';
import { moment } from './views.ts';

/** How often a visitor may ask, as it comes in and as it is shown: Cloudflare's rate limits. */

const ALL = '_ALL_';
const DAY = 86_400;
const CHARACTERISTICS = ['ip.src', 'http.host'] as const;

export const METHOD = text(32).refine((method) => /^[A-Za-z_-]+$/.test(method), {
  error: 'must be a method such as POST',
});

const REQUEST = z.object(
  {
    methods: list(METHOD, 'of methods, or ["_ALL_"]', 20).default([ALL]),
    schemes: list(oneOf(['HTTP', 'HTTPS', ALL]), 'of HTTP and HTTPS, or ["_ALL_"]', 3).default([ALL]),
    url: NAME,
  },
  { error: 'must be an object such as {"methods": ["POST"], "url": "*.example.test/login*"}' },
);

/** `characteristics` is Postern's addition, in the words of Cloudflare's newer rules: by what requests are counted. */
export const RATE_LIMIT_DRAFT = z.object({
  disabled: FLAG.default(false),
  description: text(1_024).default(''),
  match: z.object({ request: REQUEST }, { error: 'must be an object {"request": {"url": …}}' }),
  threshold: wholeNumber(1, 1_000_000),
  period: wholeNumber(1, DAY),
  action: z.object(
    { mode: oneOf(RATE_ACTIONS), timeout: wholeNumber(1, DAY).optional() },
    { error: 'must be an object such as {"mode": "ban", "timeout": 60}' },
  ),
  characteristics: list(oneOf(CHARACTERISTICS), 'of ip.src and http.host', 2).default(['ip.src']),
});

export const RATE_LIMIT_LIST = z.object(paging({ minimum: 1, maximum: 1_000, otherwise: 20 }));

/** What a URL has to be, after "is …,". */
export const URL_RULE = 'must be a host and a path without a query, with at most eight * for anything';

/** What a body asks for. */
export function rateLimitDraft(body: z.output<typeof RATE_LIMIT_DRAFT>): RateLimitDraft | Problem {
  const { methods, schemes, url } = body.match.request;
  const pattern = urlPattern(url);
  if (pattern === null) {
    return problem('bad_body', `match.request.url is ${shown(url)}, ${URL_RULE}`, '/match/request/url');
  }
  if (!body.characteristics.includes('ip.src')) {
    return problem('bad_body', 'characteristics must name ip.src: visitors are counted by address', '/characteristics');
  }
  return {
    description: body.description,
    disabled: body.disabled,
    match: {
      methods: methods.includes(ALL) ? [] : [...new Set(methods.map((method) => method.toUpperCase()))],
      schemes: SCHEMES.filter((scheme) => !schemes.includes(ALL) && schemes.includes(UPPER[scheme])),
      url,
      pattern,
    },
    key: body.characteristics.includes('http.host') ? 'address_and_host' : 'address',
    threshold: body.threshold,
    period: body.period,
    action: body.action.mode,
    timeout: body.action.timeout ?? body.period,
  };
}

const SCHEMES = ['http', 'https'] as const;
const UPPER = { http: 'HTTP', https: 'HTTPS' } as const;

export const RATE_LIMIT = z
  .strictObject({
    id: ID,
    disabled: z.boolean(),
    description: z.string(),
    match: z.strictObject({
      request: z.strictObject({
        methods: z.array(z.string()).meta({ examples: [['POST']] }),
        schemes: z.array(z.enum(['HTTP', 'HTTPS', ALL])),
        url: z.string().meta({ examples: ['*.example.test/login*'] }),
      }),
    }),
    threshold: z.int().meta({ description: 'So many requests …', examples: [10] }),
    period: z.int().meta({ description: '… in so many seconds are allowed.', examples: [60] }),
    action: z.strictObject({
      mode: z.enum(RATE_ACTIONS),
      timeout: z.int().meta({ description: 'Seconds.', examples: [60] }),
    }),
    characteristics: z.array(z.enum(CHARACTERISTICS)).meta({ description: 'By what requests are counted.' }),
    created_on: TIME,
    modified_on: TIME,
  })
  .meta({ id: 'RateLimit', description: 'How often one visitor may ask for something.' });

/** A limit of a zone. */
export function rateLimitView(limit: RateLimit): View<typeof RATE_LIMIT> {
  const { id, createdAt, modifiedAt } = limit;
  return { id, ...rateLimitBody(limit), created_on: moment(createdAt), modified_on: moment(modifiedAt) };
}

/** The body that asks for a limit. */
export function rateLimitBody(
  limit: RateLimitDraft,
): Omit<View<typeof RATE_LIMIT>, 'id' | 'created_on' | 'modified_on'> {
  const { methods, schemes, url } = limit.match;
  return {
    disabled: limit.disabled,
    description: limit.description,
    match: {
      request: {
        methods: methods.length === 0 ? [ALL] : methods,
        schemes: schemes.length === 0 ? [ALL] : schemes.map((scheme) => UPPER[scheme]),
        url,
      },
    },
    threshold: limit.threshold,
    period: limit.period,
    action: { mode: limit.action, timeout: limit.timeout },
    characteristics: limit.key === 'address' ? ['ip.src'] : ['ip.src', 'http.host'],
  };
}

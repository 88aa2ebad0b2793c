import type { AccessRuleDraft } from '../../domain/access-rule.ts';
import type { RateLimitDraft } from '../../domain/rate-limit.ts';
import { configuration } from '../../wire/access-rules.ts';
import { isProblem } from '../../wire/commands.ts';
import { networkText } from '../../wire/networks.ts';
import { rateLimitDraft } from '../../wire/rate-limits.ts';
import { Failure } from '../failure.ts';
import type { Place } from './placed.ts';
import type { WantedFileZone } from './schema.ts';

type FileAccessRule = NonNullable<WantedFileZone['access_rules']>[number];
type FileRateLimit = NonNullable<WantedFileZone['rate_limits']>[number];

/** The access rules that a file wants; `null` where it says nothing of them. */
export function wantedAccessRules(
  at: Place,
  rules: readonly FileAccessRule[] | undefined,
): readonly AccessRuleDraft[] | null {
  if (rules === undefined) return null;
  const wanted = new Map<string, AccessRuleDraft>();
  for (const [index, { network: text, mode, notes }] of rules.entries()) {
    // The schema let only networks through.
    const network = networkText(text) ?? text;
    if (wanted.has(network)) {
      const place = at('access_rules', index, 'network');
      throw new Failure(`${place}: ${text} is named twice.`, 'Leave one out: each network has one rule.');
    }
    wanted.set(network, { mode: mode === 'allow' ? 'whitelist' : mode, network, notes: notes ?? '' });
  }
  return [...wanted.values()];
}

/** The rate limits that a file wants; `null` where it says nothing of them. */
export function wantedRateLimits(
  at: Place,
  limits: readonly FileRateLimit[] | undefined,
): readonly RateLimitDraft[] | null {
  if (limits === undefined) return null;
  return limits.map((limit, index) => {
    const draft = rateLimitDraft(limitBody(limit));
    if (!isProblem(draft)) return draft;
    throw new Failure(`${at('rate_limits', index)}: ${draft.detail}.`, 'Mend what is named.');
  });
}

function limitBody({ url, methods, schemes, threshold, period, action, timeout, ...rest }: FileRateLimit) {
  const every = methods === undefined || methods.length === 0 || methods.some((one) => one.toLowerCase() === 'all');
  const both = schemes === undefined || schemes.length === 0;
  return {
    disabled: rest.disabled ?? false,
    description: rest.description ?? '',
    match: {
      request: {
        url,
        methods: every ? [ALL] : methods,
        schemes: both ? [ALL] : schemes.map((scheme) => UPPER[scheme]),
      },
    },
    threshold,
    period,
    action: { mode: action ?? 'ban', timeout },
    characteristics: rest.per_host === true ? BY_HOST.slice() : BY_HOST.slice(0, 1),
  };
}

const ALL = '_ALL_' as const;
const BY_HOST = ['ip.src', 'http.host'] as const;
const UPPER = { http: 'HTTP', https: 'HTTPS' } as const;

/** Access rules as a file wants them. */
export function fileAccessRules(rules: readonly AccessRuleDraft[]): FileAccessRule[] {
  return rules.map(({ mode, network, notes }) => ({
    network: configuration(network).value,
    mode: mode === 'whitelist' ? 'allow' : mode,
    ...(notes === '' ? {} : { notes }),
  }));
}

/** Rate limits as a file wants them. */
export function fileRateLimits(limits: readonly RateLimitDraft[]): FileRateLimit[] {
  return limits.map(({ match: { url, methods, schemes }, ...limit }) => ({
    ...(limit.description === '' ? {} : { description: limit.description }),
    url,
    ...(methods.length === 0 ? {} : { methods: [...methods] }),
    ...(schemes.length === 0 ? {} : { schemes: [...schemes] }),
    threshold: limit.threshold,
    period: limit.period,
    action: limit.action,
    timeout: limit.timeout,
    ...(limit.key === 'address_and_host' ? { per_host: true } : {}),
    ...(limit.disabled ? { disabled: true } : {}),
  }));
}

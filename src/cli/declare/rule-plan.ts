import { type AccessRuleDraft, MOST_ACCESS_RULES } from '../../domain/access-rule.ts';
import type { Hostname } from '../../domain/ids.ts';
import { MOST_RATE_LIMITS, type RateLimitDraft } from '../../domain/rate-limit.ts';
import type { PresentAccessRule, PresentRateLimit } from './state.ts';
import type { Step } from './step.ts';

/** What to do with the rules of one kind in a zone. */
interface RulePlan {
  readonly steps: readonly Step[];
  readonly conflicts: readonly string[];
}

const NOTHING: RulePlan = { steps: [], conflicts: [] };

/**
 * Brings the access rules of a zone to those wanted; each network has one. Of several the smallest decides, so new ones
 * come smallest first, and those that go go largest first: no address meets a rule that it has neither before nor after.
 */
export function planAccessRules(
  zone: Hostname,
  wanted: readonly AccessRuleDraft[] | null,
  present: readonly PresentAccessRule[],
  prune: boolean,
): RulePlan {
  if (wanted === null) return NOTHING;
  const known = new Map(present.map((rule) => [rule.network, rule]));
  const named = new Set(wanted.map(({ network }) => network));
  const added = wanted.filter(({ network }) => !known.has(network));
  const changed = wanted.flatMap((to) => {
    const from = known.get(to.network);
    return from === undefined || (from.mode === to.mode && from.notes === to.notes) ? [] : [{ from, to }];
  });
  const removed = prune ? present.filter(({ network }) => !named.has(network)) : [];
  const pairs = [
    ...added.toSorted((a, b) => prefix(b) - prefix(a)).map((to) => ({ from: null, to })),
    ...changed,
    ...removed.toSorted((a, b) => prefix(a) - prefix(b)).map((from) => ({ from, to: null })),
  ];
  return {
    steps: pairs.map((pair) => ({ kind: 'access_rule', zone, ...pair })),
    conflicts: crowded(zone, 'access rules', { here: present.length, added: added.length, most: MOST_ACCESS_RULES }),
  };
}

/**
 * Whether a step about rules comes with what protects: new ones, and those that turn away from now on. Changes stand
 * between what is new and what goes, so that an address has only the rule that it had and then the one it is to have.
 */
export function comesFirst(step: Extract<Step, { kind: 'access_rule' | 'rate_limit' }>): boolean {
  if (step.to === null) return false;
  if (step.from === null) return true;
  return step.kind === 'access_rule' ? step.to.mode === 'block' : !step.to.disabled && step.to.action === 'ban';
}

function prefix({ network }: AccessRuleDraft): number {
  return Number(network.split('/')[1]);
}

/**
 * Brings the rate limits of a zone to those wanted. They have no name that is theirs alone, so they are matched by what
 * they have in common with those wanted, most first: a changed threshold is a change and not a second limit.
 */
export function planRateLimits(
  zone: Hostname,
  wanted: readonly RateLimitDraft[] | null,
  present: readonly PresentRateLimit[],
  prune: boolean,
): RulePlan {
  if (wanted === null) return NOTHING;
  const left = [...present];
  const partners = new Map<number, PresentRateLimit>();
  for (const fits of MATCHES) {
    for (const [index, to] of wanted.entries()) {
      if (partners.has(index)) continue;
      const found = left.findIndex((from) => fits(from, to));
      const [from] = found === -1 ? [] : left.splice(found, 1);
      if (from !== undefined) partners.set(index, from);
    }
  }
  const pairs = wanted.map((to, index) => ({ from: partners.get(index) ?? null, to }));
  const differing = pairs.filter(({ from, to }) => from === null || !sameLimit(from, to));
  const removed = prune ? left.map((from) => ({ from, to: null })) : [];
  const added = pairs.filter(({ from }) => from === null).length;
  return {
    steps: [...differing, ...removed].map((pair) => ({ kind: 'rate_limit', zone, ...pair })),
    conflicts: crowded(zone, 'rate limits', { here: present.length, added, most: MOST_RATE_LIMITS }),
  };
}

/** Which limit may become which, best first. Two with descriptions that differ are two, unless all else is the same. */
const MATCHES: readonly ((from: RateLimitDraft, to: RateLimitDraft) => boolean)[] = [
  sameLimit,
  (from, to) => from.description === to.description && sameRequests(from, to),
  (from, to) => from.description !== '' && from.description === to.description,
  (from, to) => sameLimit({ ...from, description: '' }, { ...to, description: '' }),
  (from, to) => (from.description === '' || to.description === '') && sameRequests(from, to),
];

function sameLimit(a: RateLimitDraft, b: RateLimitDraft): boolean {
  return (
    sameRequests(a, b) &&
    a.description === b.description &&
    a.disabled === b.disabled &&
    a.threshold === b.threshold &&
    a.period === b.period &&
    a.action === b.action &&
    a.timeout === b.timeout
  );
}

function sameRequests({ match: a, key }: RateLimitDraft, { match: b, key: other }: RateLimitDraft): boolean {
  const same = (some: readonly string[], others: readonly string[]) =>
    some.toSorted().join(' ') === others.toSorted().join(' ');
  return key === other && a.url === b.url && same(a.methods, b.methods) && same(a.schemes, b.schemes);
}

interface Crowd {
  readonly here: number;
  readonly added: number;
  readonly most: number;
}

// Learnt before anything is changed, and not from the API in the middle.
function crowded(zone: Hostname, what: string, { here, added, most }: Crowd): readonly string[] {
  if (added === 0 || here + added <= most) return [];
  return [
    `zone ${zone}: it has ${here} ${what} and ${added} would be added before any goes, but it may have ${most}. Remove some first`,
  ];
}

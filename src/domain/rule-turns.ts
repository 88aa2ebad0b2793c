import type { AccessRule } from './access-rule.ts';
import { type Consequence, type ConsequenceCode, consequence } from './consequence.ts';
import type { RuleId } from './ids.ts';
import type { RateLimit } from './rate-limit.ts';
import type { TrafficFacts, Visits } from './traffic.ts';
import { deedWords, requestWords } from './traffic-words.ts';
import type { ZonesApart } from './zones-apart.ts';

/**
 * What a change of access rules and rate limits means for visitors. The edge counts nobody's address: of a rule that is not
 * there yet nobody can tell whom it would have met.
 */
export function ruleTurns(apart: ZonesApart): readonly Consequence[] {
  const { before, after } = apart;
  const rules = changedRules(before.accessRules, after.accessRules);
  const limits = changedRules(before.rateLimits, after.rateLimits);
  return [...rules.flatMap((one) => accessTurns(one, apart)), ...limits.flatMap((one) => limitTurns(one, apart))];
}

interface Change<Rule> {
  readonly was: Rule | undefined;
  readonly is: Rule | undefined;
}

function changedRules<Rule>(
  before: ReadonlyMap<RuleId, Rule>,
  after: ReadonlyMap<RuleId, Rule>,
): readonly Change<Rule>[] {
  if (before === after) return [];
  const ids = new Set([...before.keys(), ...after.keys()]);
  return [...ids].map((id) => ({ was: before.get(id), is: after.get(id) })).filter(({ was, is }) => was !== is);
}

function accessTurns({ was, is }: Change<AccessRule>, apart: ZonesApart): readonly Consequence[] {
  if (was !== undefined && is !== undefined && was.mode === is.mode && was.network === is.network) return [];
  return [...(is === undefined ? [] : ruleBegins(is, apart)), ...(was === undefined ? [] : ruleEnds(was, apart))];
}

function ruleBegins({ mode, network }: AccessRule, { traffic }: ZonesApart): readonly Consequence[] {
  const asked = requestWords(traffic, {
    one: 'Whether it came from there is not counted.',
    many: 'How many of them came from there is not counted.',
  });
  const detail = `The rule is about ${network}. ${asked}`;
  if (mode === 'whitelist') return [consequence('visitors_exempt', [], { traffic, detail })];
  const code = network.endsWith('/0') ? 'everybody_blocked' : 'visitors_blocked';
  return [consequence(code, [], { traffic, detail })];
}

function ruleEnds({ mode, network }: AccessRule, { before, traffic }: ZonesApart): readonly Consequence[] {
  const about = `The rule is about ${network}.`;
  if (mode === 'whitelist') return [consequence('visitors_exempt_no_more', [], { traffic, detail: about })];
  const rivals = [...before.accessRules.values()].filter((rule) => rule.mode === 'block').length;
  const told = turnedAway(traffic, ({ blocked }) => blocked, { what: 'rule', rivals });
  return [consequence('visitors_unblocked', [], { traffic, detail: `${about} ${told}` })];
}

type Standing = 'none' | 'simulate' | 'ban';

function standing(limit: RateLimit | undefined): Standing {
  return limit === undefined || limit.disabled ? 'none' : limit.action;
}

function limitTurns({ was, is }: Change<RateLimit>, apart: ZonesApart): readonly Consequence[] {
  const { traffic } = apart;
  const [from, to] = [standing(was), standing(is)];
  const found: Consequence[] = [];
  const told = (code: ConsequenceCode, detail = '') => found.push(consequence(code, [], { traffic, detail }));
  if (from === 'ban' && to === 'ban' && was !== undefined && is !== undefined && !meets(was, is)) {
    told('limit_wider');
    return found;
  }
  if (to === 'ban') told('visitors_limited', from === 'simulate' ? simulated(apart) : unlimited(traffic));
  if (from === 'ban' && to !== 'ban') told('visitors_unlimited', lifted(apart));
  if (to === 'simulate' && from !== 'simulate') told('limit_simulates');
  return found;
}

/** Whether the second limit may turn away whom the first let pass. */
function meets(was: RateLimit, is: RateLimit): boolean {
  const same = JSON.stringify(was.match) === JSON.stringify(is.match) && was.key === is.key;
  return !same || is.threshold < was.threshold || is.period > was.period || is.timeout > was.timeout;
}

function unlimited(traffic: TrafficFacts): string {
  return requestWords(traffic, {
    one: 'How often a visitor asks is not counted.',
    many: 'How often each visitor asked is not counted.',
  });
}

function simulated({ before, traffic }: ZonesApart): string {
  const rivals = [...before.rateLimits.values()].filter((limit) => standing(limit) === 'simulate').length;
  const who = rivals === 1 ? 'The limit, which simulates,' : `The ${rivals} limits that simulate, together,`;
  return deedWords(traffic, (visits) => visits.simulated, {
    did: (count, one) =>
      one
        ? `${who} would have begun to turn a visitor away once`
        : `${who} would have begun to turn visitors away ${count} times`,
    never: `${who} would have turned nobody away`,
  });
}

function lifted({ before, traffic }: ZonesApart): string {
  const rivals = [...before.rateLimits.values()].filter((limit) => standing(limit) === 'ban').length;
  return turnedAway(traffic, ({ limited }) => limited, { what: 'limit', rivals });
}

/** What rules of one kind did, which are counted together. */
function turnedAway(
  traffic: TrafficFacts,
  count: (visits: Visits) => number,
  { what, rivals }: { readonly what: 'rule' | 'limit'; readonly rivals: number },
): string {
  const who = rivals === 1 ? `The ${what}` : `The ${rivals} ${what}s that do so, together,`;
  return deedWords(traffic, count, {
    did: (often, one) => `${who} turned ${one ? 'one request' : `${often} requests`} away`,
    never: `${who} turned nobody away`,
  });
}

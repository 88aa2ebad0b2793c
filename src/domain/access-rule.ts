import type { Instant, RuleId } from './ids.ts';
import { type Problem, problem } from './problems.ts';
import { sameFields } from './same-fields.ts';
import type { Zone } from './zone.ts';

/** What becomes of visitors from a network. `whitelist` is Cloudflare's word: let in, whatever other rules say. */
export const ACCESS_MODES = ['block', 'whitelist'] as const;

/** Who may visit a zone, by address. Of several networks that hold an address the smallest decides. */
export interface AccessRule {
  readonly id: RuleId;
  readonly mode: (typeof ACCESS_MODES)[number];
  /** In CIDR notation, in one spelling; a single address has its full prefix. */
  readonly network: string;
  readonly notes: string;
  readonly createdAt: Instant;
  readonly modifiedAt: Instant;
}

/** An access rule as its owner wants it. */
export type AccessRuleDraft = Pick<AccessRule, 'mode' | 'network' | 'notes'>;

export const MOST_ACCESS_RULES = 1_000;

/** Puts a new rule into a zone, or changes the one of this id. One network has one rule. */
export function putAccessRule(zone: Zone, id: RuleId, draft: AccessRuleDraft, now: Instant): Zone | Problem {
  const { accessRules } = zone;
  const known = accessRules.get(id);
  for (const other of accessRules.values()) {
    if (other.network === draft.network && other.id !== id) {
      return problem('rule_exists', `as ${other.id}`, '/configuration/value');
    }
  }
  if (known === undefined && accessRules.size >= MOST_ACCESS_RULES) {
    return problem('too_many_rules', `${MOST_ACCESS_RULES} access rules`);
  }
  const wanted = { ...(known ?? { id, createdAt: now, modifiedAt: now }), ...draft };
  if (known !== undefined && sameFields(known, wanted)) return zone;
  return { ...zone, accessRules: new Map(accessRules).set(id, { ...wanted, modifiedAt: now }) };
}

/** Takes a rule out of a zone. */
export function deleteAccessRule(zone: Zone, id: RuleId): Zone | Problem {
  const accessRules = new Map(zone.accessRules);
  return accessRules.delete(id) ? { ...zone, accessRules } : problem('rule_not_found', id);
}

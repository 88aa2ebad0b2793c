import type { AccessRuleDraft } from '../../domain/access-rule.ts';
import type { Command } from '../../domain/change.ts';
import { type RuleId, ruleId } from '../../domain/ids.ts';
import type { Act } from '../../domain/impact.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { accessRuleDraft } from '../../wire/access-rules.ts';
import { isProblem } from '../../wire/commands.ts';
import type { ImpactBody } from '../../wire/impact.ts';
import { rateLimitDraft } from '../../wire/rate-limits.ts';
import { newHexId } from './hex-id.ts';
import type { ZoneCall } from './route.ts';

type RuleBody = Extract<
  ImpactBody,
  { kind: 'access_rule_put' | 'access_rule_delete' | 'rate_limit_put' | 'rate_limit_delete' }
>;

/** What a body says somebody is about to do to access rules or rate limits. */
export function ruleAct(body: RuleBody, { zone }: ZoneCall): Act | Problem {
  const { accessRules, rateLimits } = zone;
  switch (body.kind) {
    case 'access_rule_put': {
      const id = body.rule === undefined ? newHexId(ruleId) : known(body.rule, accessRules);
      if (isProblem(id)) return id;
      const draft = accessRuleDraft(body.change, accessRules.get(id) ?? NEW);
      if (isProblem(draft)) return draft;
      // As POST does: without a network there is no rule.
      if (draft.network === '') return problem('bad_body', 'change.configuration is missing', '/change/configuration');
      return doing({ kind: 'put_access_rule', id, draft });
    }
    case 'access_rule_delete': {
      const id = known(body.rule, accessRules);
      return isProblem(id) ? id : doing({ kind: 'delete_access_rule', id });
    }
    case 'rate_limit_put': {
      const id = body.rule === undefined ? newHexId(ruleId) : known(body.rule, rateLimits);
      if (isProblem(id)) return id;
      const draft = rateLimitDraft(body.change);
      return isProblem(draft) ? draft : doing({ kind: 'put_rate_limit', id, draft });
    }
    case 'rate_limit_delete': {
      const id = known(body.rule, rateLimits);
      return isProblem(id) ? id : doing({ kind: 'delete_rate_limit', id });
    }
  }
}

const NEW: AccessRuleDraft = { mode: 'block', network: '', notes: '' };

function known(text: string, rules: ReadonlyMap<RuleId, unknown>): RuleId | Problem {
  const id = ruleId(text.toLowerCase());
  return id !== null && rules.has(id) ? id : problem('rule_not_found', '', '/rule');
}

function doing(command: Exclude<Command, { kind: 'create_zone' }>): Act {
  return { kind: 'change', command };
}

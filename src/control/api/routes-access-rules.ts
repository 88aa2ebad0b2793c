import type { AccessRule, AccessRuleDraft } from '../../domain/access-rule.ts';
import { type RuleId, ruleId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { DELETED, type View } from '../../wire/answer-fields.ts';
import {
  ACCESS_RULE,
  ACCESS_RULE_DRAFT,
  ACCESS_RULE_EDIT,
  ACCESS_RULE_LIST,
  type AccessRuleQuery,
  accessRuleDraft,
  accessRuleView,
  configuration,
} from '../../wire/access-rules.ts';
import { isProblem } from '../../wire/commands.ts';
import { IN_ZONE_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import { changed, commit } from './committed.ts';
import { newHexId } from './hex-id.ts';
import { ordered, page } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';

const PATH = '/client/v4/zones/:zone/firewall/access_rules/rules';

export const ACCESS_RULE_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'firewall:read',
    takes: { params: ZONE_PARAMS, query: ACCESS_RULE_LIST },
    answers: "The rules about visitors' addresses. Of several networks that hold an address the smallest decides.",
    returns: pageOf(ACCESS_RULE),
    handle: ({ query }, { zone }) =>
      page(wanted(zone.accessRules.values(), query), query, (rule) => accessRuleView(rule, zone)),
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'firewall:edit',
    takes: { params: ZONE_PARAMS, body: ACCESS_RULE_DRAFT },
    answers: 'Blocks visitors from a network (403), or lets them in past all other rules (`whitelist`).',
    returns: one(ACCESS_RULE),
    handle: ({ body }, call) => put(newHexId(ruleId), accessRuleDraft(body, NEW), call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'firewall:read',
    takes: { params: IN_ZONE_PARAMS },
    answers: "One rule about visitors' addresses.",
    returns: one(ACCESS_RULE),
    handle: ({ params }, call) => {
      const found = find(params.id, call);
      return isProblem(found) ? found : { kind: 'answer', result: accessRuleView(found, call.zone) };
    },
  }),
  zoneRoute({
    method: 'PATCH',
    path: `${PATH}/:id`,
    permission: 'firewall:edit',
    takes: { params: IN_ZONE_PARAMS, body: ACCESS_RULE_EDIT },
    answers: 'Changes the fields named of a rule.',
    returns: one(ACCESS_RULE),
    handle: ({ params, body }, call) => {
      const found = find(params.id, call);
      return isProblem(found) ? found : put(found.id, accessRuleDraft(body, found), call);
    },
  }),
  zoneRoute({
    method: 'DELETE',
    path: `${PATH}/:id`,
    permission: 'firewall:edit',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'Deletes a rule.',
    returns: one(DELETED),
    handle: async ({ params }, call) => {
      const found = find(params.id, call);
      if (isProblem(found)) return found;
      const committed = await commit(call, { kind: 'delete_access_rule', id: found.id });
      return isProblem(committed) ? committed : changed(committed, { id: found.id });
    },
  }),
];

const NEW: AccessRuleDraft = { mode: 'block', network: '', notes: '' };

async function put(
  id: RuleId,
  draft: AccessRuleDraft | Problem,
  call: ZoneCall,
): Promise<Answer<View<typeof ACCESS_RULE>> | Problem> {
  if (isProblem(draft)) return draft;
  const committed = await commit(call, { kind: 'put_access_rule', id, draft });
  if (isProblem(committed)) return committed;
  const stored = committed.zone.accessRules.get(id);
  return stored === undefined
    ? problem('rule_not_found', id)
    : changed(committed, accessRuleView(stored, committed.zone));
}

function find(text: string, { zone }: ZoneCall): AccessRule | Problem {
  const id = ruleId(text.toLowerCase());
  return (id === null ? undefined : zone.accessRules.get(id)) ?? problem('rule_not_found');
}

function wanted(rules: Iterable<AccessRule>, query: AccessRuleQuery): readonly AccessRule[] {
  const found = [...rules].filter((rule) => fits(rule, query));
  switch (query.order) {
    case undefined:
      return query.direction === 'desc' ? found.toReversed() : found;
    case 'mode':
      return ordered(found, ({ mode }) => mode, query.direction);
    case 'configuration.target':
      return ordered(found, ({ network }) => configuration(network).target, query.direction);
    case 'configuration.value':
      return ordered(found, ({ network }) => configuration(network).value, query.direction);
  }
}

function fits({ mode, network, notes }: AccessRule, query: AccessRuleQuery): boolean {
  const { target, value } = configuration(network);
  const asked = [
    query.mode === undefined ? null : query.mode === mode,
    query['configuration.target'] === undefined ? null : query['configuration.target'] === target,
    query['configuration.value'] === undefined ? null : query['configuration.value'] === value,
    query.notes === undefined ? null : notes.toLowerCase().includes(query.notes.toLowerCase()),
  ].filter((answer) => answer !== null);
  return query.match === 'all' || asked.length === 0 ? asked.every(Boolean) : asked.some(Boolean);
}

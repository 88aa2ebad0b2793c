import type { z } from 'zod';
import { type RuleId, ruleId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { RateLimit } from '../../domain/rate-limit.ts';
import { DELETED, type View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import {
  RATE_LIMIT,
  RATE_LIMIT_DRAFT,
  RATE_LIMIT_LIST,
  rateLimitDraft,
  rateLimitView,
} from '../../wire/rate-limits.ts';
import { IN_ZONE_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import { changed, commit } from './committed.ts';
import { newHexId } from './hex-id.ts';
import { page } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';

const PATH = '/client/v4/zones/:zone/rate_limits';

export const RATE_LIMIT_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'firewall:read',
    takes: { params: ZONE_PARAMS, query: RATE_LIMIT_LIST },
    answers: 'How often visitors may ask for what.',
    returns: pageOf(RATE_LIMIT),
    handle: ({ query }, { zone }) => page([...zone.rateLimits.values()], query, rateLimitView),
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'firewall:edit',
    takes: { params: ZONE_PARAMS, body: RATE_LIMIT_DRAFT },
    answers: 'Limits how often one visitor may ask for something; whoever asks more often is answered 429 for a while.',
    returns: one(RATE_LIMIT),
    handle: ({ body }, call) => put(newHexId(ruleId), body, call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'firewall:read',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'One rate limit.',
    returns: one(RATE_LIMIT),
    handle: ({ params }, call) => {
      const found = find(params.id, call);
      return isProblem(found) ? found : { kind: 'answer', result: rateLimitView(found) };
    },
  }),
  zoneRoute({
    method: 'PUT',
    path: `${PATH}/:id`,
    permission: 'firewall:edit',
    takes: { params: IN_ZONE_PARAMS, body: RATE_LIMIT_DRAFT },
    answers: 'Replaces a rate limit.',
    returns: one(RATE_LIMIT),
    handle: ({ params, body }, call) => {
      const found = find(params.id, call);
      return isProblem(found) ? found : put(found.id, body, call);
    },
  }),
  zoneRoute({
    method: 'DELETE',
    path: `${PATH}/:id`,
    permission: 'firewall:edit',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'Deletes a rate limit.',
    returns: one(DELETED),
    handle: async ({ params }, call) => {
      const found = find(params.id, call);
      if (isProblem(found)) return found;
      const committed = await commit(call, { kind: 'delete_rate_limit', id: found.id });
      return isProblem(committed) ? committed : changed(committed, { id: found.id });
    },
  }),
];

async function put(
  id: RuleId,
  body: z.output<typeof RATE_LIMIT_DRAFT>,
  call: ZoneCall,
): Promise<Answer<View<typeof RATE_LIMIT>> | Problem> {
  const draft = rateLimitDraft(body);
  if (isProblem(draft)) return draft;
  const committed = await commit(call, { kind: 'put_rate_limit', id, draft });
  if (isProblem(committed)) return committed;
  const stored = committed.zone.rateLimits.get(id);
  return stored === undefined ? problem('rule_not_found', id) : changed(committed, rateLimitView(stored));
}

function find(text: string, { zone }: ZoneCall): RateLimit | Problem {
  const id = ruleId(text.toLowerCase());
  return (id === null ? undefined : zone.rateLimits.get(id)) ?? problem('rule_not_found');
}

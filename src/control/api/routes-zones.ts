import type { z } from 'zod';
import type { Account } from '../../domain/account.ts';
import { type AccountId, accountId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { Zone } from '../../domain/zone.ts';
import { DELETED, type View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { typedHostname } from '../../wire/names.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { ZONE_DRAFT, ZONE_EDIT, ZONE_LIST } from '../../wire/schemas-zones.ts';
import { ZONE, zoneView } from '../../wire/views.ts';
import { changed, commit } from './committed.ts';
import { ordered, page, passes } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Call, type Route, route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer, Page } from './outcome.ts';

export const ZONE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/client/v4/zones',
    permission: 'zone:read',
    takes: { query: ZONE_LIST },
    answers: 'One page of the zones, oldest first unless ordered otherwise.',
    returns: pageOf(ZONE),
    handle: ({ query }, call) => list(query, call),
  }),
  route({
    method: 'POST',
    path: '/client/v4/zones',
    permission: 'zone:edit',
    takes: { body: ZONE_DRAFT },
    answers: 'Creates a zone with an authority and a managed identity of its own.',
    returns: one(ZONE),
    handle: ({ body }, call) => create(body, call),
  }),
  zoneRoute({
    method: 'GET',
    path: '/client/v4/zones/:zone',
    permission: 'zone:read',
    takes: { params: ZONE_PARAMS },
    answers: 'One zone.',
    returns: one(ZONE),
    handle: (_, call) => ({ kind: 'answer', result: view(call.zone, call) }),
  }),
  zoneRoute({
    method: 'PATCH',
    path: '/client/v4/zones/:zone',
    permission: 'zone:edit',
    takes: { params: ZONE_PARAMS, body: ZONE_EDIT },
    answers: 'Pauses a zone, so that the edge serves none of its names, or ends the pause.',
    returns: one(ZONE),
    handle: ({ body }, call) => edit(body.paused, call),
  }),
  zoneRoute({
    method: 'DELETE',
    path: '/client/v4/zones/:zone',
    permission: 'zone:edit',
    takes: { params: ZONE_PARAMS },
    answers: 'Deletes a zone with its records, certificates and authority.',
    returns: one(DELETED),
    handle: async (_, call) => {
      const committed = await commit(call, { kind: 'delete_zone' });
      return isProblem(committed) ? committed : changed(committed, { id: call.zone.id });
    },
  }),
];

function view(zone: Zone, { plane }: Call) {
  return zoneView(zone, accountOf(zone, plane));
}

async function create(body: z.output<typeof ZONE_DRAFT>, call: Call): Promise<Answer<View<typeof ZONE>> | Problem> {
  const { plane, actor } = call;
  const name = typedHostname(body.name);
  if (name === null) return problem('bad_zone_name', shown(body.name), '/name');
  const account = zoneAccount(body.account?.id, call);
  if (isProblem(account)) return account;
  const committed = await plane.createZone(name, account, actor);
  return isProblem(committed) ? committed : changed(committed, view(committed.zone, call));
}

/** The account that is named, or else the default one; a token for one account alone means that. */
function zoneAccount(wanted: string | undefined, { plane, token }: Call): AccountId | Problem {
  if (wanted !== undefined) {
    const id = accountId(wanted.toLowerCase());
    return (
      (id === null ? undefined : plane.accounts.get(id)?.id) ??
      problem('account_not_found', shown(wanted), '/account/id')
    );
  }
  const usual = plane.accounts.get(plane.installation.account)?.id;
  if (usual !== undefined) return usual;
  const [only, ...others] = token.accounts === 'all' ? [] : token.accounts;
  if (only !== undefined && others.length === 0) return only;
  return problem('bad_body', 'account.id is missing, must be one of the accounts of the token', '/account/id');
}

// The store lets no account go that has zones, so it is there.
function accountOf({ account: id }: Zone, { accounts }: Call['plane']): Pick<Account, 'id' | 'name'> {
  return accounts.get(id) ?? { id, name: '' };
}

async function edit(paused: boolean | undefined, call: ZoneCall): Promise<Answer<View<typeof ZONE>> | Problem> {
  if (paused === undefined || paused === call.zone.paused) return { kind: 'answer', result: view(call.zone, call) };
  const committed = await commit(call, { kind: 'edit_zone', paused });
  return isProblem(committed) ? committed : changed(committed, view(committed.zone, call));
}

type ZoneQuery = z.output<typeof ZONE_LIST>;

function list(query: ZoneQuery, call: Call): Page<View<typeof ZONE>> {
  const found = candidates(query, call).filter((zone) => passes(conditions(zone, query, call), query.match));
  return page(inOrder(found, query, call), query, (zone) => view(zone, call));
}

function inOrder(zones: readonly Zone[], { order, direction }: ZoneQuery, { plane }: Call): readonly Zone[] {
  switch (order) {
    case 'name':
      return ordered(zones, ({ name }) => name, direction);
    case 'account.id':
      return ordered(zones, ({ account }) => account, direction);
    case 'account.name':
      return ordered(zones, (zone) => accountOf(zone, plane).name, direction);
    case 'status':
    case 'plan.id':
    case undefined:
      // All zones have one status and plan here, which leaves them in the order of their creation.
      return direction === 'asc' ? zones : zones.toReversed();
  }
}

/** A plain name is looked up, not searched for: the usual call of every client, among any number of zones. */
function candidates({ name, match }: ZoneQuery, { plane: { zones } }: Call): readonly Zone[] {
  if (name === undefined || name.includes(':') || match === 'any') return [...zones.all()];
  const known = typedHostname(name);
  const zone = known === null ? undefined : zones.named(known);
  return zone === undefined ? [] : [zone];
}

function conditions(zone: Zone, query: ZoneQuery, { plane }: Call): readonly boolean[] {
  const types = query.type === undefined ? null : [query.type].flat().flatMap((type) => type.split(','));
  const conditions: boolean[] = [];
  if (query.name !== undefined) conditions.push(compares(zone.name, query.name));
  if (query.status !== undefined) conditions.push(query.status === 'active');
  if (types !== null) conditions.push(types.includes('full'));
  if (query['account.id'] !== undefined) conditions.push(query['account.id'].toLowerCase() === zone.account);
  if (query['account.name'] !== undefined)
    conditions.push(compares(accountOf(zone, plane).name, query['account.name']));
  return conditions;
}

/** Cloudflare's operators: `contains:shop`, `starts_with:www`; without one the whole text must be the same. */
function compares(text: string, filter: string): boolean {
  const [, operator = 'equal', value = ''] = /^(?:([a-z_]+):)?(.*)$/s.exec(filter) ?? [];
  const sensitive = operator.endsWith('_case_sensitive');
  const [left, right] = sensitive ? [text, value] : [text.toLowerCase(), value.toLowerCase().replace(/\.$/, '')];
  switch (operator.replace(/_case_sensitive$/, '')) {
    case 'equal':
      return left === right || left === typedHostname(value);
    case 'not_equal':
      return left !== right;
    case 'starts_with':
      return left.startsWith(right);
    case 'ends_with':
      return left.endsWith(right);
    case 'contains':
      return left.includes(right);
    default:
      return false;
  }
}

import { createHash } from 'node:crypto';
import { type Problem, problem } from '../../domain/problems.ts';
import type { View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { moment } from '../../wire/views.ts';
import type { ControlPlane } from '../plane.ts';
import type { StoredToken, TokenDraft } from '../token.ts';
import { PERMISSION_GROUPS, type PermissionGroup } from './permission-groups.ts';
import { allows } from './permissions.ts';
import { accountResources, type NamedResources, oneScope, readResources, zoneResources } from './policy-resources.ts';
import type { Call } from './route.ts';
import { inTime, tokenAddresses } from './token-bodies.ts';
import type { CloudflareToken, Policy } from './token-schemas.ts';
import type { USER_TOKEN } from '../../wire/tokens.ts';

type Places = Pick<ControlPlane, 'zones' | 'accounts'>;

/**
 * A token in Cloudflare's form as one of ours, which has one set of permissions on one set of zones in one set of
 * accounts: what cannot be said so is refused, never widened or narrowed.
 */
export function policyDraft(body: CloudflareToken, places: Places): TokenDraft | Problem {
  if (body.status === 'disabled') return unfit('status', 'must be active: to end a token, delete it');
  const requestIp = body.condition?.request_ip;
  if (requestIp?.not_in?.length) {
    return unfit('condition/request_ip/not_in', 'must be empty: name the networks that are allowed, in "in"');
  }
  const addresses = tokenAddresses(requestIp?.in ?? [], '/condition/request_ip/in');
  if (isProblem(addresses)) return addresses;
  const permissions = new Set<string>();
  const resources: NamedResources[] = [];
  for (const [index, policy] of body.policies.entries()) {
    const read = readPolicy(policy, `policies/${index}`, places);
    if (isProblem(read)) return read;
    for (const { permission } of read.groups) permissions.add(permission);
    resources.push(read.resources);
  }
  const scope = oneScope(resources);
  if (isProblem(scope)) return scope;
  const { zones, accounts } = scope;
  const { name, not_before: notBefore = null, expires_on: expiresAt = null } = body;
  const rights = { permissions: [...permissions], zones, accounts, addresses };
  return inTime({ name, ...rights, email: null, notBefore, expiresAt });
}

interface ReadPolicy {
  readonly groups: readonly PermissionGroup[];
  readonly resources: NamedResources;
}

function readPolicy(
  { effect, permission_groups, resources }: Policy,
  at: string,
  places: Places,
): ReadPolicy | Problem {
  if (effect === 'deny') return unfit(`${at}/effect`, 'must be allow: what is not allowed is denied');
  const groups: PermissionGroup[] = [];
  for (const [place, { id }] of permission_groups.entries()) {
    const group = PERMISSION_GROUPS.find((known) => known.id === id.toLowerCase());
    const rule = `is ${shown(id)}, must be one of /user/tokens/permission_groups`;
    if (group === undefined) return unfit(`${at}/permission_groups/${place}/id`, rule);
    groups.push(group);
  }
  const named = readResources(resources, `${at}/resources`, places);
  if (isProblem(named)) return named;
  for (const scope of ['zone', 'account'] as const) {
    const about = groups.some((group) => group.scope === scope);
    const names = (scope === 'zone' ? named.zones : named.accounts) !== null;
    if (about === names) continue;
    const because = about ? 'because a permission is about them' : 'because no permission is about them';
    return unfit(`${at}/resources`, `must name ${about ? '' : 'no '}${scope}s, ${because}`);
  }
  return { groups, resources: named };
}

/** A token as Cloudflare's paths show it. */
export function policyView(token: StoredToken, { plane, now }: Pick<Call, 'plane' | 'now'>): View<typeof USER_TOKEN> {
  const usedAt = plane.tokenUsedAt(token.id);
  const groups = PERMISSION_GROUPS.filter(({ permission }) => allows(token.permissions, permission));
  const policies = (['zone', 'account'] as const)
    .map((scope) => ({ scope, held: groups.filter((group) => group.scope === scope) }))
    .filter(({ held }) => held.length > 0)
    .map(({ scope, held }) => ({
      id: policyId(token.id, scope),
      effect: 'allow' as const,
      permission_groups: held.map(({ id, name }) => ({ id, name })),
      resources: scope === 'zone' ? zoneResources(token) : accountResources(token),
    }));
  return {
    id: token.id,
    name: token.name,
    status: token.expiresAt !== null && now >= token.expiresAt ? 'expired' : 'active',
    issued_on: moment(token.createdAt),
    modified_on: moment(token.modifiedAt),
    ...(token.notBefore === null ? {} : { not_before: moment(token.notBefore) }),
    ...(token.expiresAt === null ? {} : { expires_on: moment(token.expiresAt) }),
    ...(usedAt === null ? {} : { last_used_on: moment(usedAt) }),
    policies,
    ...(token.addresses.length === 0 ? {} : { condition: { request_ip: { in: token.addresses } } }),
  };
}

function policyId(token: string, scope: string): string {
  return createHash('sha256').update(`${token} ${scope}`).digest('hex').slice(0, 32);
}

function unfit(field: string, rule: string): Problem {
  return problem('bad_body', `${field.replaceAll('/', '.')} ${rule}`, `/${field}`);
}

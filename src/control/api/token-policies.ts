import { createHash } from 'node:crypto';
import { type ZoneId, zoneId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { moment } from '../../wire/views.ts';
import type { ControlPlane, StoredToken, TokenDraft } from '../plane.ts';
import { PERMISSION_GROUPS, type PermissionGroup, RESOURCE_SCOPES } from './permission-groups.ts';
import { allows } from './permissions.ts';
import { inTime, tokenAddresses } from './token-bodies.ts';
import type { CloudflareToken, Policy } from './token-schemas.ts';
import type { USER_TOKEN } from './token-views.ts';

/**
 * A token in Cloudflare's form as one of ours, which has one set of permissions on one set of zones: what cannot be said
 * so is refused, never widened.
 */
export function policyDraft(body: CloudflareToken, plane: Pick<ControlPlane, 'zones'>): TokenDraft | Problem {
  if (body.status === 'disabled') return unfit('status', 'must be active: to end a token, delete it');
  const requestIp = body.condition?.request_ip;
  if (requestIp?.not_in?.length) {
    return unfit('condition/request_ip/not_in', 'must be empty: name the networks that are allowed, in "in"');
  }
  const addresses = tokenAddresses(requestIp?.in ?? [], '/condition/request_ip/in');
  if (isProblem(addresses)) return addresses;
  const permissions = new Set<string>();
  const scopes: StoredToken['zones'][] = [];
  for (const [index, policy] of body.policies.entries()) {
    const read = readPolicy(policy, index, plane);
    if (isProblem(read)) return read;
    for (const { permission } of read.groups) permissions.add(permission);
    if (read.zones !== null) scopes.push(read.zones);
  }
  const [zones = 'all', ...others] = scopes;
  if (others.some((other) => !sameZones(other, zones))) {
    return unfit('policies', 'must all be about the same zones: make a token for each set of zones');
  }
  const { name, not_before: notBefore = null, expires_on: expiresAt = null } = body;
  return inTime({ name, permissions: [...permissions], zones, addresses, email: null, notBefore, expiresAt });
}

interface ReadPolicy {
  readonly groups: readonly PermissionGroup[];
  /** `null` where no permission of the policy is about zones. */
  readonly zones: StoredToken['zones'] | null;
}

function readPolicy(
  { effect, permission_groups, resources }: Policy,
  index: number,
  plane: Pick<ControlPlane, 'zones'>,
): ReadPolicy | Problem {
  const at = `policies/${index}`;
  if (effect === 'deny') return unfit(`${at}/effect`, 'must be allow: what is not allowed is denied');
  const groups: PermissionGroup[] = [];
  for (const [place, { id }] of permission_groups.entries()) {
    const group = PERMISSION_GROUPS.find((known) => known.id === id.toLowerCase());
    const rule = `is ${shown(id)}, must be one of /user/tokens/permission_groups`;
    if (group === undefined) return unfit(`${at}/permission_groups/${place}/id`, rule);
    groups.push(group);
  }
  if (groups.every(({ scope }) => scope === 'account')) return { groups, zones: null };
  const zones = policyZones(resources, at, plane);
  return isProblem(zones) ? zones : { groups, zones };
}

const ONE_ZONE = /^com\.cloudflare\.api\.account\.zone\.(\*|[0-9a-f]{32})$/i;
const ACCOUNT = /^com\.cloudflare\.api\.account\.(?:\*|[0-9a-f]{32})$/i;

function policyZones(
  resources: Policy['resources'],
  at: string,
  plane: Pick<ControlPlane, 'zones'>,
): StoredToken['zones'] | Problem {
  const found: ZoneId[] = [];
  const keys = Object.entries(resources).flatMap(([key, value]) =>
    ACCOUNT.test(key) && typeof value === 'object' ? Object.keys(value) : [key],
  );
  for (const key of keys) {
    const id = ONE_ZONE.exec(key)?.[1]?.toLowerCase();
    if (id === '*') return 'all';
    const zone = id === undefined ? null : zoneId(id);
    if (zone === null || plane.zones.get(zone) === undefined) {
      const rule = `must be ${RESOURCE_SCOPES.zone}.* or ${RESOURCE_SCOPES.zone}.<id of a zone>`;
      return unfit(`${at}/resources`, `has ${shown(key)}, ${rule}`);
    }
    found.push(zone);
  }
  return found.length > 0 ? found : unfit(`${at}/resources`, 'must name zones, because a permission is about zones');
}

function sameZones(a: StoredToken['zones'], b: StoredToken['zones']): boolean {
  if (a === 'all' || b === 'all') return a === b;
  return a.length === b.length && a.every((id) => b.includes(id));
}

/** A token as Cloudflare's paths show it. */
export function policyView(
  token: StoredToken,
  { account, now }: { readonly account: string; readonly now: number },
): View<typeof USER_TOKEN> {
  const groups = PERMISSION_GROUPS.filter(({ permission }) => allows(token.permissions, permission));
  const policies = (['zone', 'account'] as const)
    .map((scope) => ({ scope, held: groups.filter((group) => group.scope === scope) }))
    .filter(({ held }) => held.length > 0)
    .map(({ scope, held }) => ({
      id: policyId(token.id, scope),
      effect: 'allow' as const,
      permission_groups: held.map(({ id, name }) => ({ id, name })),
      resources: scope === 'zone' ? zoneResources(token.zones) : { [`${RESOURCE_SCOPES.account}.${account}`]: '*' },
    }));
  return {
    id: token.id,
    name: token.name,
    status: token.expiresAt !== null && now >= token.expiresAt ? 'expired' : 'active',
    issued_on: moment(token.createdAt),
    modified_on: moment(token.modifiedAt),
    ...(token.notBefore === null ? {} : { not_before: moment(token.notBefore) }),
    ...(token.expiresAt === null ? {} : { expires_on: moment(token.expiresAt) }),
    policies,
    ...(token.addresses.length === 0 ? {} : { condition: { request_ip: { in: token.addresses } } }),
  };
}

function zoneResources(zones: StoredToken['zones']): Record<string, string> {
  const ids: readonly string[] = zones === 'all' ? ['*'] : zones;
  return Object.fromEntries(ids.map((id) => [`${RESOURCE_SCOPES.zone}.${id}`, '*']));
}

function policyId(token: string, scope: string): string {
  return createHash('sha256').update(`${token} ${scope}`).digest('hex').slice(0, 32);
}

function unfit(field: string, rule: string): Problem {
  return problem('bad_body', `${field.replaceAll('/', '.')} ${rule}`, `/${field}`);
}

import { type AccountId, accountId, type ZoneId, zoneId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { shown } from '../../wire/faults.ts';
import type { ControlPlane } from '../plane.ts';
import type { Sight } from '../restricted-plane.ts';
import { RESOURCE_SCOPES } from './permission-groups.ts';
import type { Policy } from './token-schemas.ts';

type Places = Pick<ControlPlane, 'zones' | 'accounts'>;
type Scope<Id> = 'all' | readonly Id[];

/** What the resources of one policy name; `null` for a kind of which they name nothing. */
export interface NamedResources {
  readonly kind: 'resources';
  readonly zones: Sight | null;
  readonly accounts: Scope<AccountId> | null;
}

/** One entry: accounts as a whole, or zones. */
type Named =
  | { readonly kind: 'accounts'; readonly accounts: Scope<AccountId> }
  | { readonly kind: 'zones'; readonly sight: Sight };

const ZONE = /^com\.cloudflare\.api\.account\.zone\.(\*|[0-9a-f]{32})$/i;
const ACCOUNT = /^com\.cloudflare\.api\.account\.(\*|[0-9a-f]{32})$/i;

/** Reads Cloudflare's resources. Whatever is unknown, or not of these forms, is refused: `at` is where they stand. */
export function readResources(resources: Policy['resources'], at: string, places: Places): NamedResources | Problem {
  const named: Named[] = [];
  for (const [key, value] of Object.entries(resources)) {
    const entries = typeof value === 'string' ? [whole(key, value, places)] : within(key, value, places);
    for (const entry of entries) {
      if (entry === null) return unfit(at, `has ${shown(key)}, ${RULE}`);
      named.push(entry);
    }
  }
  const sights = named.filter((one) => one.kind === 'zones').map(({ sight }) => sight);
  const accounts = named.filter((one) => one.kind === 'accounts').map((one) => one.accounts);
  const zones = sights.length === 0 ? null : together(sights, places);
  if (zones === 'mixed') return unfit(at, 'must name either all zones of accounts or single zones, not both');
  return { kind: 'resources', zones, accounts: accounts.length === 0 ? null : union(accounts) };
}

const RULE = `must be ${RESOURCE_SCOPES.zone}.<* or id>: "*", ${RESOURCE_SCOPES.account}.<* or id>: "*", or ${RESOURCE_SCOPES.account}.<id>: {"${RESOURCE_SCOPES.zone}.<* or id>": "*"}, with ids that exist`;

function whole(key: string, value: string, places: Places): Named | null {
  if (value !== '*') return null;
  if (ZONE.test(key)) return zonesOf(key, 'all', places);
  const accounts = accountOf(key, places);
  return accounts === null ? null : { kind: 'accounts', accounts };
}

/** Zones inside an account: all of them, or some. */
function within(key: string, zones: Readonly<Record<string, string>>, places: Places): readonly (Named | null)[] {
  const accounts = accountOf(key, places);
  const entries = Object.entries(zones);
  // An empty object would be a permission on nothing, which is surely not meant.
  if (accounts === null || entries.length === 0) return [null];
  return entries.map(([zone, value]) => (value === '*' ? zonesOf(zone, accounts, places) : null));
}

function accountOf(key: string, { accounts }: Places): Scope<AccountId> | null {
  const text = ACCOUNT.exec(key)?.[1]?.toLowerCase();
  if (text === undefined || text === '*') return text === undefined ? null : 'all';
  const id = accountId(text);
  return id === null || accounts.get(id) === undefined ? null : [id];
}

function zonesOf(key: string, accounts: Scope<AccountId>, { zones }: Places): Named | null {
  const text = ZONE.exec(key)?.[1]?.toLowerCase();
  if (text === undefined) return null;
  if (text === '*') return { kind: 'zones', sight: { zones: 'all', accounts } };
  const id = zoneId(text);
  const zone = id === null ? undefined : zones.get(id);
  if (zone === undefined || (accounts !== 'all' && !accounts.includes(zone.account))) return null;
  return { kind: 'zones', sight: { zones: [zone.id], accounts: [zone.account] } };
}

/** Several as one, where one can say the same. */
function together(sights: readonly Sight[], { zones }: Places): Sight | 'mixed' {
  const whole = sights.filter((sight) => sight.zones === 'all');
  const single = sights.flatMap((sight) => (sight.zones === 'all' ? [] : sight.zones));
  if (whole.length === 0) return { zones: unique(single), accounts: union(sights.map(({ accounts }) => accounts)) };
  const accounts = union(whole.map((sight) => sight.accounts));
  const covered = (id: ZoneId) => accounts === 'all' || accounts.some((account) => account === zones.get(id)?.account);
  return single.every(covered) ? { zones: 'all', accounts } : 'mixed';
}

function union<Id>(scopes: readonly Scope<Id>[]): Scope<Id> {
  const ids: Id[] = [];
  for (const scope of scopes) {
    if (scope === 'all') return 'all';
    ids.push(...scope);
  }
  return unique(ids);
}

function sameScope<Id>(a: Scope<Id>, b: Scope<Id>): boolean {
  if (a === 'all' || b === 'all') return a === b;
  return a.length === b.length && a.every((id) => b.includes(id));
}

/**
 * What all policies say about zones and about accounts, as the one scope that a token here has. Refused where no scope
 * says exactly that.
 */
export function oneScope(named: readonly NamedResources[]): Sight | Problem {
  const [sight, ...sights] = named.flatMap(({ zones }) => zones ?? []);
  const [accounts, ...others] = named.flatMap(({ accounts: scope }) => (scope === null ? [] : [{ scope }]));
  if (
    sight !== undefined &&
    sights.some((one) => !sameScope(one.zones, sight.zones) || !sameScope(one.accounts, sight.accounts))
  ) {
    return unfit('policies', 'must all be about the same zones: make a token for each set of zones');
  }
  if (accounts !== undefined && others.some(({ scope }) => !sameScope(scope, accounts.scope))) {
    return unfit('policies', 'must all be about the same accounts: make a token for each set of accounts');
  }
  if (sight === undefined) return { zones: 'all', accounts: accounts?.scope ?? [] };
  return accounts === undefined ? sight : scopeOfBoth(sight, accounts.scope);
}

// A token sees the zones that are among its zones and in one of its accounts.
function scopeOfBoth(sight: Sight, accounts: Scope<AccountId>): Sight | Problem {
  const { zones } = sight;
  const fits =
    zones === 'all'
      ? sameScope(sight.accounts, accounts)
      : accounts === 'all' || (sight.accounts !== 'all' && sight.accounts.every((id) => accounts.includes(id)));
  if (fits) return { zones, accounts };
  const rule = `name all zones of an account as ${RESOURCE_SCOPES.account}.<id>: {"${RESOURCE_SCOPES.zone}.*": "*"}`;
  return unfit('policies', `must be about zones of the accounts that they are about: ${rule}`);
}

/** What a permission about zones is granted on, in Cloudflare's words. */
export function zoneResources({ zones, accounts }: Sight): Readonly<Record<string, string | Record<string, string>>> {
  const all = { [`${RESOURCE_SCOPES.zone}.*`]: '*' };
  if (zones !== 'all') return Object.fromEntries(zones.map((id) => [`${RESOURCE_SCOPES.zone}.${id}`, '*']));
  if (accounts === 'all') return all;
  return Object.fromEntries(accounts.map((id) => [`${RESOURCE_SCOPES.account}.${id}`, all]));
}

/** What a permission about accounts is granted on. */
export function accountResources({ accounts }: Pick<Sight, 'accounts'>): Readonly<Record<string, string>> {
  const ids: readonly string[] = accounts === 'all' ? ['*'] : accounts;
  return Object.fromEntries(ids.map((id) => [`${RESOURCE_SCOPES.account}.${id}`, '*']));
}

function unique<Id>(ids: readonly Id[]): readonly Id[] {
  return [...new Set(ids)];
}

function unfit(field: string, rule: string): Problem {
  return problem('bad_body', `${field.replaceAll('/', '.')} ${rule}`, `/${field}`);
}

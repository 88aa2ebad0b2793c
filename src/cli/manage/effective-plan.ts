import { type ApiAccess, callApi } from '../api.ts';
import type { AskedVisitors } from './visitors.ts';

/** What the edge does for one scheme, in words. */
interface PlannedPull {
  readonly kind: string;
  readonly because: string;
  readonly sentence: string;
}

/** What the edge does for a hostname, why, and what its origin must trust: as the API answers it. */
export interface EffectivePlan {
  readonly hostname: string;
  readonly zone: { readonly id: string; readonly name: string };
  readonly https: PlannedPull;
  readonly http: PlannedPull;
  readonly level: 'hostname' | 'zone' | 'global' | null;
  readonly why: string;
  readonly identity: string | null;
  /** Whether every edge does so already. */
  readonly in_force: boolean;
  readonly certificate: {
    readonly id: string;
    readonly fingerprint: string;
    readonly expires_on: string;
    readonly status: string;
  } | null;
  readonly server_names: readonly string[];
  readonly bundle: { readonly url: string; readonly path: string; readonly sha256: string } | null;
  readonly visitors: AskedVisitors | null;
  readonly accept_shared: boolean;
  readonly notices: readonly { readonly code: number; readonly message: string }[];
}

/** The same of one hostname among many, without what its origin must trust. */
export type ListedPlan = Pick<
  EffectivePlan,
  'hostname' | 'https' | 'http' | 'level' | 'why' | 'identity' | 'certificate'
>;

const MOST_PLANS = 1000;

/** The plans of all hostnames of a zone. `filter` holds query parameters of the call. */
export async function allPlans(
  access: ApiAccess,
  zone: string,
  filter: Readonly<Record<string, string>> = {},
): Promise<readonly ListedPlan[]> {
  const query = new URLSearchParams({ ...filter, limit: String(MOST_PLANS) });
  const plans: ListedPlan[] = [];
  for (;;) {
    const path = `/postern/v1/zones/${zone}/plans?${query.toString()}`;
    const { result, info } = await callApi<readonly ListedPlan[]>(access, 'GET', path);
    plans.push(...result);
    const cursor = info?.cursor ?? null;
    if (cursor === null) return plans;
    query.set('cursor', cursor);
  }
}

/** What one hostname presents of its own. */
export interface AssociationFacts {
  readonly hostname: string;
  readonly cert_id: string;
  readonly enabled: boolean;
  readonly status: string;
}

/** The plan of a hostname. */
export async function effectivePlan(access: ApiAccess, zone: string, hostname: string): Promise<EffectivePlan> {
  const path = `/postern/v1/zones/${zone}/hostnames/${encodeURIComponent(hostname)}/plan`;
  return (await callApi<EffectivePlan>(access, 'GET', path)).result;
}

/** All hostnames of a zone that say something of their own. */
export async function allAssociations(access: ApiAccess, zone: string): Promise<readonly AssociationFacts[]> {
  return (await callApi<readonly AssociationFacts[]>(access, 'GET', `/postern/v1/zones/${zone}/associations`)).result;
}

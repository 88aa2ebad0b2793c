import { type ApiAccess, callApi } from '../api.ts';

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
  readonly certificate: {
    readonly id: string;
    readonly fingerprint: string;
    readonly expires_on: string;
    readonly status: string;
  } | null;
  readonly server_names: readonly string[];
  readonly bundle: { readonly url: string; readonly path: string; readonly sha256: string } | null;
  readonly accept_shared: boolean;
  readonly notices: readonly { readonly code: number; readonly message: string }[];
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

import { type Problem, problem } from '../../domain/problems.ts';
import type { ImpactBody } from '../../wire/impact.ts';
import { allows, type Permission } from './permissions.ts';

/** What one must be able to read to be told what a change of it would do: the thing that the change is about. */
const READS: Readonly<Record<ImpactBody['kind'], Permission>> = {
  mode: 'settings:read',
  always_use_https: 'settings:read',
  global_level: 'settings:read',
  min_tls_version: 'settings:read',
  origin_tls_compliance_modes: 'settings:read',
  zone_level: 'ssl:read',
  hostname_level: 'ssl:read',
  hostname_certificate_assign: 'ssl:read',
  certificate_upload: 'ssl:read',
  certificate_delete: 'ssl:read',
  visitor_certificate_upload: 'ssl:read',
  visitor_certificate_delete: 'ssl:read',
  visitor_authorities_put: 'ssl:read',
  visitor_authorities_delete: 'ssl:read',
  trusted_ca_add: 'ssl:read',
  trusted_ca_delete: 'ssl:read',
  enforce: 'ssl:read',
  authority_rotate: 'ssl:read',
  record_create: 'dns:read',
  record_grey: 'dns:read',
  record_orange: 'dns:read',
  record_delete: 'dns:read',
  record_change: 'dns:read',
  access_rule_put: 'firewall:read',
  access_rule_delete: 'firewall:read',
  rate_limit_put: 'firewall:read',
  rate_limit_delete: 'firewall:read',
  pause: 'zone:read',
  zone_delete: 'zone:read',
};

/** Why a token may not ask about a change; `null` where it may. What is not in the table is for nobody. */
export function impactForbidden({ kind }: ImpactBody, granted: readonly string[]): Problem | null {
  const needed: Permission | undefined = READS[kind];
  if (needed === undefined) return problem('forbidden', 'nobody may ask about this');
  return allows(granted, needed) ? null : problem('forbidden', `the token lacks ${needed}`);
}

/** Why a token may ask about no change at all; `null` where it may about some. */
export function everyImpactForbidden({ permissions }: { readonly permissions: readonly string[] }): Problem | null {
  const some = [...new Set(Object.values(READS))];
  return some.some((one) => allows(permissions, one))
    ? null
    : problem('forbidden', `the token has none of ${some.toSorted().join(', ')}`);
}

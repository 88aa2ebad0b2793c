import type { Route } from './route.ts';
import { ACCESS_RULE_ROUTES } from './routes-access-rules.ts';
import { ACCOUNT_ROUTES } from './routes-accounts.ts';
import { ANALYTICS_ROUTES } from './routes-analytics.ts';
import { ATTESTATION_ROUTES } from './routes-attestations.ts';
import { AUDIT_ROUTES } from './routes-audit.ts';
import { AUTHORITY_ROUTES } from './routes-authorities.ts';
import { BACKUP_ROUTES } from './routes-backups.ts';
import { CALLER_ROUTES } from './routes-callers.ts';
import { CERTIFICATE_REQUEST_ROUTES } from './routes-certificate-requests.ts';
import { COMPLIANCE_ROUTES } from './routes-compliance.ts';
import { CUSTOM_CERTIFICATE_ROUTES } from './routes-custom-certificates.ts';
import { DESCRIPTION_ROUTES } from './routes-description.ts';
import { EVENT_ROUTES } from './routes-events.ts';
import { EXPIRY_ROUTES } from './routes-expiries.ts';
import { FIXED_SETTING_ROUTES } from './routes-fixed-settings.ts';
import { HOSTNAME_PULL_ROUTES } from './routes-hostname-pulls.ts';
import { IDENTITY_ROUTES } from './routes-identities.ts';
import { MANAGED_CERTIFICATE_ROUTES } from './routes-managed-certificates.ts';
import { CREDENTIAL_IMPACT_ROUTES } from './routes-credential-impact.ts';
import { IMPACT_ROUTES } from './routes-impact.ts';
import { LOOK_SETTINGS_ROUTES } from './routes-look-settings.ts';
import { METRIC_ROUTES } from './routes-metrics.ts';
import { NOTICE_CHANNEL_ROUTES } from './routes-notice-channels.ts';
import { NOTICE_ROUTES } from './routes-notices.ts';
import { OPENING_ROUTES } from './routes-openings.ts';
import { ORIGIN_CA_ROUTES } from './routes-origin-ca.ts';
import { EDGE_VISIT_ROUTES } from './routes-edge-visits.ts';
import { ORIGIN_CERTIFICATE_ROUTES } from './routes-origin-certificates.ts';
import { ORIGIN_CONFIG_ROUTES } from './routes-origin-config.ts';
import { ORIGIN_REPORT_ROUTES } from './routes-origin-reports.ts';
import { OVERVIEW_ROUTES } from './routes-overview.ts';
import { PLAN_ROUTES } from './routes-plans.ts';
import { POSTERN_ROUTES } from './routes-postern.ts';
import { PUBLIC_ROUTES } from './routes-public.ts';
import { RATE_LIMIT_ROUTES } from './routes-rate-limits.ts';
import { RECORD_ROUTES } from './routes-records.ts';
import { ROTATION_ROUTES } from './routes-rotations.ts';
import { REVOCATION_ROUTES } from './routes-revocations.ts';
import { SESSION_ROUTES } from './routes-session.ts';
import { SETUP_ROUTES } from './routes-setups.ts';
import { SETTING_ROUTES } from './routes-settings.ts';
import { TOKEN_SESSION_ROUTES } from './routes-token-sessions.ts';
import { TOKEN_ROUTES } from './routes-tokens.ts';
import { TRUST_STORE_ROUTES } from './routes-trust-store.ts';
import { USER_ROUTES } from './routes-user.ts';
import { USER_TOKEN_ROUTES } from './routes-user-tokens.ts';
import { VISITOR_AUTHORITY_ROUTES } from './routes-visitor-authorities.ts';
import { ZONE_GLANCE_ROUTES } from './routes-zone-glance.ts';
import { ZONE_PULL_ROUTES } from './routes-zone-pulls.ts';
import { ZONE_SETTING_ROUTES } from './routes-zone-settings.ts';
import { ZONE_ROUTES } from './routes-zones.ts';

/** Every call of the API. */
export const ROUTES: readonly Route[] = [
  ...PUBLIC_ROUTES,
  ...DESCRIPTION_ROUTES,
  ...USER_ROUTES,
  ...USER_TOKEN_ROUTES,
  ...ACCOUNT_ROUTES,
  ...ZONE_ROUTES,
  ...RECORD_ROUTES,
  ...SETTING_ROUTES,
  ...COMPLIANCE_ROUTES,
  ...FIXED_SETTING_ROUTES,
  ...HOSTNAME_PULL_ROUTES,
  ...ZONE_PULL_ROUTES,
  ...TRUST_STORE_ROUTES,
  ...CUSTOM_CERTIFICATE_ROUTES,
  ...VISITOR_AUTHORITY_ROUTES,
  ...ORIGIN_CA_ROUTES,
  ...ACCESS_RULE_ROUTES,
  ...RATE_LIMIT_ROUTES,
  ...POSTERN_ROUTES,
  ...OVERVIEW_ROUTES,
  ...ZONE_GLANCE_ROUTES,
  ...EXPIRY_ROUTES,
  ...PLAN_ROUTES,
  ...IMPACT_ROUTES,
  ...CREDENTIAL_IMPACT_ROUTES,
  ...IDENTITY_ROUTES,
  ...MANAGED_CERTIFICATE_ROUTES,
  ...CERTIFICATE_REQUEST_ROUTES,
  ...ROTATION_ROUTES,
  ...OPENING_ROUTES,
  ...ORIGIN_REPORT_ROUTES,
  ...ORIGIN_CERTIFICATE_ROUTES,
  ...EDGE_VISIT_ROUTES,
  ...ORIGIN_CONFIG_ROUTES,
  ...CALLER_ROUTES,
  ...SETUP_ROUTES,
  ...ATTESTATION_ROUTES,
  ...LOOK_SETTINGS_ROUTES,
  ...AUTHORITY_ROUTES,
  ...REVOCATION_ROUTES,
  ...ZONE_SETTING_ROUTES,
  ...SESSION_ROUTES,
  ...TOKEN_ROUTES,
  ...TOKEN_SESSION_ROUTES,
  ...AUDIT_ROUTES,
  ...EVENT_ROUTES,
  ...NOTICE_ROUTES,
  ...NOTICE_CHANNEL_ROUTES,
  ...BACKUP_ROUTES,
  ...ANALYTICS_ROUTES,
  ...METRIC_ROUTES,
];

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** The methods of a path, and those it does not have. */
interface PathMethods {
  readonly has: readonly string[];
  readonly lacks: (typeof METHODS)[number][];
}

/**
 * What to answer with 405, for every path of the table. Without this a literal that lacks a method would be taken for
 * the parameter of another route (`hostnames` for a certificate's id).
 */
export function missingMethods(routes: readonly Route[]): ReadonlyMap<string, PathMethods> {
  const paths = new Map<string, Set<string>>();
  for (const { path, method } of routes) {
    const methods = paths.get(path) ?? new Set<string>();
    methods.add(method);
    // The server answers HEAD wherever it answers GET.
    if (method === 'GET') methods.add('HEAD');
    paths.set(path, methods);
  }
  return new Map(
    [...paths].map(([path, has]) => [path, { has: [...has], lacks: METHODS.filter((method) => !has.has(method)) }]),
  );
}

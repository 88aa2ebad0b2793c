import type { Wish } from './certificate.ts';
import type { Instant, Revision } from './ids.ts';

export const DEPLOYMENT_STATUSES = [
  'pending_deployment',
  'active',
  'deployment_timed_out',
  'pending_deletion',
  'deleted',
  'deletion_timed_out',
] as const;

/** What the API calls the state of a certificate or association. */
export type DeploymentStatus = (typeof DEPLOYMENT_STATUSES)[number];

/** After this many milliseconds an edge that has not acknowledged is called late. */
const LATE_AFTER = 60_000;

/**
 * The status of a wish, from what the edges acknowledged. Never stored, so it can never be stale. `applied` is the
 * newest revision in force at every edge.
 */
export function deploymentStatus(wish: Wish, applied: Revision, now: Instant): DeploymentStatus {
  const late = now - wish.at > LATE_AFTER;
  if (wish.kind === 'deploy') {
    if (applied >= wish.revision) return 'active';
    return late ? 'deployment_timed_out' : 'pending_deployment';
  }
  if (applied >= wish.revision) return 'deleted';
  return late ? 'deletion_timed_out' : 'pending_deletion';
}

import type { Verdict } from '../parts/verdict.tsx';
import { zonePath } from '../zone.tsx';
import type { LiveEvent } from './events.ts';

/** How zones are at a glance: `/postern/v1/overview`, its list of zones, and `/postern/v1/expiries`. */

export interface ZoneName {
  readonly id: string;
  readonly name: string;
}

/** How many hostnames are how; `unattested` have no lock that could hold. */
type HostnameCounts = Readonly<Record<Verdict | 'served' | 'unattested', number>>;

export interface Expiry {
  readonly what: string;
  readonly id: string;
  readonly name: string;
  readonly ends_on: string;
  readonly renews_itself: boolean;
  readonly hostnames: readonly string[];
  readonly zone: ZoneName | null;
}

/** A zone in one row. */
export interface ZoneRow {
  readonly zone: ZoneName;
  readonly account: string;
  readonly paused: boolean;
  readonly verdict: Verdict | null;
  readonly since: string | null;
  readonly looks_paused_until: string | null;
  readonly hostnames: HostnameCounts;
  readonly next_end: Expiry | null;
  readonly next_end_by_hand: Expiry | null;
  readonly concerns: { readonly critical: number; readonly warning: number };
  readonly rotation: { readonly id: string; readonly phase: string; readonly paused: boolean } | null;
}

export type Severity = 'info' | 'warning' | 'critical';

/** Something that wants somebody's attention now. */
export interface Attention {
  readonly severity: Severity;
  readonly code: string;
  readonly text: string;
  readonly fix: string;
  readonly zone: ZoneName | null;
  readonly hostname: string | null;
  readonly page: string;
}

export interface Overview {
  readonly zones: Readonly<Record<Verdict | 'total' | 'unattested' | 'paused' | 'looks_paused' | 'rotating', number>>;
  readonly hostnames: HostnameCounts;
  readonly ending: { readonly within_days: number; readonly count: number; readonly first: readonly Expiry[] };
  readonly edges: { readonly total: number; readonly connected: number; readonly behind: number } | null;
  readonly attention: { readonly count: number; readonly first: readonly Attention[] };
}

/** Everything happens in some zone: a look at all of them waits a little longer for what else happens. */
export const SETTLE_ALL = 1000;

/** After which events a zone's row, or what is counted of all zones, may be another one. */
export function movesOverview({ kind }: LiveEvent): boolean {
  return kind !== 'callers_reported';
}

/** The words for what ends. */
const ENDING: Readonly<Record<string, string>> = {
  managed: 'Managed certificate',
  uploaded: 'Uploaded certificate',
  shared: 'Shared certificate',
  authority: 'Authority',
  visitor: 'Edge certificate',
  visitor_authority: "Visitors' authority",
  origin_ca: 'Trusted origin CA',
  origin_certificate: 'Origin certificate',
  revocation_list: 'Revocation list',
  bundle_signature: 'Signature of the bundle',
  token: 'Token',
};

export function endingWords({ what }: Expiry): string {
  return ENDING[what] ?? what;
}

const PLACES: Readonly<Record<string, string>> = {
  attestations: '/attestations',
  rotations: '/rotations',
  origin_pulls: '/ssl/origin-server',
  edge_certificates: '/ssl/edge-certificates',
  visitors: '/ssl/edge-certificates',
  origin_certificates: '/ssl/origin-server',
  authority: '/ssl/origin-server',
};

/** The page that mends it. */
export function attentionPath({ page, zone, hostname }: Attention): string {
  if (page === 'edges') return '/edges';
  if (zone === null) return '/notices';
  const place = PLACES[page] ?? '';
  const detail = page === 'attestations' && hostname !== null ? `/${encodeURIComponent(hostname)}` : '';
  return zonePath(zone.name, `${place}${detail}`);
}

const EXPIRY_PLACES: Readonly<Record<string, string>> = {
  managed: '/ssl/origin-server',
  uploaded: '/ssl/origin-server',
  shared: '/ssl/origin-server',
  authority: '/ssl/origin-server',
  origin_ca: '/ssl/origin-server',
  origin_certificate: '/ssl/origin-server',
  visitor: '/ssl/edge-certificates',
  visitor_authority: '/ssl/edge-certificates',
};

/** Where what ends is seen; `null` where no page of its own shows it. */
export function expiryPath({ what, zone }: Expiry): string | null {
  if (what === 'token') return '/tokens';
  return zone === null ? null : zonePath(zone.name, EXPIRY_PLACES[what] ?? '');
}

import type { View } from '../../../src/wire/answer-fields.ts';
import type { EXPIRY, OVERVIEW, ZONE_OVERVIEW } from '../../../src/wire/overview.ts';
import { zonePath } from '../zone.tsx';
import type { LiveEvent } from './events.ts';

/** How zones are at a glance: `/postern/v1/overview`, its list of zones, and `/postern/v1/expiries`. */

/** Something that comes to its end. */
export type Expiry = View<typeof EXPIRY>;

/** A zone in one row. */
export type ZoneRow = View<typeof ZONE_OVERVIEW>;

export type Overview = View<typeof OVERVIEW>;

/** Something that wants somebody's attention now. */
export type Attention = Overview['attention']['first'][number];

export type Severity = Attention['severity'];

/** Everything happens in some zone: a look at all of them waits a little longer for what else happens. */
export const SETTLE_ALL = 1000;

/** After which events a zone's row, or what is counted of all zones, may be another one. */
export function movesOverview({ kind }: LiveEvent): boolean {
  return kind !== 'callers_reported';
}

/** The words for what ends. */
const ENDING: Readonly<Record<Expiry['what'], string>> = {
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
  // An older page may meet a newer kind.
  return ENDING[what] ?? what;
}

/** Where in a zone it is mended; what belongs to the whole installation is never of a zone. */
const PLACES: Readonly<Record<Exclude<Attention['page'], 'edges' | 'installation'>, string>> = {
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
  if (zone === null || page === 'installation') return '/notices';
  const detail = page === 'attestations' && hostname !== null ? `/${encodeURIComponent(hostname)}` : '';
  return zonePath(zone.name, `${PLACES[page] ?? ''}${detail}`);
}

const EXPIRY_PLACES: Readonly<Record<Exclude<Expiry['what'], 'token'>, string>> = {
  managed: '/ssl/origin-server',
  uploaded: '/ssl/origin-server',
  shared: '/ssl/origin-server',
  authority: '/ssl/origin-server',
  origin_ca: '/ssl/origin-server',
  origin_certificate: '/ssl/origin-server',
  // The authority of the zone signs them.
  revocation_list: '',
  bundle_signature: '',
  visitor: '/ssl/edge-certificates',
  visitor_authority: '/ssl/edge-certificates',
};

/** Where what ends is seen; `null` where no page of its own shows it. */
export function expiryPath({ what, zone }: Expiry): string | null {
  if (what === 'token') return '/tokens';
  return zone === null ? null : zonePath(zone.name, EXPIRY_PLACES[what] ?? '');
}

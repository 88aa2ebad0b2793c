import type { View } from '../../../src/wire/answer-fields.ts';
import type { EXPIRY, OVERVIEW } from '../../../src/wire/overview.ts';
import { markPath, zonePath } from '../paths.ts';

/** Where in the dashboard something is seen that the API speaks of. */

/** What wants attention, as far as its place goes. */
type Attention = Pick<
  View<typeof OVERVIEW>['attention']['first'][number],
  'page' | 'zone' | 'hostname' | 'certificate'
>;

/** What ends, as far as its place goes. */
type Expiry = Pick<View<typeof EXPIRY>, 'what' | 'id' | 'zone'>;

/** What belongs to the whole installation is never of a zone. */
const PLACES: Readonly<Record<Exclude<Attention['page'], 'edges' | 'setup' | 'installation'>, string>> = {
  attestations: '/attestations',
  rotations: '/rotations',
  origin_pulls: '/ssl/origin-server',
  edge_certificates: '/ssl/edge-certificates',
  visitors: '/ssl/edge-certificates',
  origin_certificates: '/ssl/origin-server',
  authority: '/ssl/origin-server',
};

/** Pages where each certificate can be led to. */
const SHOW_CERTIFICATES: ReadonlySet<string> = new Set(['/ssl/origin-server', '/ssl/edge-certificates']);

/** The page that mends it. */
export function attentionPath({ page, zone, hostname, certificate }: Attention): string {
  if (page === 'edges') return '/edges';
  if (zone === null || page === 'installation') return '/notices';
  if (page === 'setup') return `/setup/${encodeURIComponent(zone.name)}/${encodeURIComponent(hostname ?? '')}`;
  const place = PLACES[page] ?? '';
  const detail = page === 'attestations' && hostname !== null ? `/${encodeURIComponent(hostname)}` : '';
  const path = zonePath(zone.name, `${place}${detail}`);
  return certificate === null || !SHOW_CERTIFICATES.has(place) ? path : markPath(path, certificate);
}

const EXPIRY_PLACES: Readonly<Record<Exclude<Expiry['what'], 'token' | 'shared'>, string>> = {
  managed: '/ssl/origin-server',
  uploaded: '/ssl/origin-server',
  authority: '/ssl/origin-server',
  origin_ca: '/ssl/origin-server',
  origin_certificate: '/ssl/origin-server',
  visitor: '/ssl/edge-certificates',
  visitor_authority: '/ssl/edge-certificates',
  revocation_list: '/ssl/origin-server',
  bundle_signature: '/ssl/origin-server',
};

/** Where what ends is seen; `null` where no page of its own shows it. */
export function expiryPath({ what, id, zone }: Expiry): string | null {
  if (what === 'token') return markPath('/tokens', id);
  if (what === 'shared') return markPath('/edges', id);
  return zone === null ? null : markPath(zonePath(zone.name, EXPIRY_PLACES[what] ?? ''), id);
}

import { markPath, zonePath } from '../paths.ts';

/** Where in the dashboard something is seen that the API speaks of. */

interface InZone {
  readonly zone: { readonly name: string } | null;
}

/** What wants attention, as far as its place goes. */
interface Seen extends InZone {
  readonly hostname: string | null;
  readonly certificate: string | null;
  readonly page: string;
}

/** What ends, as far as its place goes. */
interface Ends extends InZone {
  readonly what: string;
  readonly id: string;
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

/** Pages where each certificate can be led to. */
const SHOW_CERTIFICATES: ReadonlySet<string> = new Set(['/ssl/origin-server', '/ssl/edge-certificates']);

/** The page that mends it. */
export function attentionPath({ page, zone, hostname, certificate }: Seen): string {
  if (page === 'edges') return '/edges';
  if (zone === null) return '/notices';
  const place = PLACES[page] ?? '';
  const detail = page === 'attestations' && hostname !== null ? `/${encodeURIComponent(hostname)}` : '';
  const path = zonePath(zone.name, `${place}${detail}`);
  return certificate === null || !SHOW_CERTIFICATES.has(place) ? path : markPath(path, certificate);
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
  revocation_list: '/ssl/origin-server',
  bundle_signature: '/ssl/origin-server',
};

/** Where what ends is seen; `null` where no page of its own shows it. */
export function expiryPath({ what, id, zone }: Ends): string | null {
  if (what === 'token') return markPath('/tokens', id);
  return zone === null ? null : markPath(zonePath(zone.name, EXPIRY_PLACES[what] ?? ''), id);
}

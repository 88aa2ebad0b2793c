import type { Instant } from '../domain/ids.ts';
import type { Zone } from '../domain/zone.ts';
import { type Snapshot, seriesKey } from '../wire/metrics.ts';
import type { ControlPlane } from './plane.ts';

/** What ends when, and what it is for. */
interface Ending {
  readonly kind: 'managed' | 'uploaded' | 'shared' | 'visitor' | 'visitor_authority' | 'authority';
  readonly zone: string;
  readonly notAfter: Instant;
}

const DAY = 86_400_000;
const SPANS = { now: 0, '1d': DAY, '7d': 7 * DAY, '30d': 30 * DAY, ever: Number.POSITIVE_INFINITY } as const;
/** How many certificates have a series of their own. */
const SOONEST = 20;

/** What the control plane knows in numbers: revisions, edges, certificates. */
export function controlFigures(
  plane: Pick<ControlPlane, 'revision' | 'edges' | 'installation' | 'zones'>,
  now: Instant,
): Snapshot {
  const gauges: Record<string, number> = { revision: plane.revision() };
  for (const { name, connected, applied } of plane.edges()) {
    gauges[seriesKey('edge_revision', name)] = applied;
    gauges[seriesKey('edge_connected', name)] = connected ? 1 : 0;
  }
  const endings = [...endingsOf(plane)];
  for (const { kind, notAfter } of endings) {
    for (const [span, most] of Object.entries(SPANS)) {
      const series = seriesKey('certificates', kind, span);
      gauges[series] = (gauges[series] ?? 0) + (notAfter - now <= most ? 1 : 0);
    }
  }
  for (const { kind, zone, notAfter } of soonest(endings)) {
    const series = seriesKey('certificate_expiry_seconds', kind, zone);
    gauges[series] = Math.min(gauges[series] ?? Number.POSITIVE_INFINITY, Math.floor((notAfter - now) / 1_000));
  }
  return { counters: {}, gauges };
}

function* endingsOf({ installation, zones }: Pick<ControlPlane, 'installation' | 'zones'>): Iterable<Ending> {
  yield { kind: 'shared', zone: 'none', notAfter: installation.shared.identity.notAfter };
  for (const zone of zones.all()) yield* endingsIn(zone);
}

function* endingsIn(of: Zone): Iterable<Ending> {
  const { id: zone, authority, certificates, customCertificates, visitorAuthorities } = of;
  yield { kind: 'authority', zone, notAfter: authority.intermediate.notAfter };
  for (const { source, wish, leaf } of certificates.values()) {
    if (wish.kind === 'deploy') yield { kind: source, zone, notAfter: leaf.notAfter };
  }
  for (const { leaf } of customCertificates.values()) yield { kind: 'visitor', zone, notAfter: leaf.notAfter };
  for (const { certificates: listed } of visitorAuthorities.values()) {
    for (const { notAfter } of listed) yield { kind: 'visitor_authority', zone, notAfter };
  }
}

// Kept short while it grows: there may be a hundred thousand certificates.
function soonest(endings: readonly Ending[]): readonly Ending[] {
  const kept: Ending[] = [];
  for (const ending of endings) {
    const last = kept.at(-1);
    if (kept.length === SOONEST && last !== undefined && last.notAfter <= ending.notAfter) continue;
    const at = kept.findIndex(({ notAfter }) => notAfter > ending.notAfter);
    kept.splice(at === -1 ? kept.length : at, 0, ending);
    if (kept.length > SOONEST) kept.pop();
  }
  return kept;
}

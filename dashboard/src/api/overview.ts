import type { View } from '../../../src/wire/answer-fields.ts';
import type { EXPIRY, OVERVIEW, ZONE_OVERVIEW } from '../../../src/wire/overview.ts';
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

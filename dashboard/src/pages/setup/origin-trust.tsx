import type { Analytics } from '../../api/analytics.ts';
import { inZone, useResource } from '../../api/resource.ts';
import { Note } from '../../parts/problems.tsx';
import { reasonText } from '../../parts/reason.ts';
import type { Zone } from '../../zone.tsx';
import { OriginCertificates } from './origin-certificate.tsx';
import { PasteCa } from './trust-offer.tsx';

interface OriginTrustProps {
  readonly zone: Zone;
  /** Whose origin it is about, where that is known. */
  readonly hostname?: string;
}

const LOOK_EVERY = 5_000;
const NOT_VERIFIED = 'origin_not_verified';

/** What became of the edge's own attempts to reach the origins of the zone: where it fails, no count at the origin says so. */
export function PullsOfEdge({ zone, hostname }: OriginTrustProps) {
  const about = hostname === undefined ? { zone } : { zone, hostname };
  const path = `/postern/v1/zones/${zone.id}/analytics?last=15m`;
  const [seen] = useResource<Analytics>(path, { on: inZone(zone.id), every: LOOK_EVERY });
  if (seen.kind !== 'ready') return null;
  const { pulls, failures } = seen.value.totals;
  if (failures.length === 0) return null;
  return (
    <Note kind="problem">
      <p>
        Within the last 15 minutes, {failures.reduce((sum, { count }) => sum + count, 0).toLocaleString()} of{' '}
        {pulls.all.toLocaleString()} {pulls.all === 1 ? 'pull' : 'pulls'} of this zone failed:
      </p>
      <ul>
        {failures.map(({ reason, count }) => (
          <li key={reason}>
            {reasonText(reason)} ({count.toLocaleString()} {count === 1 ? 'time' : 'times'}).
          </li>
        ))}
      </ul>
      {failures.some(({ reason }) => reason === NOT_VERIFIED) && <Unverified {...about} />}
    </Note>
  );
}

/** The edge was seen not to believe the origin, whether or not somebody visits. */
export function OriginUnbelieved(props: OriginTrustProps) {
  return (
    <Note kind="problem">
      <p>{reasonText(NOT_VERIFIED)}: every visitor gets an error (526).</p>
      <Unverified {...props} />
    </Note>
  );
}

function Unverified({ zone, hostname }: OriginTrustProps) {
  return (
    <>
      <p>
        In the mode Full (strict) the edge pulls only from who it can verify. Where the certificate of the origin comes
        from a CA of your own, or is self-signed, have the edge trust that CA. Where its name or its date is wrong, give
        the origin another certificate.
      </p>
      {hostname === undefined ? <PasteCa zone={zone} /> : <OriginCertificates zone={zone} names={[hostname]} />}
    </>
  );
}

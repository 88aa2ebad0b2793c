import type { Analytics } from '../../api/analytics.ts';
import { inZone, useResource } from '../../api/resource.ts';
import { Moment } from '../../parts/moment.tsx';
import { Note } from '../../parts/problems.tsx';
import { reasonText } from '../../parts/reason.ts';
import type { Zone } from '../../zone.tsx';
import { isBelieved, isDisbelieved, useCertificateLooks } from './certificate-looks.ts';
import { type FailedPulls, failedSince, later } from './failed-pulls.ts';
import { SeenCertificates } from './origin-certificate.tsx';

interface PullsProps {
  readonly zone: Zone;
  /** Whose origin it is about. */
  readonly hostname: string;
  /** Pulls of before say nothing: the configuration of the origin was another. */
  readonly since?: string;
  /** A look at the lock found that the edge does not believe the origin; it may have been mended since. */
  readonly isSuspected?: boolean;
}

const LOOK_EVERY = 5_000;
const NOT_VERIFIED = 'origin_not_verified';

/**
 * Where the edge itself does not get through to an origin: no count at the origin says so. First whether it believes what the
 * origin shows now, then which of its pulls failed since anything was changed: what failed before may be mended by that.
 */
export function PullsOfEdge({ zone, hostname, since, isSuspected = false }: PullsProps) {
  const [shown, again] = useCertificateLooks(zone.id, [hostname]);
  const failed = useFailedPulls(zone.id, since);
  const looks = shown.kind === 'ready' ? shown.value : null;
  const isDoubted = looks !== null && (isDisbelieved(looks) || (isSuspected && !isBelieved(looks)));
  // What is to be done about those stands there.
  const reasons = failed.reasons.filter(({ reason }) => !isDoubted || reason !== NOT_VERIFIED);
  return (
    <>
      {isDoubted && <SeenCertificates zone={zone} seen={shown} again={again} urgency="failing" />}
      {reasons.length > 0 && <Failed since={failed.since} reasons={reasons} />}
    </>
  );
}

/** Whether pulls of a zone fail because the edge does not believe an origin, since the zone was changed last. */
export function useFailsUnbelieved(id: string): boolean {
  return useFailedPulls(id, undefined).reasons.some(({ reason }) => reason === NOT_VERIFIED);
}

const NONE: FailedPulls = { since: null, reasons: [] };

function useFailedPulls(id: string, since: string | undefined): FailedPulls {
  const on = inZone(id);
  const [zone] = useResource<{ readonly modified_on: string }>(`/client/v4/zones/${id}`, { on });
  const [seen] = useResource<Analytics>(`/postern/v1/zones/${id}/analytics?last=15m`, { on, every: LOOK_EVERY });
  if (seen.kind !== 'ready' || zone.kind !== 'ready') return NONE;
  const { modified_on: changed } = zone.value;
  return failedSince(seen.value, since === undefined ? changed : later(since, changed));
}

function Failed({ since, reasons }: FailedPulls) {
  const all = reasons.reduce((sum, { count }) => sum + count, 0);
  return (
    <Note kind="problem">
      <p>
        {since === null ? (
          'Within the last 15 minutes'
        ) : (
          <>
            Since the last change (<Moment at={since} />)
          </>
        )}
        , {all.toLocaleString()} {all === 1 ? 'pull' : 'pulls'} for visitors of this zone failed:
      </p>
      <ul class="setup-notes">
        {reasons.map(({ reason, count }) => (
          <li key={reason}>
            {reasonText(reason)} ({count.toLocaleString()} {count === 1 ? 'time' : 'times'}).
            {reason === NOT_VERIFIED &&
              ' It is not what is shown here now: another origin of the zone may be meant, or one that does not always show the same certificate.'}
          </li>
        ))}
      </ul>
    </Note>
  );
}

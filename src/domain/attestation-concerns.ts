import { type Attestation, attestationKey } from './attestation.ts';
import type { Instant } from './ids.ts';
import { type Concern, NO_SUBJECT, NOTICE_KINDS, type NoticeCode } from './notice.ts';
import { isOpen } from './opening.ts';
import { originWords } from './proof.ts';
import type { Zone } from './zone.ts';

const HOUR = 3_600_000;
/** How long something that is over is still worth a word, for those who were not there. */
const NEWS = 7 * 24 * HOUR;

/** Which locks of a zone do not hold, and which hold again. One that somebody opened for a while is as it should be. */
export function attestationConcerns(
  { openings }: Pick<Zone, 'openings'>,
  attestations: readonly Attestation[],
  now: Instant,
): readonly Concern[] {
  return attestations.flatMap((attestation) => {
    const opening = openings.get(attestation.origin.hostname);
    const meant = opening !== undefined && isOpen(opening, now);
    return concern(attestation, now, meant);
  });
}

function concern(attestation: Attestation, now: Instant, meant: boolean): readonly Concern[] {
  const { verdict, since, lockedSince, lastOpen, lastBroken } = attestation;
  switch (verdict) {
    case 'open':
      return meant ? [] : [of('lock_open', attestation)];
    case 'broken':
      return [of('lock_broken', attestation)];
    case 'unknown':
      return now - since >= HOUR ? [of('lock_unseen', attestation)] : [];
    case 'locked': {
      const again = (lastOpen ?? lastBroken) !== null && lockedSince !== null && now - lockedSince < NEWS;
      return again && !meant ? [of('lock_holds', attestation)] : [];
    }
  }
}

function of(code: NoticeCode, attestation: Attestation): Concern {
  const { origin, findings } = attestation;
  const [first] = findings;
  return {
    key: `${code} ${attestationKey(attestation)}`,
    stage: 1,
    code,
    severity: NOTICE_KINDS[code].severity,
    about: { ...NO_SUBJECT, hostnames: [origin.hostname], origin },
    detail: first === undefined ? originWords(origin) : `${originWords(origin)}: ${first}`,
  };
}

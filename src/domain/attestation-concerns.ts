import { type Attestation, attestationKey } from './attestation.ts';
import type { Hostname, Instant } from './ids.ts';
import { type LookPause, pauseInForce } from './look-settings.ts';
import { type Concern, NO_SUBJECT, NOTICE_KINDS, type NoticeCode } from './notice.ts';
import { isOpen } from './opening.ts';
import { originWords } from './proof.ts';
import { isNotYet, type SetupStanding } from './under-setup.ts';
import type { Zone } from './zone.ts';

const HOUR = 3_600_000;
/** How long something that is over is still worth a word, for those who were not there. */
const NEWS = 7 * 24 * HOUR;

const DAY = 24 * HOUR;

/** What the locks of a zone are judged by beside what was seen of them. */
type Judged = Pick<Zone, 'openings' | 'looks'>;

interface Telling {
  readonly now: Instant;
  /** The set-up of a hostname that is under way. */
  readonly setup: (hostname: Hostname) => SetupStanding | null | undefined;
  /** The words for the code of a finding. */
  readonly title: (code: string) => string;
}

/** Which locks of a zone do not hold, which hold now that did not, and that nobody looks. One that somebody opened for a while is as it should be. */
export function attestationConcerns(
  zone: Judged,
  attestations: readonly Attestation[],
  telling: Telling,
): readonly Concern[] {
  const { now } = telling;
  const pause = pauseInForce(zone.looks, now);
  return [
    ...(pause === null || attestations.length === 0 ? [] : [paused(pause)]),
    ...attestations.flatMap((attestation) => concern(zone, attestation, telling)),
  ];
}

function concern({ openings, looks }: Judged, attestation: Attestation, telling: Telling): readonly Concern[] {
  const { now, title, setup } = telling;
  const opening = openings.get(attestation.origin.hostname);
  const meant = opening !== undefined && isOpen(opening, now);
  const isComing = isNotYet(attestation, setup(attestation.origin.hostname), now);
  switch (attestation.verdict) {
    case 'open':
      return meant ? [] : [of(isComing ? 'lock_not_yet' : 'lock_open', attestation, title)];
    case 'broken':
      return [of('lock_broken', attestation, title)];
    case 'unknown': {
      // Who was told that nobody looks need not hear that nothing was seen; after that the hour begins anew.
      const since = Math.max(attestation.since, looks.pause?.until ?? 0);
      return now - since >= HOUR ? [of(isComing ? 'lock_not_yet' : 'lock_unseen', attestation, title)] : [];
    }
    case 'locked':
      return heldBefore(attestation, looks.pause, now) || meant ? [] : [of('lock_holds', attestation, title)];
  }
}

/** Whether it is no news that it holds. */
function heldBefore({ lockedSince, lastOpen, lastBroken }: Attestation, pause: LookPause | null, now: Instant) {
  const fault = Math.max(lastOpen ?? 0, lastBroken ?? 0);
  if (fault === 0 || lockedSince === null || now - lockedSince >= NEWS) return true;
  // It is locked since the pause for want of looks: what was wrong was over long before.
  return pause !== null && fault < pause.since - DAY && lockedSince >= pause.since;
}

function paused({ since, until, because }: LookPause): Concern {
  const code = 'looks_paused';
  const { severity } = NOTICE_KINDS[code];
  const detail = `not looked at until ${minute(until)}, because: ${because}`;
  return {
    key: `${code} ${since} ${until}`,
    stage: 1,
    code,
    severity,
    about: { ...NO_SUBJECT, endsAt: until },
    detail,
  };
}

// As in "2031-01-31 12:00 UTC".
function minute(time: Instant): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function of(code: NoticeCode, attestation: Attestation, title: Telling['title']): Concern {
  const { origin, findings } = attestation;
  const [first] = findings;
  return {
    key: `${code} ${attestationKey(attestation)}`,
    stage: 1,
    code,
    severity: NOTICE_KINDS[code].severity,
    about: { ...NO_SUBJECT, hostnames: [origin.hostname], origin },
    detail: first === undefined ? originWords(origin) : `${originWords(origin)}: ${title(first)}`,
  };
}

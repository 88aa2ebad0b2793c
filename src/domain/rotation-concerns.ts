import type { X509Facts } from './certificate.ts';
import { type Instant, instant } from './ids.ts';
import {
  type Concern,
  NO_SUBJECT,
  NOTICE_KINDS,
  type NoticeCode,
  type NoticeSubject,
  type Severity,
} from './notice.ts';
import { FINDINGS, type OriginName, originKey, originOf, originWords } from './proof.ts';
import { isRunning, type OriginFact, type Rotation } from './rotation.ts';
import type { Zone } from './zone.ts';

const DAY = 86_400_000;
/** How long something that is over is still worth a word, for those who were not there. */
const NEWS = 7 * DAY;
/** An origin may hold a rotation for this part of what the old certificate has left, or for a day. */
const PATIENCE = 1 / 3;
/** Days before the end of the old certificate at which an origin that holds is spoken of once more. */
const LAST_CALLS = [7, 1] as const;
/** Later than the root by more than the time that an installation takes to be made. */
const FIRST_OF_ALL = 3_600_000;

/** What is seen of a rotation now: what its rotator knows of each origin. */
export interface HeldSight {
  readonly origins: readonly OriginFact[];
}

/** Whether a concern is about what is seen of origins, which is not known before somebody has looked. */
export function needsSight(key: string): boolean {
  return key.startsWith('held ');
}

/** How the rotation of a zone goes, and which of its origins want somebody's attention. */
export function rotationConcerns({ rotation }: Zone, sight: HeldSight | null, now: Instant): readonly Concern[] {
  if (rotation === null) return [];
  return [
    ...progress(rotation, now),
    ...switchedBack(rotation),
    ...(sight === null || !isRunning(rotation) ? [] : held(rotation, sight, now)),
  ];
}

/** That the shared identity is another one, where a zone presents it. */
export function sharedChange(
  { settings: { globalPull, zonePull } }: Zone,
  { root, leaf }: { readonly root: X509Facts; readonly leaf: X509Facts },
  now: Instant,
): readonly Concern[] {
  const renewed = leaf.notBefore - root.notBefore > FIRST_OF_ALL;
  if (!globalPull || zonePull || !renewed || now - leaf.notBefore > NEWS) return [];
  const { fingerprint, subject } = leaf;
  const about = { ...NO_SUBJECT, fingerprint, subject };
  const key = `shared_identity_changed ${fingerprint}`;
  const detail = `its fingerprint (SHA-256) is ${fingerprint}`;
  return [{ key, stage: 1, code: 'shared_identity_changed', severity: 'warning', about, detail }];
}

function progress(rotation: Rotation, now: Instant): readonly Concern[] {
  const { id, what, cause, rehearsal, phase, startedAt } = rotation;
  const key = `rotation ${id}`;
  const about: NoticeSubject = { ...NO_SUBJECT, rotation: id };
  const name = rehearsal ? `a rehearsal for the ${what}` : `of the ${what}`;
  if (phase.kind === 'ended') {
    if (now - phase.at > NEWS) return [];
    const code: NoticeCode = phase.outcome === 'undone' ? 'rotation_undone' : 'rotation_ended';
    const because = phase.because === '' ? '' : `: ${phase.because}`;
    return [of(code, { key, stage: 2, about, detail: `${name}, ${phase.outcome}${because}` })];
  }
  if (now - startedAt > NEWS) return [];
  // Somebody should hear of an emergency in any case.
  const severity: Severity = cause === 'emergency' && !rehearsal ? 'warning' : 'info';
  return [{ ...of('rotation_begun', { key, stage: 1, about, detail: `${name}, ${cause}` }), severity }];
}

function switchedBack({ id, standings }: Rotation): readonly Concern[] {
  return [...standings.values()].flatMap((standing) => {
    if (standing.kind !== 'reverted') return [];
    const { origin, because, times } = standing;
    const detail = `${originWords(origin)}: ${because}${times > 1 ? ` (${times} times so far)` : ''}`;
    const key = `reverted ${id} ${originKey(origin)}`;
    return [of('origin_switched_back', { key, stage: times, about: aboutOrigin(origin, id), detail })];
  });
}

/** The origins that keep a rotation from going on, for longer than is good. */
function held(rotation: Rotation, { origins }: HeldSight, now: Instant): readonly Concern[] {
  if (rotation.rehearsal) return [];
  switch (rotation.phase.kind) {
    case 'proving':
    case 'canary':
    case 'switching':
    case 'watching':
      return origins
        .filter(({ task }) => rotation.standings.get(originKey(task))?.kind !== 'switched')
        .flatMap((fact) => unproved(rotation, fact, now));
    case 'confirming': {
      if (now - rotation.phase.since <= DAY) return [];
      return origins
        .filter(({ oldRefused, oldUntil }) => now < oldUntil && !oldRefused)
        .map(({ task }) => {
          const key = `held ${rotation.id} old ${originKey(task)}`;
          return of('old_ca_trusted', {
            key,
            stage: 1,
            about: aboutOrigin(task, rotation.id),
            detail: originWords(task),
          });
        });
    }
    case 'draining':
    case 'retiring':
    case 'undoing':
    case 'ended':
      return [];
  }
}

function unproved(rotation: Rotation, { task, lately, oldUntil }: OriginFact, now: Instant) {
  const standing = rotation.standings.get(originKey(task));
  const since = standing?.kind === 'reverted' ? standing.at : rotation.startedAt;
  const urgency = patience(rotation, since, oldUntil, now);
  const finding = lately ?? 'unseen';
  const key = `held ${rotation.id} ${originKey(task)}`;
  const about = { ...aboutOrigin(task, rotation.id), endsAt: instant(oldUntil) };
  // Not worth a word now; kept in mind, so that an origin that wavers is not spoken of each time.
  if (urgency === 0 || finding === 'proved') return [of('proof_missing', { key, stage: 0, about, detail: '' })];
  const refuses = finding === 'refused';
  const { text, fix } = FINDINGS[finding];
  const day = new Date(oldUntil).toISOString().slice(0, 10);
  const paused = rotation.paused === null ? '' : ' The rotation is paused.';
  const concern = of(refuses ? 'origin_refuses' : 'proof_missing', {
    key,
    // What is found may change to and fro: only that it refuses after all is news.
    stage: 2 * urgency + (refuses ? 1 : 0),
    about,
    detail: `${originWords(task)}: ${text}. ${fix} The old certificate ends on ${day}.${paused}`,
  });
  return [urgency > LAST_CALLS.length ? { ...concern, severity: 'critical' as const } : concern];
}

/** How urgent it is that an origin lets its rotation go on: 0 for not yet. */
function patience({ paused }: Rotation, since: Instant, oldUntil: Instant, now: Instant): number {
  if (now - since <= Math.min(DAY, (oldUntil - since) * PATIENCE)) return 0;
  const calls = LAST_CALLS.filter((days) => oldUntil - now <= days * DAY).length;
  // Whoever paused it knows that it rests; that its time runs out, perhaps not.
  return paused !== null && calls === 0 ? 0 : 1 + calls;
}

function of(code: NoticeCode, concern: Pick<Concern, 'key' | 'stage' | 'about' | 'detail'>): Concern {
  return { ...concern, code, severity: NOTICE_KINDS[code].severity };
}

function aboutOrigin(origin: OriginName, rotation: Rotation['id']): NoticeSubject {
  return { ...NO_SUBJECT, hostnames: [origin.hostname], origin: originOf(origin), rotation };
}

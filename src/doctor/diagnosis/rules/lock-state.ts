import { ALERTS } from '../alerts.ts';
import { asksForLocked, isFront, isPlain } from '../application.ts';
import type { Rule, Ruling } from '../ruling.ts';
import { atFront, inside, isStranger, isVersionAlert, type Scene, type Sight } from '../scene.ts';

/** What keeps a lock from being called one: nothing seen of it, or nothing that only a lock would do. */
export const lockState: Rule = (scene) => {
  const tls = scene.seen.filter(({ probe }) => probe.tls !== null);
  const plain = scene.seen.filter(({ probe }) => probe.tls === null && isStranger(probe));
  if (scene.target.door === 'http' || !tls.some(speaksTls)) {
    if (scene.target.door !== 'https') return sideDoor(plain.length > 0 ? plain : tls);
  }
  return front(
    scene,
    tls.filter(({ probe }) => isStranger(probe)),
  );
};

function front(scene: Scene, strangers: readonly Sight[]): readonly Ruling[] {
  const bare = strangers.filter(({ probe }) => probe.credential === 'none' && isFront(probe) && isPlain(probe));
  const answered = bare.filter(({ reading }) => !isVersionAlert(reading));
  if (answered.length === 0) return [doubt('not_reached', bare)];
  const unreached = strangers.filter(
    ({ reading, saw }) => reading.kind === 'nothing' && saw.kind !== 'not_resumed' && saw.kind !== 'no_http2',
  );
  if (unreached.length > 0) return [doubt(unreached.every(isUnreached) ? 'not_reached' : 'no_clear_answer', unreached)];
  const unclear = strangers.filter(({ reading, probe }) => reading.kind === 'unclear' && asksForLocked(probe));
  if (unclear.length > 0) return [doubt('answer_unclear', unclear)];
  // Where the right one gets in, whatever keeps the others out is the lock. Else only a word about certificates is.
  if (inside(atFront(scene, 'right')).length > 0) return [];
  const unexplained = answered.filter(
    (sight) => sight.reading.kind !== 'application' && !isAboutCertificates(scene, sight),
  );
  return unexplained.length === 0 ? [] : [doubt('refusal_unexplained', unexplained)];
}

/** The refusal itself says that a certificate is missing. */
function isAboutCertificates({ asks }: Scene, { reading }: Sight): boolean {
  if (reading.kind !== 'refused') return false;
  if (reading.by !== 'alert') return reading.by === 'page';
  return ALERTS[reading.number]?.certificate === true || (reading.number === 40 && asks === true);
}

// Where nobody is served, nobody needs to be kept out: a closed door is as good as a lock.
function sideDoor(seen: readonly Sight[]): readonly Ruling[] {
  if (seen.length === 0) return [doubt('not_reached', [])];
  const silent = seen.filter(
    ({ saw }) => saw.kind === 'silent' || (saw.kind === 'unreachable' && saw.code !== 'ECONNREFUSED'),
  );
  if (silent.length > 0) return [doubt(silent.every(isUnreached) ? 'not_reached' : 'no_clear_answer', silent)];
  const unclear = seen.filter(
    ({ reading, saw, probe }) => (reading.kind === 'unclear' && asksForLocked(probe)) || saw.kind === 'unreadable',
  );
  return unclear.length === 0 ? [] : [doubt('answer_unclear', unclear)];
}

function doubt(
  code: 'not_reached' | 'no_clear_answer' | 'answer_unclear' | 'refusal_unexplained',
  evidence: readonly Sight[],
): Ruling {
  return { code, effect: 'unknown', detail: '', evidence };
}

function isUnreached({ saw }: Sight): boolean {
  return saw.kind === 'unreachable' || (saw.kind === 'silent' && saw.stage === 'connecting');
}

function speaksTls({ saw, handshake }: Sight): boolean {
  return handshake !== null || saw.kind === 'alert' || saw.kind === 'answered';
}

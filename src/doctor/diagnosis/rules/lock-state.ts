import { ALERTS } from '../alerts.ts';
import { asksForLocked, isFront, isPlain } from '../application.ts';
import type { Rule, Ruling } from '../ruling.ts';
import { atFront, inside, isStranger, isVersionAlert, type Scene, type Sight, speaksTls } from '../scene.ts';

/** What keeps a lock from being called one: nothing seen of it, or nothing that only a lock would do. */
export const lockState: Rule = (scene) => {
  const said = scene.seen.filter(
    ({ probe, saw }) => isStranger(probe) && saw.kind !== 'not_resumed' && saw.kind !== 'no_http2',
  );
  const tls = said.filter(({ probe }) => probe.tls !== null);
  const plain = said.filter(({ probe }) => probe.tls === null);
  if (scene.target.door === 'https') return [...front(scene, tls), ...unclearIn(plain)];
  return speaksTls(scene) ? [...front(scene, tls), ...unclearIn(plain)] : sideDoor(plain.length > 0 ? plain : tls);
};

function front(scene: Scene, strangers: readonly Sight[]): readonly Ruling[] {
  const bare = strangers.filter(({ probe }) => probe.credential === 'none' && isFront(probe) && isPlain(probe));
  const answered = bare.filter(({ reading }) => !isVersionAlert(reading));
  if (answered.length === 0) return [doubt('no_clear_answer', bare)];
  const unreached = strangers.filter(({ reading }) => reading.kind === 'nothing');
  if (unreached.length > 0) return [doubt(unreached.every(isUnreached) ? 'not_reached' : 'no_clear_answer', unreached)];
  // HTTP/2 has fewer words for a refusal, so none of them proves a lock.
  const first = answered.filter(({ probe }) => probe.protocol === 'http/1.1');
  if (first.length === 0) return [doubt('no_clear_answer', answered)];
  return [...unclearIn(strangers), ...unexplained(scene, first)];
}

// Where the right one gets in, whatever keeps the others out is the lock. Else only a word about certificates is.
function unexplained(scene: Scene, bare: readonly Sight[]): readonly Ruling[] {
  if (inside(atFront(scene, 'right')).length > 0) return [];
  const turned = bare.filter(({ reading }) => reading.kind !== 'application' && reading.kind !== 'unclear');
  const odd = turned.filter((sight) => !isAboutCertificates(scene, sight));
  if (odd.length === 0) return [];
  return [
    doubt(
      odd.every(isUnknownName) ? 'name_unknown' : scene.asks === false ? 'refused_unasked' : 'refusal_unexplained',
      odd,
    ),
  ];
}

function isUnknownName({ reading }: Sight): boolean {
  return reading.kind === 'refused' && reading.by === 'alert' && reading.number === 112;
}

function unclearIn(strangers: readonly Sight[]): readonly Ruling[] {
  const unclear = strangers.filter(({ reading, probe }) => reading.kind === 'unclear' && asksForLocked(probe));
  return unclear.length === 0 ? [] : [doubt('answer_unclear', unclear)];
}

/** Whoever shows no certificate is turned away where the edge knocks by the server itself, and not by what it serves. */
export function refusesOutright(scene: Scene): boolean {
  const bare = atFront(scene, 'none').filter(({ reading }) => reading.kind === 'refused' && !isVersionAlert(reading));
  return bare.length > 0 && bare.every((sight) => isAboutCertificates(scene, sight) || isOwnPage(sight));
}

function isOwnPage({ saw }: Sight): boolean {
  return saw.kind === 'answered' && saw.answer.page?.endsWith('_error') === true;
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
    ({ saw }) =>
      saw.kind === 'silent' || saw.kind === 'unreadable' || (saw.kind === 'unreachable' && saw.code !== 'ECONNREFUSED'),
  );
  if (silent.length > 0) return [doubt(silent.every(isUnreached) ? 'not_reached' : 'no_clear_answer', silent)];
  return unclearIn(seen);
}

function doubt(code: Doubt, evidence: readonly Sight[]): Ruling {
  return { code, effect: 'unknown', detail: '', evidence };
}

type Doubt =
  | 'not_reached'
  | 'no_clear_answer'
  | 'answer_unclear'
  | 'refusal_unexplained'
  | 'refused_unasked'
  | 'name_unknown';

function isUnreached({ saw }: Sight): boolean {
  return saw.kind === 'unreachable' || (saw.kind === 'silent' && saw.stage === 'connecting');
}

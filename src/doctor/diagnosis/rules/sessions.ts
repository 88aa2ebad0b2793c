import { notes, opens, type Rule, where } from '../ruling.ts';
import { atFront, inside, isStranger, type Scene, type Sight } from '../scene.ts';

/** What a resumed session opens that a new connection does not, and early data. */
export const sessions: Rule = (scene) => {
  const resumed = inside(scene.seen).filter(({ probe }) => probe.resumes !== null && probe.credential !== 'right');
  const bareIn = inside(atFront(scene, 'none')).length > 0;
  const strange = resumed.filter((sight) => isStranger(sight.probe) && !entersFresh(scene, sight));
  const ofName = strange.filter(({ probe }) => probe.resumes?.sni === 'locked');
  const ofOther = strange.filter(({ probe }) => probe.resumes?.sni !== 'locked');
  const bare = ofOther.filter(({ probe }) => probe.resumes?.credential === 'none');
  const shown = ofOther.filter(({ probe }) => probe.resumes?.credential !== 'none');
  return [
    // Where any session without a certificate will do, that of another name is no hole of its own.
    ...where(ofName, (evidence) => opens('certificateless_session', [...evidence, ...bare, ...shown])),
    ...(ofName.length > 0 ? [] : where(bare, (evidence) => opens('foreign_session', [...evidence, ...shown]))),
    ...(ofName.length > 0 || bare.length > 0
      ? []
      : where(shown, (evidence) => opens('session_of_other_authority', evidence))),
    ...where(bareIn ? [] : resumed.filter(({ probe }) => !isStranger(probe)), (evidence) =>
      notes('lasting_sessions', evidence),
    ),
    ...where(scene.seen.filter(({ handshake }) => handshake?.earlyData === true).slice(0, 2), (evidence) =>
      notes('early_data', evidence),
    ),
  ];
};

// The session is of no account where the caller, or the one that made it, gets in without.
function entersFresh(scene: Scene, { probe }: Sight): boolean {
  const made = probe.resumes?.credential ?? 'none';
  return inside(atFront(scene, probe.credential, made)).length > 0;
}

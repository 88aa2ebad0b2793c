import type { Saw } from '../../observation.ts';
import type { Echo } from '../../probes/echo.ts';
import { claimsVerified, isFront } from '../application.ts';
import { notes, opens, type Rule, where } from '../ruling.ts';
import { atFront, inside, isStranger, type Scene, type Sight } from '../scene.ts';

/** What a caller brings about by saying itself what only the server may say. */
export const headers: Rule = (scene) => {
  const claimed = inside(scene.seen).filter(({ probe }) => claimsVerified(probe) && isStranger(probe));
  const decisive = claimed.filter((sight) => !entersWithout(scene, sight));
  return [
    ...where(decisive, (evidence) => opens('header_passed', evidence)),
    ...where(believedOfTheRight(scene), (evidence) => notes('header_kept', evidence)),
    ...where(untold(scene), (evidence) => notes('header_absent', evidence)),
  ];
};

// Where the same look without the header shows the application too, the header opens nothing.
function entersWithout({ seen }: Scene, { probe }: Sight): boolean {
  return inside(seen).some(
    ({ probe: other }) =>
      !claimsVerified(other) &&
      other.resumes === null &&
      other.credential === probe.credential &&
      other.path === probe.path &&
      (other.tls === null) === (probe.tls === null) &&
      isFront(other) === isFront(probe),
  );
}

// A page that prints its request shows what the application is told of the edge.
function untold(scene: Scene): readonly Sight[] {
  const printing = inside(atFront(scene, 'right')).filter(({ saw }) => echoIn(saw) !== null);
  return printing.every(({ saw }) => echoIn(saw)?.verified === false) ? printing : [];
}

/** What the page of an answer shows of its request. */
export function echoIn(saw: Saw): Echo | null {
  return saw.kind === 'answered' ? saw.answer.echo : null;
}

// The right caller says of itself that it was not verified, and is treated so: what it says arrives.
function believedOfTheRight(scene: Scene): readonly Sight[] {
  const admitted = inside(atFront(scene, 'right'));
  if (admitted.length === 0) return [];
  return scene.seen.filter(
    ({ probe, reading }) =>
      probe.credential === 'right' &&
      probe.forges === 'failure' &&
      (reading.kind === 'refused' || reading.kind === 'unclear'),
  );
}

import { isFront } from '../application.ts';
import { opens, type Rule, where } from '../ruling.ts';
import { inside, isStranger } from '../scene.ts';

/** What a caller brings about by saying itself what only the server may say. */
export const headers: Rule = (scene) => {
  const forging = inside(scene.seen).filter(({ probe }) => probe.forges && isStranger(probe));
  // The same look without the header: where it shows the application too, the header opens nothing.
  const decisive = forging.filter(({ probe }) =>
    inside(scene.seen).every(
      (other) =>
        other.probe.forges ||
        other.probe.credential !== probe.credential ||
        other.probe.path !== probe.path ||
        (other.probe.tls === null) !== (probe.tls === null) ||
        isFront(other.probe) !== isFront(probe),
    ),
  );
  return where(decisive, (evidence) => opens('header_passed', evidence));
};

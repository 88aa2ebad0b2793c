import { asksForLocked, claimsVerified, isPlain } from '../application.ts';
import type { FindingCode } from '../findings.ts';
import { notes, opens, type Rule, where } from '../ruling.ts';
import { inside, isStranger, type Scene, type Sight } from '../scene.ts';

/** Doors beside the one that is locked: plain HTTP, and other ports. */
export const doors: Rule = (scene) => {
  const plain = scene.seen.filter(({ probe }) => probe.tls === null && isStranger(probe));
  const asked = inside(plain.filter(({ probe }) => isPlain(probe)));
  const otherwise = inside(plain.filter(({ probe }) => !isPlain(probe) && !claimsVerified(probe)));
  const evidence = asked.length > 0 ? asked : otherwise;
  return [
    ...where(evidence, (sights) => opens(doorCode(scene), sights)),
    ...(evidence.length > 0 ? [] : where(welcomed(scene), (sights) => notes('welcome_page', sights))),
    ...where(scene.seen.filter(({ saw }) => saw.kind === 'answered' && saw.answer.http3).slice(0, 1), (sights) =>
      notes('http3_unseen', sights),
    ),
  ];
};

// Of the locked name alone: under another one it is that of another site.
function welcomed({ seen }: Scene): readonly Sight[] {
  return seen.filter(
    ({ probe, saw, reading }) =>
      reading.kind === 'other_page' &&
      asksForLocked(probe) &&
      saw.kind === 'answered' &&
      saw.answer.page === 'default_page',
  );
}

// What answers without TLS at a port of its own is most often what stands behind the server that locks.
function doorCode({ target }: Scene): FindingCode {
  return target.door === 'other' && target.port !== 80 ? 'application_port' : 'plain_http';
}

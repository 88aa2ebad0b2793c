import type { FindingCode } from '../findings.ts';
import { notes, opens, type Rule, type Ruling, where } from '../ruling.ts';
import { atFront, inside, refused, type Scene, type Sight } from '../scene.ts';

/** Who gets in where the edge knocks: the rows of the table of bare, self-made and foreign certificates. */
export const baseMatrix: Rule = (scene) => {
  const bare = inside(atFront(scene, 'none'));
  if (bare.length > 0) return [openToAll(scene, bare)];
  return [...anyOrForeign(scene), ...ofTheSameAuthority(scene)];
};

// Nobody needs a certificate. Whether one is asked for, and what a wrong one brings, says which setting is meant.
function openToAll(scene: Scene, bare: readonly Sight[]): Ruling {
  const made = atFront(scene, 'self_signed', 'foreign', 'same_name');
  const madeIn = inside(made);
  const turnedAway = refused(made);
  const kept = refused(atFront(scene, 'none')).filter(({ probe }) =>
    bare.every((one) => one.probe.path !== probe.path),
  );
  if (kept.length > 0) return opens('some_paths_only', [...bare, ...kept]);
  if (scene.asks === true || turnedAway.length > 0) {
    const code = madeIn.length > 0 ? 'unverified' : 'optional';
    return opens(code, [...bare, ...madeIn, ...turnedAway]);
  }
  return opens(doorCode(scene), [...bare, ...madeIn]);
}

// Where nobody is asked, the door itself is what is too many, if another one of the same host is locked.
function doorCode({ target, elsewhere }: Scene): FindingCode {
  if (target.door === 'other') return 'other_port';
  const lockedElsewhere = elsewhere.some(
    ({ probe, reading }) =>
      probe.credential === 'none' &&
      probe.target.door === 'https' &&
      !probe.target.address.includes(':') &&
      reading.kind === 'refused',
  );
  return target.address.includes(':') && lockedElsewhere ? 'ipv6_open' : 'not_asked';
}

function anyOrForeign(scene: Scene): readonly Ruling[] {
  const self = inside(atFront(scene, 'self_signed'));
  const foreign = inside(atFront(scene, 'foreign'));
  const sameName = inside(atFront(scene, 'same_name'));
  const unwanted = inside(atFront(scene, 'unwanted'));
  if (self.length > 0) return [opens('any_certificate', [...self, ...foreign, ...sameName, ...unwanted])];
  if (foreign.length > 0) return [opens('foreign_admitted', [...foreign, ...sameName, ...unwanted])];
  return [
    ...where(sameName, (evidence) => opens('issuer_by_name', evidence)),
    ...where(unwanted, (evidence) => opens('neighbour_admitted', evidence)),
    ...where(inside(atFront(scene, 'forged', 'forged_stranger', 'forged_server')), (evidence) =>
      opens('any_certificate', evidence),
    ),
  ];
}

// Certificates of the right authority that are wrong in some other way. Where strangers get in anyway, they say nothing.
function ofTheSameAuthority(scene: Scene): readonly Ruling[] {
  if (inside(atFront(scene, 'self_signed', 'foreign', 'same_name')).length > 0) return [];
  return [
    ...where(inside(atFront(scene, 'expired', 'not_yet_valid', 'server_only')), (evidence) =>
      opens('dated_admitted', evidence),
    ),
    ...where(inside(atFront(scene, 'neighbour')), (evidence) => notes('neighbour_could_pass', evidence)),
    ...where(inside(atFront(scene, 'revoked')), (evidence) => notes('no_revocation', evidence)),
    ...where(inside(atFront(scene, 'no_purpose')), (evidence) => notes('purpose_unchecked', evidence)),
    ...where(inside(atFront(scene, 'weak_key')), (evidence) => notes('weak_key', evidence)),
  ];
}

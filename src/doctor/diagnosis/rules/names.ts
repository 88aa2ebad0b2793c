import { isFront, isPlain } from '../application.ts';
import { notes, opens, type Rule, where } from '../ruling.ts';
import { atFront, inside, isStranger, type Scene, type Sight } from '../scene.ts';

/** Other names in the handshake, in Host, or other spellings: ways around a lock that holds at the front. */
export const names: Rule = (scene) => {
  const variants = scene.seen.filter(
    ({ probe }) =>
      probe.tls !== null &&
      probe.resumes === null &&
      !probe.forges &&
      isStranger(probe) &&
      !(isFront(probe) && isPlain(probe)),
  );
  const around = inside(variants).filter((sight) => holdsAtFront(scene, sight));
  const respelled = around.filter(({ probe }) => isFront(probe));
  const sameHost = around.filter(({ probe }) => probe.host === 'locked' && !isFront(probe));
  const otherHost = around.filter(({ probe }) => probe.host !== 'locked');
  const bare = sameHost.filter(({ probe }) => probe.credential === 'none');
  const shown = sameHost.filter(({ probe }) => probe.credential !== 'none');
  return [
    ...where(respelled, (evidence) => opens('host_deny_list', evidence)),
    ...where(bare, (evidence) => opens('name_mismatch', [...evidence, ...shown])),
    ...(bare.length > 0 ? [] : where(shown, (evidence) => opens(trustsAnother(evidence), evidence))),
    ...where(otherHost, (evidence) => opens('open_sibling', evidence)),
    ...(otherHost.length > 0 ? [] : unmatched(variants)),
  ];
};

/** The same caller is kept out where the edge knocks: only then is another way around a hole of its own. */
function holdsAtFront(scene: Scene, { probe }: Sight): boolean {
  return inside(atFront(scene, probe.credential)).every((sight) => sight.probe.turn !== probe.turn);
}

// Without a known name, the authorities of the default site count; with the name of another, those of that one.
function trustsAnother(evidence: readonly Sight[]): 'two_authorities' | 'name_mismatch' {
  return evidence.some(({ probe }) => probe.sni === 'other') ? 'name_mismatch' : 'two_authorities';
}

// A page for names that no site has: whether it is the application's cannot be told without knowing the application's.
function unmatched(variants: readonly Sight[]) {
  const unclear = variants.filter(({ probe, reading }) => probe.host !== 'locked' && reading.kind === 'unclear');
  const unknown = unclear.filter(({ probe }) => probe.host !== 'other');
  if (unknown.length > 0) return [{ ...notes('unmatched_names', unknown), effect: 'unknown' as const }];
  return where(unclear, (evidence) => notes('sibling_alike', evidence));
}

import { asksForLocked, isFront, isPlain } from '../application.ts';
import { notes, opens, type Rule, where } from '../ruling.ts';
import { atFront, inside, isStranger, type Scene, type Sight } from '../scene.ts';

/** Other names in the handshake, in Host, or other spellings: ways around a lock that holds at the front. */
export const names: Rule = (scene) => {
  const variants = scene.seen.filter(
    ({ probe }) =>
      probe.tls !== null &&
      probe.resumes === null &&
      probe.forges === null &&
      isStranger(probe) &&
      !(isFront(probe) && isPlain(probe)),
  );
  const around = inside(variants).filter((sight) => holdsAtFront(scene, sight));
  const forLocked = around.filter(({ probe }) => asksForLocked(probe));
  const [respelled, sameHost] = partition(forLocked, (sight) => onlyRespelled(variants, sight));
  const otherHost = around.filter(({ probe }) => !asksForLocked(probe));
  const bare = sameHost.filter(({ probe }) => probe.credential === 'none');
  const shown = sameHost.filter(({ probe }) => probe.credential !== 'none');
  return [
    ...where(respelled, (evidence) => opens('host_deny_list', evidence)),
    ...where(bare, (evidence) => opens('name_mismatch', [...evidence, ...shown])),
    ...(bare.length > 0 ? [] : where(shown, (evidence) => opens(trustsAnother(evidence), evidence))),
    ...where(otherHost, (evidence) => opens('open_sibling', evidence)),
    ...(otherHost.length > 0 ? [] : unmatched(scene, variants)),
  ];
};

/** The same caller is kept out where the edge knocks: only then is another way around a hole of its own. */
function holdsAtFront(scene: Scene, { probe }: Sight): boolean {
  return inside(atFront(scene, probe.credential)).every((sight) => sight.probe.turn !== probe.turn);
}

/** Spelled plainly, the same request is refused. */
function onlyRespelled(variants: readonly Sight[], { probe }: Sight): boolean {
  if (probe.spelling === 'plain') return false;
  if (isFront(probe)) return true;
  const plainly = variants.filter(
    ({ probe: other }) =>
      other.spelling === 'plain' &&
      asksForLocked(other) &&
      other.sni === probe.sni &&
      other.otherName === probe.otherName &&
      other.credential === probe.credential,
  );
  return plainly.length > 0 && inside(plainly).length === 0;
}

function partition<T>(all: readonly T[], fits: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter((one) => fits(one)), all.filter((one) => !fits(one))];
}

// Without a known name, the authorities of the default site count; with the name of another, those of that one.
function trustsAnother(evidence: readonly Sight[]): 'two_authorities' | 'name_mismatch' {
  return evidence.some(({ probe }) => probe.sni === 'other') ? 'name_mismatch' : 'two_authorities';
}

// A page for names that no site has: of the application, or of another site before it.
function unmatched(scene: Scene, variants: readonly Sight[]) {
  const unclear = variants.filter(({ probe, reading }) => !asksForLocked(probe) && reading.kind === 'unclear');
  const unknown = unclear.filter(({ probe }) => probe.host !== 'other');
  const compared = inside(atFront(scene, 'right')).length > 0 ? LIKE_IT : NOT_COMPARED;
  const detail = `${compared}${shownTo(unknown, scene)}`;
  if (unknown.length > 0) return [{ ...notes('unmatched_names', unknown, detail), effect: 'unknown' as const }];
  return where(unclear, (evidence) => notes('sibling_alike', evidence));
}

// Whose site it is can be told by its certificate, where that is not the locked one's as well.
function shownTo(seen: readonly Sight[], { target: { host } }: Scene): string {
  const unnamed = seen.filter(({ probe }) => probe.sni === 'none' || probe.sni === 'unknown');
  const names = [...new Set(unnamed.flatMap(({ handshake }) => handshake?.serverNames ?? []))];
  const wildcard = `*${host.slice(host.indexOf('.'))}`;
  if (names.length === 0 || names.includes(host) || names.includes(wildcard)) return '';
  return ` They are shown the certificate of ${names.join(', ')}.`;
}

const LIKE_IT = 'Their page is too like that of the locked site to tell whether another application made it.';
const NOT_COMPARED = 'What the locked site serves was not seen, so their page may be its own.';

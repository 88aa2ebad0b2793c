import type { Asking } from '../../observation.ts';
import type { FindingCode } from '../findings.ts';
import { isKeyKindMissing } from '../refusal-cause.ts';
import { notes, type Rule, type Ruling, where } from '../ruling.ts';
import { atFront, inside, type Scene, type Sight } from '../scene.ts';

// A lock names one to three authorities; a bundle of public ones well over a hundred.
const MANY = 20;
const TOO_MANY = 100;

const ORIGIN_CA = /origin (?:ssl|ca)\b|cloudflare origin/i;
const PULL_CA = /origin-pull\.cloudflare\.net/i;
const PUBLIC_CA =
  /isrg root|let's encrypt|digicert|globalsign|usertrust|sectigo|comodo|baltimore cybertrust|amazon root|starfield|go ?daddy|gts root|google trust services|entrust|identrust|verisign|geotrust|thawte|certum|swisssign|quovadis|actalis|buypass|ssl\.com/i;

/** What the server asks for: which authorities it names, how many, and signatures of what kind. */
export const asked: Rule = (scene) => {
  const asking = scene.seen.filter(
    ({ probe, handshake }) => probe.sni === 'locked' && handshake?.asks?.kind === 'certificate',
  );
  const largest = asking.toSorted((a, b) => named(b).count - named(a).count).slice(0, 1);
  const { count, authorities } = named(largest[0]);
  const sharing = authorities.filter((name) => PULL_CA.test(name));
  return [
    ...publicOnes(largest),
    ...(count > TOO_MANY ? [notes('ca_file_large', largest, `It names ${count} authorities.`)] : []),
    ...named_(
      'origin_ca',
      largest,
      authorities.filter((name) => ORIGIN_CA.test(name) && !PULL_CA.test(name)),
    ),
    ...named_('shared_identity', largest, sharing),
    ...(sharing.length === 0 && scene.identity?.shared === true
      ? where(largest, (evidence) => notes('shared_identity', evidence))
      : []),
    ...unannounced(scene, largest),
    ...(isKeyKindMissing(scene) ? where(largest, (evidence) => notes('key_kind', evidence)) : []),
  ];
};

/**
 * Whom the web trusts vouches for everybody who asks. A name proves no key, and that somebody gets in was not seen, so it
 * is not open; nor can it be called locked while the server says itself that it lets them in.
 */
function publicOnes(largest: readonly Sight[]): readonly Ruling[] {
  const { count, authorities } = named(largest[0]);
  const known = authorities.find((name) => PUBLIC_CA.test(name));
  const detail = count > MANY ? `It names ${count} authorities.` : `It names ${known}.`;
  if (known !== undefined || count > TOO_MANY)
    return [{ code: 'public_authorities', effect: 'unknown', detail, evidence: largest }];
  return count > MANY ? [notes('public_authorities', largest, detail)] : [];
}

function named_(code: FindingCode, evidence: readonly Sight[], names: readonly string[]): readonly Ruling[] {
  return names.length === 0 ? [] : [notes(code, evidence, `It names ${names[0]}.`)];
}

const NOTHING: Extract<Asking, { kind: 'certificate' }> = {
  kind: 'certificate',
  authorities: [],
  count: 0,
  schemes: [],
};

function named(sight: Sight | undefined) {
  return sight?.handshake?.asks?.kind === 'certificate' ? sight.handshake.asks : NOTHING;
}

// Some clients send nothing where no issuer of theirs is named.
function unannounced(scene: Scene, largest: readonly Sight[]): readonly Ruling[] {
  const { count, authorities } = named(largest[0]);
  if (scene.identity === null || count === 0 || count > authorities.length) return [];
  if (scene.identity.issuers.some((issuer) => authorities.includes(issuer))) return [];
  const admitted = inside(atFront(scene, 'right'));
  return admitted.length === 0
    ? []
    : [notes('names_announced', [...largest, ...admitted.slice(0, 1)], `It names ${authorities[0]}.`)];
}

import type { KnownPage } from '../observation.ts';
import type { FindingCode } from './findings.ts';
import type { Scene, Sight } from './scene.ts';

// What an alert to the right certificate means, where the server chooses its alerts as OpenSSL does.
const BY_ALERT: Readonly<Record<number, FindingCode>> = {
  42: 'clock_skew',
  43: 'identity_purpose',
  44: 'identity_revoked',
  45: 'authority_expired',
  46: 'revocation_stale',
  48: 'edge_refused',
  112: 'name_unknown',
};

// What says most stands first.
const TELLING: readonly FindingCode[] = [
  'authority_expired',
  'identity_revoked',
  'identity_purpose',
  'revocation_stale',
  'depth_too_small',
  'edge_refused',
  'clock_skew',
  'name_unknown',
  'server_chain',
  'key_kind',
  'certificate_lost',
  'pin_refused',
];

/** The one of several reasons that says most. */
export function likeliest(codes: readonly FindingCode[]): FindingCode {
  return TELLING.find((one) => codes.includes(one)) ?? 'edge_refused_unsaid';
}

/** The likeliest reason for which the right certificate is refused so, with a word on what was seen. */
export function causeOf(scene: Scene, { saw, reading }: Sight): FindingCode {
  if (saw.kind === 'alert') return alertCause(scene, saw.number);
  if (saw.kind === 'answered')
    return pageCause(scene, saw.answer.page, reading.kind === 'refused' && reading.by === 'page');
  return 'edge_refused_unsaid';
}

function alertCause(scene: Scene, number: number): FindingCode {
  // Nothing came of the certificate, though one was at hand: the client had no key of a kind that the server takes,
  // or no certificate of an authority that it names.
  if (number === 116 || number === 41 || number === 40) return sentNothing(scene);
  const toNobody = scene.seen.filter(
    ({ probe, saw }) => probe.credential === 'none' && saw.kind === 'alert' && saw.number === number,
  );
  // A server that says the same to those who show nothing does not say why: Go before 1.21 answers all with 42.
  if (number === 42 && toNobody.length > 0) return 'edge_refused_unsaid';
  if (number === 80) return toNobody.length > 0 ? 'server_chain' : 'depth_too_small';
  return BY_ALERT[number] ?? 'edge_refused';
}

function pageCause(scene: Scene, page: KnownPage | null, certain: boolean): FindingCode {
  if (page === 'nginx_no_certificate') return sentNothing(scene);
  return certain ? 'edge_refused_unsaid' : 'pin_refused';
}

function sentNothing(scene: Scene): FindingCode {
  return isKeyKindMissing(scene) ? 'key_kind' : 'certificate_lost';
}

/** The server takes no signatures of the kind that the edge's key makes. */
export function isKeyKindMissing({ identity, seen }: Scene): boolean {
  if (identity === null) return false;
  const fits = { rsa: /^rsa_/, ec: /^ecdsa_/, ed25519: /^ed25519/ }[identity.keyKind];
  const lists = seen.flatMap(({ handshake }) =>
    handshake?.asks?.kind === 'certificate' && handshake.asks.schemes.length > 0 ? [handshake.asks.schemes] : [],
  );
  return lists.length > 0 && lists.every((schemes) => !schemes.some((scheme) => fits.test(scheme)));
}

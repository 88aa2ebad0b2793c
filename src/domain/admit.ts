import type { X509Facts } from './certificate.ts';
import { type Fingerprint, type Hostname, type Instant, wildcardAbove } from './ids.ts';

/** Who is at the door: what TLS showed, before anybody has judged it. */
export interface Peer {
  /** The certificate shown in this very session; `null` when none was. */
  readonly leaf: X509Facts | null;
  /** Leaf to anchor as `src/pki` built and verified it; `null` when it could not. */
  readonly path: readonly X509Facts[] | null;
  /** What the revocation lists of the path's CAs say; `null` where one of them has none. */
  readonly standing: Standing | null;
  /** Whether the session was resumed from an earlier one. */
  readonly resumed: boolean;
  /** The name the caller asked for; `null` when it named none. */
  readonly sni: Hostname | null;
}

/** A path's place on the revocation lists of its CAs. */
export interface Standing {
  readonly revoked: boolean;
  /** While all of these lists count (RFC 5280 §5.1.2.4 and §5.1.2.5). */
  readonly from: Instant;
  readonly until: Instant;
}

/** Callers under a CA of the origin's owner, let in beside the edge. */
export interface OwnCallers {
  readonly anchors: ReadonlySet<Fingerprint>;
  readonly listed: boolean;
}

/** Whom an origin lets in. */
export interface AdmitPolicy {
  readonly mode: 'enforce' | 'watch';
  /** Fingerprints of the anchors that count. An empty set admits nobody. */
  readonly anchors: ReadonlySet<Fingerprint>;
  /** Names of which the leaf must carry one as URI; `null` where the anchors alone decide. */
  readonly uris: ReadonlySet<string> | null;
  /** Leafs that count, where the anchors are not exclusive (the shared identity); `null` for any leaf. */
  readonly pins: ReadonlySet<Fingerprint> | null;
  /** Subjects that count, each whole and as `X509Facts` has it; `null` for any. */
  readonly subjects: ReadonlySet<string> | null;
  /** Whether every CA of a path needs a revocation list that counts now. */
  readonly listed: boolean;
  /** Who else may in; `null` for nobody. Names and pins above are the edge's and say nothing about them. */
  readonly own: OwnCallers | null;
  /** Names this door serves, also `*.example.test`; `null` where it serves any. */
  readonly names: ReadonlySet<Hostname> | null;
}

/** Why a peer stays outside: status to answer with where the handshake is already over, and a sentence for the log. */
export const DENIALS = {
  no_certificate: { status: 400, text: 'The caller showed no client certificate' },
  resumed_without_certificate: { status: 400, text: 'A resumed session carries no certificate of its own' },
  not_verified: { status: 400, text: 'No path leads from the certificate to an anchor of this origin' },
  foreign_anchor: { status: 400, text: 'The path ends at a CA that this origin does not trust' },
  not_a_leaf: { status: 400, text: 'The certificate is a CA, not a client' },
  not_for_clients: { status: 400, text: 'The extended key usage does not include clientAuth' },
  cannot_sign: { status: 400, text: 'The key usage does not include digitalSignature' },
  outside_validity: { status: 400, text: 'A certificate of the path has expired or is not valid yet' },
  standing_unknown: { status: 400, text: 'A CA of the path has no revocation list that is valid now' },
  revoked: { status: 400, text: 'A certificate of the path has been revoked' },
  other_name: { status: 403, text: 'The certificate names another zone' },
  not_pinned: { status: 403, text: 'The certificate is not one of those pinned' },
  other_subject: { status: 403, text: 'The subject of the certificate is not one of those named' },
  misdirected: { status: 421, text: 'This origin does not serve that name' },
} as const satisfies Record<string, { readonly status: 400 | 403 | 421; readonly text: string }>;

export type DenialCode = keyof typeof DENIALS;

/** Which of the two kinds of callers somebody is. Only the edge is believed in what it says of visitors. */
export type Via = 'edge' | 'own';

/** The answer: in, out, or (in watch mode) in although it would be out. */
export type Admission =
  | { readonly kind: 'admit'; readonly peer: Fingerprint; readonly via: Via }
  | { readonly kind: 'watch'; readonly because: DenialCode }
  | { readonly kind: 'deny'; readonly because: DenialCode };

/**
 * Whether this peer may in. Mirrors `plan`: whatever that presents, this accepts with the zone's bundle. Never asks
 * whether TLS "authorized" the peer: only the certificate of this session and the path to an anchor count.
 */
export function admit(peer: Peer, policy: AdmitPolicy, now: Instant): Admission {
  const via = whose(peer, policy);
  const because =
    misdirected(peer, policy) ??
    unproved(peer, via) ??
    unfit(peer, now) ??
    struckOff(peer, via === 'own' ? policy.own : policy, now) ??
    (via === 'own' ? null : unnamed(peer, policy));
  if (because !== null) return { kind: policy.mode === 'watch' ? 'watch' : 'deny', because };
  return peer.leaf === null || via === null
    ? { kind: 'deny', because: 'no_certificate' }
    : { kind: 'admit', peer: peer.leaf.fingerprint, via };
}

function misdirected({ sni }: Peer, { names }: AdmitPolicy): DenialCode | null {
  if (names === null) return null;
  if (sni === null) return 'misdirected';
  return names.has(sni) || wildcardAbove(sni, (name) => (names.has(name) ? name : undefined)) !== undefined
    ? null
    : 'misdirected';
}

/** Told by the end of the path: an anchor that is in both sets is the edge's, and pinned like it. */
function whose({ path }: Peer, { anchors, own }: AdmitPolicy): Via | null {
  const anchor = path?.at(-1);
  if (anchor === undefined) return null;
  if (anchors.has(anchor.fingerprint)) return 'edge';
  return own?.anchors.has(anchor.fingerprint) ? 'own' : null;
}

function unproved({ leaf, path, resumed }: Peer, via: Via | null): DenialCode | null {
  if (leaf === null) return resumed ? 'resumed_without_certificate' : 'no_certificate';
  // A path that does not begin with this very leaf proves something about another certificate.
  if (path === null || path[0]?.fingerprint !== leaf.fingerprint) return 'not_verified';
  return via === null ? 'foreign_anchor' : null;
}

function unfit({ leaf, path }: Peer, now: Instant): DenialCode | null {
  if (leaf === null || path === null) return 'no_certificate';
  if (leaf.isCa) return 'not_a_leaf';
  // RFC 5280 §4.2.1.12: without the extension any purpose is allowed; with it, only those named.
  if (leaf.extendedKeyUsage !== null && !leaf.extendedKeyUsage.includes('clientAuth')) return 'not_for_clients';
  if (leaf.keyUsage !== null && !leaf.keyUsage.includes('digitalSignature')) return 'cannot_sign';
  if (path.some(({ notBefore, notAfter }) => now < notBefore || now > notAfter)) return 'outside_validity';
  return null;
}

function struckOff({ standing }: Peer, callers: Pick<AdmitPolicy, 'listed'> | null, now: Instant): DenialCode | null {
  if (callers?.listed === false) return null;
  if (standing === null || now < standing.from || now > standing.until) return 'standing_unknown';
  return standing.revoked ? 'revoked' : null;
}

function unnamed({ leaf }: Peer, { uris, pins, subjects }: AdmitPolicy): DenialCode | null {
  if (uris !== null && !leaf?.uris.some((uri) => uris.has(uri))) return 'other_name';
  if (pins !== null && (leaf === null || !pins.has(leaf.fingerprint))) return 'not_pinned';
  if (subjects !== null && (leaf === null || !subjects.has(leaf.subject))) return 'other_subject';
  return null;
}

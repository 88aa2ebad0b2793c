import type { KeyUsage } from './oids.ts';

/** What a certificate may be used for. Which names, which key and how long are the request's business. */
export interface Profile {
  /** `null` for a leaf; `pathLength` is the number of intermediates below, `null` for any. */
  readonly ca: { readonly pathLength: number | null } | null;
  readonly keyUsage: readonly KeyUsage[] | null;
  /** Short names or OIDs; `null` leaves the extension out. */
  readonly extendedKeyUsage: readonly string[] | null;
}

const SIGNS_CERTIFICATES = ['keyCertSign', 'cRLSign'] as const;
// TLS 1.3 and the ECDHE suites of TLS 1.2 only ever sign.
const SIGNS_HANDSHAKES = ['digitalSignature'] as const;

/** The kinds of certificate that Postern issues. Tests bend a row to make a hostile one. */
export const PROFILES = {
  /** Anchor of pull identities. No EKU: that is its intermediate's to say, and some servers stumble over it in a root. */
  pullRoot: { ca: { pathLength: 1 }, keyUsage: SIGNS_CERTIFICATES, extendedKeyUsage: null },
  pullIntermediate: { ca: { pathLength: 0 }, keyUsage: SIGNS_CERTIFICATES, extendedKeyUsage: ['clientAuth'] },
  pullLeaf: { ca: null, keyUsage: SIGNS_HANDSHAKES, extendedKeyUsage: ['clientAuth'] },
  /** Signs what is said of bundles (RFC 9336): of no use as a client, and no client may sign bundles. */
  bundleSigner: { ca: null, keyUsage: SIGNS_HANDSHAKES, extendedKeyUsage: ['documentSigning'] },
  /** A new root below the one before it, for signatures of bundles: callers must not come that way. */
  crossRoot: { ca: { pathLength: 1 }, keyUsage: SIGNS_CERTIFICATES, extendedKeyUsage: ['documentSigning'] },
  /** A root for server certificates, shut for clients by its EKU: a pull bundle must never hold it by accident. */
  serverRoot: { ca: { pathLength: 0 }, keyUsage: SIGNS_CERTIFICATES, extendedKeyUsage: ['serverAuth'] },
  serverLeaf: { ca: null, keyUsage: SIGNS_HANDSHAKES, extendedKeyUsage: ['serverAuth'] },
} as const satisfies Record<string, Profile>;

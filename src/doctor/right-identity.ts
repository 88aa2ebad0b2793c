/** What is known of the identity that must be let in: what the edge presents. */
export interface RightIdentity {
  readonly keyKind: 'rsa' | 'ec' | 'ed25519';
  /** Issuers of the certificates that it shows, the leaf's first: distinguished names as RFC 4514 writes them. */
  readonly issuers: readonly string[];
  /** Others present the very same certificate: all customers of one edge do. */
  readonly shared: boolean;
  /** It comes alone, and its issuer is known to be no root: whoever trusts the root only cannot build its path. */
  readonly lacksIntermediate: boolean;
}

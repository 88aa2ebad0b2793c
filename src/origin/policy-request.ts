/** What the owner of an origin says, files already read. Nothing in it has been checked. */
export interface PolicyRequest {
  /** Name of the zone whose pulls come, for the application; what certificates say counts, not this. */
  readonly zone?: string | undefined;
  /** Names that the origin answers for, also `*.example.test`; any name where left out. */
  readonly hostnames?: readonly string[] | undefined;
  readonly mode?: 'enforce' | 'watch' | undefined;
  /** The trust bundle, PEM. */
  readonly bundle: string;
  /** Whose identity the bundle is for. The shared one is presented for all zones: it needs a pin of some kind. */
  readonly kind?: 'zone' | 'shared' | undefined;
  /** SHA-256 fingerprints of the certificates that count. */
  readonly pins?: readonly string[] | undefined;
  /** Whole subjects that count: `O=Example, CN=pull`, in the order of the certificate. */
  readonly subjects?: readonly string[] | undefined;
  /** URIs of which the certificate must name one: `postern://installation/zone/id`. */
  readonly uris?: readonly string[] | undefined;
  /** Revocation lists of all CAs of the bundle, PEM. */
  readonly crl?: string | undefined;
  /** CAs of one's own, PEM: their callers come in beside the edge. */
  readonly alsoTrust?: string | undefined;
  readonly alsoTrustCrl?: string | undefined;
}

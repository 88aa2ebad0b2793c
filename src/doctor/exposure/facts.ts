import type { NotChecked } from '../configuration.ts';
import type { Saw } from '../observation.ts';

/** A name of the zone and where it leads. */
export interface NamedPlace {
  readonly name: string;
  /** `own`: the zone and its www, which the edge should serve. */
  readonly kind: 'own' | 'sibling' | 'mail';
  readonly addresses: readonly string[];
}

/** A network or address that the sender policy names. */
export interface SpfMention {
  /** `192.0.2.7` or `192.0.2.0/24`. */
  readonly network: string;
  /** The domain whose policy names it, and the term. */
  readonly domain: string;
  readonly term: string;
}

/** What an address shows to somebody who knows nothing but it. */
export interface BareLook {
  /** `ADDRESS:PORT`. */
  readonly connect: string;
  /** Names in the certificate. */
  readonly names: readonly string[];
  readonly saw: Saw;
}

/** What the zone's DNS, and the bare addresses that were named, tell. */
export interface ExposureFacts {
  readonly zone: string;
  /** Addresses that are known to be the origin's. */
  readonly origins: readonly string[];
  readonly places: readonly NamedPlace[];
  /** Where a name leads that nobody made. */
  readonly wildcard: readonly string[];
  readonly spf: readonly SpfMention[];
  readonly bare: readonly BareLook[];
  readonly checked: readonly { readonly probe: string; readonly target: string; readonly saw: string }[];
  readonly notChecked: readonly NotChecked[];
  /** The resolver answered at all. */
  readonly answered: boolean;
  /** It answered all that matters: not only for some name that is tried because others have it. */
  readonly complete: boolean;
}

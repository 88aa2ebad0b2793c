import type { X509Facts } from './certificate.ts';
import type { Fingerprint } from './ids.ts';
import { caPairs } from './trust.ts';
import type { Zone } from './zone.ts';

/** A CA of a zone that says which of its certificates are revoked. */
export interface ZoneCa {
  readonly role: 'root' | 'intermediate';
  readonly certificate: X509Facts;
  /** The id of its key in the vault. */
  readonly key: string;
  /** Its key is not there. */
  readonly isAway: boolean;
}

/**
 * Every CA of a zone whose certificates somebody may still trust, those included that come and go with a rotation: each
 * publishes a list. Roots first.
 */
export function zoneCas(zone: Pick<Zone, 'authority'>): readonly ZoneCa[] {
  const pairs = caPairs(zone);
  const cas: readonly ZoneCa[] = [
    ...pairs.map(({ id, root, rootKey }) => {
      return { role: 'root', certificate: root, key: id, isAway: rootKey === 'away' } as const;
    }),
    ...pairs.map(({ id, intermediate }) => {
      return { role: 'intermediate', certificate: intermediate, key: id, isAway: false } as const;
    }),
  ];
  // A new intermediate has the root of the one before it.
  const seen = new Set<Fingerprint>();
  return cas.filter(({ certificate: { fingerprint } }) => !seen.has(fingerprint) && seen.add(fingerprint));
}

/** The CA that issues the zone's identities now. */
export function issuingCa({ authority }: Pick<Zone, 'authority'>): X509Facts {
  return authority.intermediate;
}

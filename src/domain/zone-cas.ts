import type { X509Facts } from './certificate.ts';
import type { Zone } from './zone.ts';

/** A CA of a zone that says which of its certificates are revoked. */
export interface ZoneCa {
  readonly role: 'root' | 'intermediate';
  readonly certificate: X509Facts;
  /** The id of its key in the vault. */
  readonly key: string;
}

/** Every CA of a zone whose certificates somebody may still trust: each publishes a list. Roots first. */
export function zoneCas({ id, authority }: Pick<Zone, 'id' | 'authority'>): readonly ZoneCa[] {
  return [
    { role: 'root', certificate: authority.root, key: id },
    { role: 'intermediate', certificate: authority.intermediate, key: id },
  ];
}

/** The CA that issues the zone's identities now. */
export function issuingCa({ authority }: Pick<Zone, 'authority'>): X509Facts {
  return authority.intermediate;
}

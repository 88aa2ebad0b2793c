import type { X509Facts } from '../domain/certificate.ts';
import { PkiError } from '../pki/pki-error.ts';
import { type RevocationLists, revocationLists } from '../pki/revocation-lists.ts';

/** A number that a CA's own list calls revoked, or why none is at hand. */
export type RevokedSerial =
  | { readonly kind: 'serial'; readonly serial: string }
  | { readonly kind: 'none'; readonly why: keyof typeof NO_SERIAL };

/** Why no certificate can be made that a list names. */
export const NO_SERIAL = {
  no_list: 'no revocation list of the CA is at hand (--crl, or a configuration that names one)',
  of_another: 'the revocation list at hand is not of this CA',
  empty: 'the revocation list of the CA names no certificate',
} as const;

/**
 * A serial number that a list of this CA names: with it the CA can make a certificate that is right in all but this, and
 * that is revoked already, so that no list has to be changed for a look. Texts that hold no list are passed over.
 */
export function revokedSerial(lists: readonly string[], authority: X509Facts): RevokedSerial {
  if (lists.length === 0) return { kind: 'none', why: 'no_list' };
  const own = lists.flatMap((pem) => listOf(pem, authority)?.get(authority.fingerprint) ?? []);
  if (own.length === 0) return { kind: 'none', why: 'of_another' };
  // A server may hold an older list than the newest that is at hand.
  const [oldest] = own.toSorted((one, other) => one.from - other.from);
  const serial = [...(oldest?.serials ?? [])].find((one) => serialOctets(one) !== null);
  return serial === undefined ? { kind: 'none', why: 'empty' } : { kind: 'serial', serial };
}

function listOf(pem: string, authority: X509Facts): RevocationLists | null {
  try {
    return revocationLists(pem, [authority]);
  } catch (error) {
    if (error instanceof PkiError) return null;
    throw error;
  }
}

// RFC 5280 §4.1.2.2: positive, and 20 octets at most.
const MOST_OCTETS = 20;

/** The number as it stands in a certificate; null where none may have it. */
export function serialOctets(serial: string): Buffer | null {
  const even = serial.length % 2 === 0 ? serial : `0${serial}`;
  const octets = Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex');
  return octets.length <= MOST_OCTETS && octets.some((octet) => octet !== 0) ? octets : null;
}

/** Certificate revocation lists, written (RFC 5280 §5). */

import type { Instant } from '../domain/ids.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../domain/revocation.ts';
import { contextConstructed, enumerated, integer, sequence, sequenceOf, time } from './der.ts';
import { authorityKeyIdentifier, crlNumber, reasonCode } from './extensions.ts';
import { type Authority, identifierOf } from './issue.ts';
import { writePem } from './pem.ts';
import { PkiError } from './pki-error.ts';
import { reread } from './read.ts';
import { signatureAlgorithm, signed } from './signature.ts';

interface RevokedCertificate {
  /** As in `X509Facts`: hex without leading zeros. */
  readonly serial: string;
  readonly at: Instant;
  readonly reason: RevocationReason;
}

export interface CrlRequest {
  /** Grows with each list of an issuer. */
  readonly number: number;
  readonly thisUpdate: Instant;
  /** Whoever has no newer list by then trusts nobody any more: nginx and Apache refuse all. */
  readonly nextUpdate: Instant;
  readonly revoked: readonly RevokedCertificate[];
}

/** A full list of the issuer, as DER. Throws `PkiError` for an issuer that may not sign lists, or for times in disorder. */
export function writeCrl(issuer: Authority, { number, thisUpdate, nextUpdate, revoked }: CrlRequest): Buffer {
  const { keyUsage } = issuer.certificate;
  if (keyUsage !== null && !keyUsage.includes('cRLSign')) throw new PkiError('issuer_signs_no_lists');
  if (nextUpdate <= thisUpdate) throw new PkiError('validity_invalid', 'the list ends before it begins');
  const body = sequence(
    integer(1),
    signatureAlgorithm(issuer.key).identifier,
    reread(issuer.certificate).der.subject,
    time(thisUpdate),
    time(nextUpdate),
    // §5.1.2.6: without any, the list is left out.
    ...(revoked.length === 0 ? [] : [sequenceOf(entries(revoked))]),
    contextConstructed(0, sequence(authorityKeyIdentifier(identifierOf(issuer)), crlNumber(number))),
  );
  return signed(body, issuer.key);
}

/** PEM, as servers read it. */
export function crlPem(der: Uint8Array): string {
  return writePem('X509 CRL', der);
}

function entries(revoked: readonly RevokedCertificate[]): readonly Buffer[] {
  // Many were revoked for the same reason, and often at the same second.
  const endings = new Map<string, Buffer>();
  return revoked.map(({ serial, at, reason }) => {
    const key = `${reason} ${Math.floor(at / 1000)}`;
    const ending = endings.get(key) ?? endingOf(at, reason);
    endings.set(key, ending);
    return sequence(integer(Buffer.from(serial.padStart(serial.length + (serial.length % 2), '0'), 'hex')), ending);
  });
}

/** What follows the serial number in an entry. */
function endingOf(at: Instant, reason: RevocationReason): Buffer {
  const code = REVOCATION_REASONS[reason];
  // §5.3.1: that there is no reason is said by leaving it out.
  return Buffer.concat([time(at), ...(code === 0 ? [] : [sequence(reasonCode(enumerated(code)))])]);
}

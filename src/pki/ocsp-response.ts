/** Responses of the Online Certificate Status Protocol, written (RFC 6960 §4.2) as the lightweight profile has them (RFC 5019). */

import { createHash } from 'node:crypto';
import type { Instant } from '../domain/ids.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../domain/revocation.ts';
import {
  contextConstructed,
  contextPrimitive,
  enumerated,
  generalizedTime,
  octetString,
  oid,
  sequence,
  sequenceOf,
} from './der.ts';
import { ocspNonce } from './extensions.ts';
import type { Authority } from './issue.ts';
import { OCSP_BASIC } from './oids.ts';
import { reread } from './read.ts';
import { signed } from './signature.ts';

/** What a CA says of a certificate. `unknown`: it is none that it has issued and that still counts. */
export type CertificateStatus =
  | { readonly kind: 'good' }
  | { readonly kind: 'revoked'; readonly at: Instant; readonly reason: RevocationReason }
  | { readonly kind: 'unknown' };

export interface OcspAnswer {
  readonly producedAt: Instant;
  readonly thisUpdate: Instant;
  readonly nextUpdate: Instant;
  readonly statuses: readonly { readonly certId: Uint8Array; readonly status: CertificateStatus }[];
  /** That of the question. */
  readonly nonce: Uint8Array | null;
}

/** Why there is no answer: these are not signed (RFC 6960 §4.2.1). */
const FAILURES = { malformedRequest: 1, internalError: 2, tryLater: 3, unauthorized: 6 } as const;

/** A response that gives no answer. */
export function ocspFailure(why: keyof typeof FAILURES): Buffer {
  return sequence(enumerated(FAILURES[why]));
}

/** A response signed by the CA itself. */
export function writeOcspResponse(ca: Authority, answer: OcspAnswer): Buffer {
  const { producedAt, statuses, nonce } = answer;
  // §4.2.1: SHA-1 of the key's bits, whatever else is used.
  const { der, x509 } = reread(ca.certificate);
  const responder = createHash('sha1').update(der.publicKeyBits).digest();
  const data = sequence(
    contextConstructed(2, octetString(responder)),
    generalizedTime(producedAt),
    sequenceOf(statuses.map(({ certId, status }) => single(certId, status, answer))),
    ...(nonce === null ? [] : [contextConstructed(1, sequence(ocspNonce(nonce)))]),
  );
  // Apache looks for the signer among the certificates that come along, and nowhere else.
  const basic = signed(data, ca.key, contextConstructed(0, sequence(x509.raw)));
  return sequence(enumerated(0), contextConstructed(0, sequence(oid(OCSP_BASIC), octetString(basic))));
}

function single(
  certId: Uint8Array,
  status: CertificateStatus,
  { thisUpdate, nextUpdate }: Pick<OcspAnswer, 'thisUpdate' | 'nextUpdate'>,
): Buffer {
  const until = contextConstructed(0, generalizedTime(nextUpdate));
  return sequence(certId, certStatus(status), generalizedTime(thisUpdate), until);
}

function certStatus(status: CertificateStatus): Buffer {
  switch (status.kind) {
    case 'good':
      return contextPrimitive(0, Buffer.alloc(0));
    case 'unknown':
      return contextPrimitive(2, Buffer.alloc(0));
    case 'revoked': {
      const code = REVOCATION_REASONS[status.reason];
      // RFC 5280 §5.3.1: that there is no reason is said by leaving it out.
      const reason = code === 0 ? [] : [contextConstructed(0, enumerated(code))];
      return contextConstructed(1, generalizedTime(status.at), ...reason);
    }
  }
}

import type { CertificateDraft } from './certificate-changes.ts';
import { addCertificate } from './certificate-changes.ts';
import type { Circumstances } from './circumstances.ts';
import type { CertificateId, Hostname, Instant } from './ids.ts';
import { tooMany } from './limits.ts';
import { type Problem, problem } from './problems.ts';
import type { Zone } from './zone.ts';

/**
 * A request (PKCS#10) that a CA of the owner's own is to answer. Its private key was made here and never leaves: it waits in
 * the vault under the id of the request, which becomes that of the certificate.
 */
export interface CertificateRequest {
  readonly id: CertificateId;
  readonly level: CertificateDraft['level'];
  /** `ec:P-256`, `rsa:3072` … */
  readonly keyType: string;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly spki: string;
  readonly commonName: string;
  readonly hostnames: readonly Hostname[];
  readonly pem: string;
  readonly createdAt: Instant;
}

/** Puts a request into a zone, to wait for its certificate. */
export function requestCertificate(zone: Zone, request: CertificateRequest, { limits }: Circumstances): Zone | Problem {
  const { certificateRequests } = zone;
  if (certificateRequests.size >= limits.certificateRequestsPerZone) {
    return tooMany('certificate requests', 'certificateRequestsPerZone', limits);
  }
  return { ...zone, certificateRequests: new Map(certificateRequests).set(request.id, request) };
}

/** Takes a request back; its key goes with it. */
export function withdrawRequest(zone: Zone, id: CertificateId): Zone | Problem {
  const certificateRequests = new Map(zone.certificateRequests);
  return certificateRequests.delete(id) ? { ...zone, certificateRequests } : problem('request_not_found', id);
}

/** The certificate that a request has become. One for another key is no answer to it. */
export function answerRequest(zone: Zone, draft: CertificateDraft, world: Circumstances): Zone | Problem {
  const request = zone.certificateRequests.get(draft.id);
  if (request === undefined) return problem('request_not_found', draft.id);
  if (draft.leaf.spki !== request.spki) {
    return problem('request_key_mismatch', `${draft.leaf.keyType} certificate ${draft.leaf.subject}`, '/certificate');
  }
  const without = withdrawRequest(zone, draft.id);
  return 'code' in without ? without : addCertificate(without, { ...draft, level: request.level }, world);
}

import type { X509Facts } from '../../domain/certificate.ts';
import type { Instant } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { endingBy, type VisitorAuthorities } from '../../domain/visitor-authorities.ts';
import { anchorFault, PATH_FAILURES } from '../../pki/chain.ts';
import { PkiError } from '../../pki/pki-error.ts';
import { loadCertificates, reread } from '../../pki/read.ts';
import { isProblem } from '../../wire/commands.ts';
import { type Message, remark } from '../../wire/messages.ts';

const MONTH = 30 * 86_400_000;
const POINTER = '/certificates';
// The names of all CAs go into one message of the handshake, of which OpenSSL as a client takes 16 KiB.
const MOST_NAME_BYTES = 16_000;

/**
 * The CAs of a list, each once. Refused is what could never vouch for a visitor, with the certificate at fault: a list
 * that silently let nobody in would be found out by those who are kept out.
 */
export function readAuthorities(pem: string, now: Instant): readonly X509Facts[] | Problem {
  if (/PRIVATE KEY-----/.test(pem)) return unfit('the text holds a private key, which nobody but the CA may have');
  const certificates = load(pem);
  if (isProblem(certificates)) return certificates;
  for (const [index, certificate] of certificates.entries()) {
    const because = anchorFault(certificate, 'client', now);
    if (because === null) continue;
    return unfit(`certificate ${index + 1} (${certificate.subject}): ${SENTENCES[because] ?? PATH_FAILURES[because]}`);
  }
  const unique = [...new Map(certificates.map((one) => [one.fingerprint, one])).values()];
  const names = unique.reduce((sum, one) => sum + 2 + reread(one).der.subject.length, 0);
  if (names > MOST_NAME_BYTES) {
    return unfit(`their names take ${names} bytes, and the handshake has room for ${MOST_NAME_BYTES}: leave some out`);
  }
  return unique;
}

/** What to say of CAs of a list that end soon. */
export function endingRemarks(list: VisitorAuthorities, now: Instant): readonly Message[] {
  const ending = endingBy(list, now + MONTH);
  if (ending.length === 0) return [];
  const named = ending.map(({ subject, notAfter }) => `${subject} on ${new Date(notAfter).toISOString().slice(0, 10)}`);
  return [remark('visitors_ca_ending', named.join(', '))];
}

/** In other words than of a path, where those would not fit a CA that stands alone. */
const SENTENCES: Readonly<Partial<Record<keyof typeof PATH_FAILURES, string>>> = {
  expired: 'it has expired; leave it out, or send the one that came after it',
  not_a_ca: 'it is no CA (basicConstraints CA:TRUE, keyUsage keyCertSign); send the certificate that signed it',
  wrong_usage: 'its extended key usage does not let it sign for clients (clientAuth)',
  weak_key: 'its key is too short; it must be P-256, P-384, P-521, Ed25519, Ed448, or RSA of at least 2048 bits',
};

function load(pem: string): readonly X509Facts[] | Problem {
  try {
    return loadCertificates(pem);
  } catch (error) {
    if (error instanceof PkiError) return unfit(error.message);
    throw error;
  }
}

function unfit(detail: string): Problem {
  return problem('visitor_authority_unfit', detail, POINTER);
}

import type { PolicyRequest } from './policy-request.ts';

/** Why a policy was refused: one row each. `text` says what, `fix` what to do. */
export const POLICY_PROBLEMS = {
  missing: { text: 'the file is not there', fix: 'Fetch it, or correct the path: postern ca bundle writes it.' },
  unreadable: { text: 'the file cannot be read', fix: 'Let the user of this process read it; it holds no secret.' },
  empty: { text: 'there is nothing in it', fix: 'Fetch it again: an empty file lets nobody in.' },
  too_large: {
    text: 'it is larger than a bundle or list may be',
    fix: 'Leave only the CAs that the edge needs in it.',
  },
  too_many: {
    text: 'there are too many of them',
    fix: 'At most 100 CAs, pins, subjects and URIs, and 1,000 names fit into one policy.',
  },
  no_pem: {
    text: 'there is no PEM in it',
    fix: "It must hold blocks that begin with '-----BEGIN CERTIFICATE-----', or for lists '-----BEGIN X509 CRL-----'.",
  },
  unparsable: {
    text: 'it cannot be read as what it should be',
    fix: 'Fetch it again; an error page may be in its place.',
  },
  not_a_ca: {
    text: 'a certificate in it is not a CA',
    fix: 'Put the CA of the client certificates there, and name single certificates as pins.',
  },
  private_key: { text: 'a private key is in it', fix: 'Take the key out, and replace it: others may have read it.' },
  expired: { text: 'every CA in it has expired', fix: 'Fetch the current bundle: postern origin sync keeps it so.' },
  unfit_ca: {
    text: 'no CA in it may certify clients, or their keys are too short',
    fix: 'Use the bundle of the zone, not one of server certificates.',
  },
  crl_of_nobody: {
    text: 'none of the lists is signed by a CA of the bundle',
    fix: 'Fetch those of the same zone: postern ca crl --zone ZONE --out FILE.',
  },
  crl_without_ca: {
    text: 'lists are named, but no CA of your own',
    fix: 'Name alsoTrust too, or leave the lists out.',
  },
  same_ca: {
    text: 'a CA of your own is the edge’s too, so callers could not be told apart',
    fix: 'Use a CA for your own callers that signs nothing for the edge.',
  },
  no_root: {
    text: 'a CA in it leads to no root in it, so TLS would let none of its callers in',
    fix: 'Add the certificate of its issuer, up to the root that certifies itself.',
  },
  shared_unpinned: {
    text: 'the shared identity is presented for every zone of the installation',
    fix: 'Name the fingerprint, subject or URI that counts, or better use the zone’s own identity.',
  },
  bad_pin: {
    text: 'not a SHA-256 fingerprint',
    fix: 'Give 64 hexadecimal digits, with or without colons: openssl x509 -noout -fingerprint -sha256 -in FILE.',
  },
  bad_subject: {
    text: 'not a whole subject',
    fix: 'Write it as openssl x509 -noout -subject -nameopt RFC2253,-dn_rev prints it, without subject=.',
  },
  bad_uri: {
    text: 'not a URI',
    fix: 'Copy it from the certificate: openssl x509 -noout -ext subjectAltName -in FILE.',
  },
  bad_hostname: {
    text: 'not a hostname',
    fix: 'Name hosts such as www.example.test, or *.example.test for those below.',
  },
  empty_list: { text: 'the list is empty, which lets nobody in', fix: 'Leave it out where you demand nothing.' },
  bad_key: {
    text: 'not a key for signed headers',
    fix: 'Give at least 32 random bytes: openssl rand -out FILE 32, the same file on both sides.',
  },
  bad_peer: {
    text: 'not an address of a proxy',
    fix: "Give addresses or networks such as 127.0.0.1 or 10.1.0.0/16, or 'unix' for callers over a Unix socket.",
  },
} as const satisfies Record<string, { readonly text: string; readonly fix: string }>;

export type PolicyProblemCode = keyof typeof POLICY_PROBLEMS;

/** A field of a policy that can be to blame. */
export type PolicyField = keyof PolicyRequest | 'key' | 'peers';

/** A refused field. `found` is what was there instead, fit for one line; empty where there is nothing to show. */
export interface PolicyProblem {
  readonly kind: 'problem';
  readonly code: PolicyProblemCode;
  readonly field: PolicyField;
  readonly found: string;
}

/** A refusal of `field`. */
export function policyProblem(code: PolicyProblemCode, field: PolicyField, found = ''): PolicyProblem {
  return { kind: 'problem', code, field, found };
}

const SHOWN = 200;

/** One sentence for people, and what to do. What was found is shown without control characters, and never keys. */
export function policyProblemText({ code, field, found }: PolicyProblem): string {
  const { text, fix } = POLICY_PROBLEMS[code];
  const shown = found.replace(/[\p{C}\u2028\u2029]/gu, '?').slice(0, SHOWN);
  return `${field}: ${text}${shown === '' ? '' : ` (${shown})`}. ${fix}`;
}

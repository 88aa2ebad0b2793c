import { type Instant, instant } from '../domain/ids.ts';
import type { X509Facts } from '../domain/certificate.ts';
import type { Authority } from '../pki/issue.ts';
import { importKey, keyMatches, type PrivateKey } from '../pki/keys.ts';
import { nameText } from '../pki/name-text.ts';
import { PkiError } from '../pki/pki-error.ts';
import { loadCertificates, reread } from '../pki/read.ts';
import { signatureAlgorithm } from '../pki/signature.ts';
import type { Credential } from './knock-request.ts';
import type { CredentialKind } from './probe.ts';
import type { RightIdentity } from './right-identity.ts';

/** What somebody gives the doctor to knock with. All texts are PEM. */
export interface Given {
  /** What the edge presents, with its chain. Without a key only what a server says of the chain can be found out. */
  readonly identity: { readonly cert: string; readonly key: string | null } | null;
  /** Identities that must be refused. */
  readonly unwanted: readonly Credential[];
  /** The CA of what the edge presents; where that is no root, what it was issued by follows it. */
  readonly authority: Credential | null;
  /** Revocation lists in PEM: a number that one of the authority's names makes a revoked certificate. */
  readonly lists: readonly string[];
  /** Made by somebody else, such as a control plane that holds the CA's key. */
  readonly made: Partial<Readonly<Record<CredentialKind, Credential>>>;
}

/** Nothing at hand: only strangers can be made. */
export const NOTHING_GIVEN: Given = { identity: null, unwanted: [], authority: null, lists: [], made: {} };

/** Certificates, leaf first, and the key. */
export interface Shown {
  readonly chain: readonly [X509Facts, ...X509Facts[]];
  readonly key: PrivateKey;
}

/** What was given, read and found usable. */
export interface Hand {
  readonly kind: 'hand';
  readonly identity: { readonly chain: Shown['chain']; readonly key: PrivateKey | null } | null;
  readonly unwanted: readonly Shown[];
  readonly authority: Authority | null;
  readonly lists: Given['lists'];
  readonly made: Given['made'];
}

/** What can be wrong with what was given: code → sentence and what to do. */
export const CREDENTIAL_PROBLEMS = {
  unreadable: { text: 'It cannot be read', fix: 'Give certificates and an unencrypted key in PEM.' },
  key_unfit: {
    text: 'The key does not fit the certificate',
    fix: 'Give the key of the first certificate in the file.',
  },
  expired: { text: 'The certificate has expired', fix: 'Give the one that is in use.' },
  not_yet_valid: {
    text: 'The certificate is not valid yet',
    fix: "Give the one that is in use, or set this machine's clock.",
  },
  key_unsupported: {
    text: 'Keys of this type cannot sign certificates here',
    fix: 'Give a CA with a key of RSA, P-256, P-384, P-521 or Ed25519.',
  },
  not_a_ca: { text: 'The certificate is no CA', fix: 'Give the CA that issued what the edge presents.' },
} as const satisfies Record<string, { readonly text: string; readonly fix: string }>;

/** Why what was given is of no use; `which` names it. */
export interface CredentialProblem {
  readonly kind: 'problem';
  readonly code: keyof typeof CREDENTIAL_PROBLEMS;
  readonly which: { readonly what: 'identity' | 'unwanted' | 'authority'; readonly turn: number };
  readonly detail: string;
}

/** Reads what was given. What must be refused may have expired; what must be let in may not. */
export function readGiven(
  { identity, unwanted, authority, lists, made }: Given,
  now: Instant,
): Hand | CredentialProblem {
  try {
    const hand: Hand = {
      kind: 'hand',
      identity: identity === null ? null : readIdentity(identity, now),
      unwanted: unwanted.map((one, turn) => shown(one, { what: 'unwanted', turn })),
      authority: authority === null ? null : readAuthority(authority, now),
      lists,
      made,
    };
    return hand;
  } catch (error) {
    if (error instanceof Unusable) return error.problem;
    throw error;
  }
}

/** What the diagnosis must know of the right identity; of its issuer more is known where the authority is at hand. */
export function rightIdentity(
  { chain: [leaf, ...above] }: { readonly chain: Shown['chain'] },
  authority: Authority | null,
): RightIdentity {
  const family = leaf.keyType.split(/[:-]/)[0];
  const issuers = [leaf, ...above].map((one) => nameText(reread(one).der.issuer));
  return {
    keyKind: family === 'rsa' || family === 'ec' ? family : 'ed25519',
    issuers,
    shared: isShared(leaf, issuers[0] ?? ''),
    lacksIntermediate: above.length === 0 && isBelow(leaf, authority),
  };
}

// An authority that is not its own issuer is an intermediate, which a caller has to send along.
function isBelow({ issuer }: X509Facts, authority: Authority | null): boolean {
  if (authority === null) return false;
  const { certificate } = authority;
  return issuer === certificate.subject && certificate.subject !== certificate.issuer;
}

// Cloudflare presents this one for every zone that has none of its own, and Postern its own likewise.
const SHARED_ISSUER = 'origin-pull.cloudflare.net';

function isShared({ uris }: X509Facts, issuer: string): boolean {
  return issuer.includes(`CN=${SHARED_ISSUER}`) || uris.some((uri) => /^postern:\/\/[^/]+\/shared$/.test(uri));
}

/** Carries a problem out of a reading. */
class Unusable extends Error {
  readonly problem: CredentialProblem;

  constructor(code: CredentialProblem['code'], which: CredentialProblem['which'], detail = '') {
    super(code);
    this.problem = { kind: 'problem', code, which, detail };
  }
}

type Which = CredentialProblem['which'];

function readIdentity({ cert, key }: NonNullable<Given['identity']>, now: Instant): NonNullable<Hand['identity']> {
  const which = { what: 'identity', turn: 0 } as const;
  const read = key === null ? { chain: readChain(cert, which), key: null } : shown({ cert, key }, which);
  current(read.chain[0], which, now);
  return read;
}

function readAuthority(given: Credential, now: Instant): Authority {
  const which = { what: 'authority', turn: 0 } as const;
  const {
    chain: [certificate, ...chain],
    key,
  } = shown(given, which);
  if (!certificate.isCa) throw new Unusable('not_a_ca', which);
  current(certificate, which, now);
  if (!canSign(key)) throw new Unusable('key_unsupported', which);
  return { certificate, chain: chain.filter(({ subject, issuer }) => subject !== issuer), key };
}

function canSign(key: PrivateKey): boolean {
  try {
    return signatureAlgorithm(key).identifier.length > 0;
  } catch (error) {
    if (error instanceof PkiError) return false;
    throw error;
  }
}

function current({ notBefore, notAfter }: X509Facts, which: Which, now: Instant): void {
  if (notAfter < now) throw new Unusable('expired', which, `on ${new Date(notAfter).toISOString()}`);
  if (notBefore > now) throw new Unusable('not_yet_valid', which, `until ${new Date(notBefore).toISOString()}`);
}

function shown({ cert, key: text }: Credential, which: Which): Shown {
  const chain = readChain(cert, which);
  const key = attempt(() => importKey(text), which);
  if (!keyMatches(key, chain[0])) throw new Unusable('key_unfit', which);
  return { chain, key };
}

function readChain(pem: string, which: Which): Shown['chain'] {
  const [leaf, ...above] = attempt(() => loadCertificates(pem), which);
  if (leaf === undefined) throw new Unusable('unreadable', which);
  return [leaf, ...above];
}

function attempt<T>(read: () => T, which: Which): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PkiError) throw new Unusable('unreadable', which, error.message);
    throw error;
  }
}

/** As TLS wants it. */
export function credentialOf({ chain, key }: Shown): Credential {
  return { cert: chain.map(({ pem }) => pem).join(''), key: key.reveal() };
}

/** The moment of now. */
export function now(): Instant {
  return instant(Date.now());
}

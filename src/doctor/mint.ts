import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { type Instant, instant } from '../domain/ids.ts';
import type { GeneralName } from '../pki/general-name.ts';
import {
  type Authority,
  BACKDATED,
  type CertificateRequest,
  createAuthority,
  type Issued,
  issueLeaf,
  type Validity,
} from '../pki/issue.ts';
import { generateKey, importKey, type PrivateKey } from '../pki/keys.ts';
import { PROFILES } from '../pki/profiles.ts';
import { reread } from '../pki/read.ts';
import { readBasicConstraints, readNameConstraints } from '../pki/read-extensions.ts';
import type { Claims } from './claims.ts';
import type { CredentialKind } from './probe.ts';
import type { Credential } from './knock-request.ts';
import { serialOctets } from './revoked-serial.ts';

/** Credentials that were made, by their kind. Their keys exist in memory only. */
export type Minted = Partial<Readonly<Record<CredentialKind, Credential>>>;

/** How long they count from now on: DESIGN's bound for what a real CA signs, and there is no reason for more elsewhere. */
export const MINTED_LIFE = 5 * 60_000;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NAMED = { organization: 'Postern', commonName: 'postern doctor' };

type Subject = CertificateRequest['subject'];

interface Strangers {
  readonly selfSigned: Credential;
  readonly foreign: Credential;
}

/**
 * Whom nobody should know: signed by itself, and by an authority that nobody trusts. They claim what the edge's own
 * certificate says, where that is known: some servers look at nothing else.
 */
export async function mintStrangers(at: Instant, claims: Claims = { subject: NAMED }): Promise<Strangers> {
  const foreign = await throwAway({ commonName: 'Foreign authority' }, at);
  return {
    selfSigned: credential(createAuthority(await leafRequest(at, claims))),
    foreign: credential(issueLeaf(foreign, await leafRequest(at, claims))),
  };
}

/** A certificate for a key that is too short. Never below a real CA: what one has signed, somebody may break. */
export async function mintWeak(at: Instant): Promise<Minted> {
  const weak = await throwAway({ commonName: 'Foreign authority' }, at);
  return { weak_key: credential(issueLeaf(weak, await leafRequest(at, { key: await weakKey() }))) };
}

/** One of an authority with the name of the right one, and another key. The name is in DER. */
export async function mintSameName(
  name: Buffer,
  at: Instant,
  claims: Claims = { subject: NAMED },
): Promise<Credential> {
  return credential(issueLeaf(await throwAway(name, at), await leafRequest(at, claims)));
}

/** What only the CA itself can make: right ones, and ones that are wrong in a single respect. */
export async function mintUnder(authority: Authority, at: Instant): Promise<Minted> {
  const made = Object.entries(bentLeafs(authority, at)).map(
    async ([kind, bend]) => [kind, credential(issueLeaf(authority, await leafRequest(at, bend)))] as const,
  );
  return { ...Object.fromEntries(await Promise.all(made)), ...(await withoutIntermediate(authority, at)) };
}

/** A certificate that is right but for its number, which the CA's list calls revoked. */
export async function mintRevoked(authority: Authority, serial: string, at: Instant): Promise<Credential | null> {
  const octets = serialOctets(serial);
  return octets === null ? null : credential(issueLeaf(authority, await leafRequest(at, { serial: octets })));
}

/** What a CA is asked for, by kind: each is what a right one is, but for this. */
export function bentLeafs(authority: Authority, at: Instant) {
  return {
    right: {},
    expired: { validity: span(at - 50 * MINUTE, at - 10 * MINUTE) },
    not_yet_valid: { validity: neverValid(authority, at) },
    server_only: { profile: PROFILES.serverLeaf },
    no_purpose: { profile: { ...PROFILES.pullLeaf, extendedKeyUsage: null } },
    neighbour: {
      names: neighbourNames(authority),
      subject: { ...NAMED, commonName: 'postern doctor as a neighbour' },
    },
  } as const satisfies Partial<Record<CredentialKind, Bend>>;
}

type Bend = Partial<CertificateRequest>;

// Whoever keeps it until its time has come must not get in with it: by then its issuer has ended.
function neverValid({ certificate }: Authority, at: Instant): Validity {
  const from = Math.min(Math.max(at, certificate.notAfter) + DAY, LAST_DAY);
  return span(from, from + MINTED_LIFE);
}

// RFC 5280 §4.1.2.5: no year has five digits.
const LAST_DAY = Date.UTC(9999, 11, 31);

async function leafRequest(at: Instant, bend: Bend): Promise<CertificateRequest> {
  return { ...rightLeaf(at), ...bend, key: bend.key ?? (await generateKey()) };
}

/** A certificate that is right, for a key that somebody brings. */
export function rightLeaf(at: Instant): Omit<CertificateRequest, 'key'> {
  return { profile: PROFILES.pullLeaf, subject: NAMED, validity: minted(at) };
}

async function throwAway(subject: Subject, at: Instant): Promise<Authority> {
  return createAuthority({ profile: PROFILES.pullRoot, subject, key: await generateKey(), validity: minted(at) });
}

// A leaf that is sent alone: the chain of the edge, cut short. Below a root there is none to cut, so one is made.
async function withoutIntermediate(authority: Authority, at: Instant): Promise<Minted> {
  const leaf = issueLeaf(authority, await leafRequest(at, {}));
  if (leaf.chain.length > 0) return { without_intermediate: credential({ ...leaf, chain: [] }) };
  if (readBasicConstraints(reread(authority.certificate).der)?.pathLength === 0) return {};
  const intermediate = createAuthority({
    issuer: authority,
    profile: PROFILES.pullIntermediate,
    subject: { organization: 'Postern', commonName: 'postern doctor, intermediate' },
    key: await generateKey(),
    validity: minted(at),
  });
  return { without_intermediate: credential({ ...issueLeaf(intermediate, await leafRequest(at, {})), chain: [] }) };
}

const NEIGHBOUR = 'neighbour.invalid';
const NEIGHBOUR_ZONE = 'f'.repeat(32);

/** Names of another zone, as far as the CA may say any: one that it may not say would be refused for that alone. */
function neighbourNames({ certificate, chain }: Authority): readonly GeneralName[] {
  const permitted = [certificate, ...chain].flatMap((one) => readNameConstraints(reread(one).der)?.permitted ?? []);
  const texts = (kind: 'dns' | 'uri') => permitted.flatMap((name) => (name.kind === kind ? [name.text] : []));
  const [host = NEIGHBOUR] = texts('uri');
  const uri = { kind: 'uri', value: `postern://${host}/zone/${NEIGHBOUR_ZONE}` } as const;
  return texts('dns').length > 0 ? [uri] : [uri, { kind: 'dns', value: NEIGHBOUR }];
}

function minted(at: Instant): Validity {
  // Backdated for clocks that run behind; what matters of a certificate from a real CA is when it ends.
  return span(at - BACKDATED, at + MINTED_LIFE);
}

function span(notBefore: number, notAfter: number): Validity {
  return { notBefore: instant(notBefore), notAfter: instant(notAfter) };
}

const generate = promisify(generateKeyPair);

async function weakKey(): Promise<PrivateKey> {
  const { privateKey } = await generate('rsa', { modulusLength: 1024 });
  return importKey(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
}

function credential({ certificate, chain, key }: Issued): Credential {
  return { cert: [certificate, ...chain].map(({ pem }) => pem).join(''), key: key.reveal() };
}

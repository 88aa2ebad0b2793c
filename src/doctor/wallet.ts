import { createHash } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import type { X509Facts } from '../domain/certificate.ts';
import type { Instant } from '../domain/ids.ts';
import type { Authority } from '../pki/issue.ts';
import { writePem } from '../pki/pem.ts';
import { PkiError } from '../pki/pki-error.ts';
import { loadCertificates, reread } from '../pki/read.ts';
import { type Claims, claimsOf } from './claims.ts';
import { credentialOf, type Hand } from './credentials.ts';
import { Forger } from './forged-key.ts';
import { contextFor } from './knock.ts';
import type { Credential } from './knock-request.ts';
import { type Minted, MINTED_LIFE, mintRevoked, mintSameName, mintStrangers, mintUnder, mintWeak } from './mint.ts';
import type { CredentialKind } from './probe.ts';
import type { Thoroughness } from './probing.ts';
import { revokedSerial } from './revoked-serial.ts';

/** What is known of a target that credentials are made from. */
export interface Known {
  /** Names of the authorities that it asks for, in DER. */
  readonly authorities: readonly Buffer[];
  /** Its own certificate and what it sends along, in DER. */
  readonly shown: readonly Buffer[];
}

type Version = 'TLSv1.2' | 'TLSv1.3';

const MAX_CONTEXTS = 512;
const MADE_WHEN_NEEDED: ReadonlySet<CredentialKind> = new Set([
  'none',
  'same_name',
  'forged_server',
  'forged_stranger',
]);

/** All that the doctor can knock with. Keys that it makes are never written anywhere. */
export class Wallet {
  readonly #hand: Hand;
  readonly #minted: Minted;
  readonly #at: Instant;
  readonly #forger = new Forger();
  readonly #contexts = new Map<string, Promise<SecureContext | null>>();

  private constructor(hand: Hand, minted: Minted, at: Instant) {
    this.#hand = hand;
    this.#minted = minted;
    this.#at = at;
  }

  /** Makes what can be made beforehand; for a quick look only what that shows. */
  static async open(hand: Hand, at: Instant, thoroughness: Thoroughness = 'full'): Promise<Wallet> {
    const full = thoroughness === 'full';
    const { selfSigned, foreign } = await mintStrangers(at, claimsOfEdge(hand));
    const minted = {
      self_signed: selfSigned,
      foreign,
      ...(full ? await mintWeak(at) : {}),
      ...(full && hand.authority !== null ? await mintBelow(hand.authority, hand.lists, at) : {}),
      ...ofIdentity(hand),
      ...hand.made,
    };
    return new Wallet(hand, minted, at);
  }

  /** What was made counts for so long that a look begun at this moment will end in time. */
  isFresh(now: Instant): boolean {
    return now - this.#at < MINTED_LIFE / 2;
  }

  /** How many there are of a kind, wherever it does not depend on the target. */
  count(kind: CredentialKind): number {
    if (kind === 'unwanted') return this.#hand.unwanted.length;
    if (kind === 'forged') return this.#hand.identity !== null && this.#hand.identity.key === null ? 1 : 0;
    return MADE_WHEN_NEEDED.has(kind) || this.#minted[kind] !== undefined ? 1 : 0;
  }

  /** A context that shows it, and speaks one version; null where it cannot be made for this target. */
  context(kind: CredentialKind, turn: number, version: Version, known: Known): Promise<SecureContext | null> {
    const key = `${kind} ${turn} ${version} ${this.#variant(kind, known)}`;
    const made = this.#contexts.get(key) ?? this.#make(kind, turn, version, known);
    this.#contexts.delete(key);
    this.#contexts.set(key, made);
    const oldest = this.#contexts.size > MAX_CONTEXTS ? this.#contexts.keys().next().value : undefined;
    if (oldest !== undefined) this.#contexts.delete(oldest);
    return made;
  }

  #variant(kind: CredentialKind, known: Known): string {
    if (kind === 'same_name') return hashOf(this.#rightName(known) ?? Buffer.alloc(0));
    return kind === 'forged_server' ? hashOf(known.shown[0] ?? Buffer.alloc(0)) : '';
  }

  async #make(kind: CredentialKind, turn: number, version: Version, known: Known): Promise<SecureContext | null> {
    if (kind === 'none') return contextFor(null, version);
    try {
      const credential = await this.#credential(kind, turn, known);
      return credential === null ? null : contextFor(credential, version);
    } catch (error) {
      // A server may show a certificate with a key, or name a CA by bytes, that OpenSSL cannot do anything with.
      if (error instanceof PkiError || (error instanceof Error && 'code' in error)) return null;
      throw error;
    }
  }

  async #credential(kind: CredentialKind, turn: number, known: Known): Promise<Credential | null> {
    if (kind === 'same_name') {
      const name = this.#rightName(known);
      return name === null ? null : mintSameName(name, this.#at, claimsOfEdge(this.#hand));
    }
    if (kind === 'unwanted') {
      const one = this.#hand.unwanted[turn];
      return one === undefined ? null : credentialOf(one);
    }
    const chain = this.#borrowed(kind, known);
    return chain === null ? (this.#minted[kind] ?? null) : this.#forged(chain);
  }

  async #forged(chain: readonly X509Facts[]): Promise<Credential | null> {
    const [leaf] = chain;
    if (leaf === undefined) return null;
    const key = await this.#forger.forgedKey(reread(leaf).der.spki);
    return key === null ? null : { cert: chain.map(({ pem }) => pem).join(''), key };
  }

  /** Certificates that are shown with a key that is not theirs; null for kinds with a key of their own. */
  #borrowed(kind: CredentialKind, known: Known): readonly X509Facts[] | null {
    if (kind === 'forged') return this.#hand.identity?.chain ?? [];
    if (kind === 'forged_server') return readShown(known.shown);
    return kind === 'forged_stranger' ? loadCertificates(this.#minted.self_signed?.cert ?? '') : null;
  }

  /** The name that stands as issuer in the edge's certificate, which a server may compare; null where nothing tells. */
  #rightName({ authorities }: Known): Buffer | null {
    const { identity, authority } = this.#hand;
    if (authority !== null) return reread(authority.certificate).der.subject;
    return identity === null ? (authorities[0] ?? null) : reread(identity.chain[0]).der.issuer;
  }
}

function claimsOfEdge({ identity }: Hand): Claims | undefined {
  return identity === null ? undefined : claimsOf(identity.chain[0]);
}

async function mintBelow(authority: Authority, lists: Hand['lists'], at: Instant): Promise<Minted> {
  const found = revokedSerial(lists, authority.certificate);
  const revoked = found.kind === 'none' ? null : await mintRevoked(authority, found.serial, at);
  return { ...(await mintUnder(authority, at)), ...(revoked === null ? {} : { revoked }) };
}

/** What an identity itself can be used for, when its key is at hand. */
function ofIdentity({ identity }: Hand): Minted {
  if (identity === null || identity.key === null) return {};
  const { chain, key } = identity;
  const [leaf] = chain;
  const alone = chain.length < 2 ? {} : { without_intermediate: credentialOf({ chain: [leaf], key }) };
  return { right: credentialOf({ chain, key }), ...alone };
}

function readShown(shown: readonly Buffer[]): readonly X509Facts[] {
  try {
    return shown.length === 0 ? [] : loadCertificates(shown.map((der) => writePem('CERTIFICATE', der)).join(''));
  } catch (error) {
    // A server may show what nobody can read.
    if (error instanceof PkiError) return [];
    throw error;
  }
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url');
}

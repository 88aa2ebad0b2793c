import type { LookExtent } from '../../domain/attestation.ts';
import { chainPem, type ClientCertificate } from '../../domain/certificate.ts';
import type { CertificateId, Instant } from '../../domain/ids.ts';
import type { Zone } from '../../domain/zone.ts';
import { type Hand, NOTHING_GIVEN, readGiven } from '../../doctor/credentials.ts';
import type { Credential } from '../../doctor/knock-request.ts';
import { MINTED_LIFE, rightLeaf } from '../../doctor/mint.ts';
import { type Authority, issueLeaf } from '../../pki/issue.ts';
import { generateKey } from '../../pki/keys.ts';
import type { ControlState } from '../control-state.ts';
import { errorFields } from '../log.ts';
import { currentIntermediate } from '../rotation/prepare.ts';
import { openSecret } from '../secrets.ts';
import { canaryAuthority, revokedLeaf } from './probe-credentials.ts';

/** Where somebody is to look, and how. */
interface Presentation {
  readonly zone: Zone;
  /** What the edge presents there. */
  readonly id: CertificateId;
  readonly extent: LookExtent;
  readonly canary: Canary;
}

/**
 * What a look at an origin goes out with: what the edge presents there, the CA that can make what is wrong in one respect,
 * and the certificate of a neighbour. Keys are in memory only, for as long as the look lasts; null where they cannot be had.
 */
export async function presented(state: ControlState, { zone, id, extent, canary }: Presentation): Promise<Hand | null> {
  const { store, vault, log, installation } = state;
  const shared = installation.shared.certificate === id;
  const certificate = zone.certificates.get(id);
  if (!shared && certificate?.wish.kind !== 'deploy') return null;
  try {
    const key = (await openSecret(store, vault, 'client', id)).reveal();
    const identity = { cert: shared ? sharedPem(state) : ownPem(certificate), key };
    const full = extent === 'full';
    const ca = full && certificate?.source === 'managed' ? await currentIntermediate(state, zone) : null;
    const authority = ca === null ? null : authorityOf(zone, ca);
    const made = full
      ? { neighbour: await canary.credential(), ...(ca === null ? {} : await revokedOf(zone, ca, state.clock())) }
      : {};
    const hand = readGiven({ ...NOTHING_GIVEN, identity, authority, made }, state.clock());
    if (hand.kind === 'hand') return hand;
    log('attestation_unpresented', { zone: zone.id, certificate: id, because: hand.code });
  } catch (error) {
    log('attestation_unpresented', { zone: zone.id, certificate: id, ...errorFields(error) });
  }
  return null;
}

function sharedPem({ installation: { shared } }: ControlState): string {
  return chainPem(shared.leaf, [shared.intermediate]);
}

function ownPem(certificate: ClientCertificate | undefined): string {
  return certificate === undefined ? '' : chainPem(certificate.leaf, certificate.chain);
}

function authorityOf({ authority: { root } }: Zone, { certificate, key }: Authority): Credential {
  return { cert: chainPem(certificate, [root]), key: key.reveal() };
}

/** One that the zone's own list names, where it names any. */
async function revokedOf(zone: Zone, ca: Authority, now: Instant): Promise<{ readonly revoked?: Credential }> {
  const bend = revokedLeaf(zone, ca, now);
  if (bend === null) return {};
  const { certificate, chain, key } = issueLeaf(ca, { ...rightLeaf(now), ...bend, key: await generateKey() });
  return { revoked: { cert: chainPem(certificate, chain), key: key.reveal() } };
}

/** Certificates such as a neighbour of the same installation has: of a zone that is nobody's, kept for this. */
export class Canary {
  readonly #state: ControlState;
  #known: { readonly at: Instant; readonly credential: Promise<Credential> } | null = null;

  constructor(state: ControlState) {
    this.#state = state;
  }

  credential(): Promise<Credential> {
    const now = this.#state.clock();
    const known = this.#known;
    if (known !== null && now >= known.at && now - known.at < MINTED_LIFE / 2) return known.credential;
    const credential = canaryLeaf(this.#state, now);
    this.#known = { at: now, credential };
    return credential;
  }
}

async function canaryLeaf({ installation: { host } }: ControlState, now: Instant): Promise<Credential> {
  const { authority, names } = await canaryAuthority(host, now);
  const { certificate, chain, key } = issueLeaf(authority, { ...rightLeaf(now), names, key: await generateKey() });
  return { cert: chainPem(certificate, chain), key: key.reveal() };
}

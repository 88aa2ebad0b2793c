import { randomBytes } from 'node:crypto';
import { chainPem, type ClientCertificate } from '../../domain/certificate.ts';
import { type CertificateId, hostname, type Instant, instant, zoneId } from '../../domain/ids.ts';
import type { Zone } from '../../domain/zone.ts';
import { type Hand, NOTHING_GIVEN, readGiven } from '../../doctor/credentials.ts';
import type { Credential } from '../../doctor/knock.ts';
import { createZoneAuthority, issueIdentity, zoneUri } from '../../pki/zone-authority.ts';
import type { ControlState } from '../control-state.ts';
import { errorFields } from '../log.ts';
import { currentIntermediate } from '../rotation/prepare.ts';
import { openSecret } from '../secrets.ts';

/** So long a certificate of the canary is shown: no longer than any that is minted to knock with. */
const CANARY_LIFE = 5 * 60_000;

/**
 * What a look at an origin goes out with: what the edge presents there, the CA that can make what is wrong in one respect,
 * and the certificate of a neighbour. Keys are in memory only, for as long as the look lasts; null where they cannot be had.
 */
export async function presented(
  state: ControlState,
  { zone, id, canary }: { readonly zone: Zone; readonly id: CertificateId; readonly canary: Canary },
): Promise<Hand | null> {
  const { store, vault, log, installation } = state;
  const shared = installation.shared.certificate === id;
  const certificate = zone.certificates.get(id);
  if (!shared && certificate?.wish.kind !== 'deploy') return null;
  try {
    const key = (await openSecret(store, vault, 'client', id)).reveal();
    const identity = { cert: shared ? sharedPem(state) : ownPem(certificate), key };
    const authority = certificate?.source === 'managed' ? await authorityOf(state, zone) : null;
    const made = { neighbour: await canary.credential() };
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

async function authorityOf(state: ControlState, zone: Zone): Promise<Credential> {
  const { certificate, key } = await currentIntermediate(state, zone);
  return { cert: chainPem(certificate, [zone.authority.root]), key: key.reveal() };
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
    if (known !== null && now >= known.at && now - known.at < CANARY_LIFE / 2) return known.credential;
    const credential = canaryLeaf(this.#state, now);
    this.#known = { at: now, credential };
    return credential;
  }
}

async function canaryLeaf({ installation: { host } }: ControlState, now: Instant): Promise<Credential> {
  const zone = zoneId(randomBytes(16).toString('hex'));
  const zoneName = hostname('canary.postern.invalid');
  if (zone === null || zoneName === null) throw new TypeError('the canary has an id and a name');
  const { intermediate } = await createZoneAuthority({ installation: host, now, zone, zoneName });
  const { certificate, chain, key } = await issueIdentity(intermediate, {
    uri: zoneUri(host, zone),
    now: instant(now),
    lifetime: CANARY_LIFE,
  });
  return { cert: chainPem(certificate, chain), key: key.reveal() };
}

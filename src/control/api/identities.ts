import { type ClientCertificate, chainPem, type X509Facts } from '../../domain/certificate.ts';
import { type DeploymentStatus, deploymentStatus } from '../../domain/deployment.ts';
import type { EdgeZone } from '../../domain/edge-zone.ts';
import type { CertificateId } from '../../domain/ids.ts';
import { type Presenters, presenters } from '../../domain/presenters.ts';
import { vouchedFor } from '../../domain/trust.ts';
import type { View } from '../../wire/answer-fields.ts';
import { decimalSerial } from '../../wire/certificate-views.ts';
import type { IDENTITY, WHOLE_IDENTITY } from '../../wire/identities.ts';
import { moment, second } from '../../wire/views.ts';
import { renewalDue } from '../validity.ts';
import { progress, type ZoneCall } from './route.ts';

/** Something that a zone can present, whichever level it belongs to. Names no key. */
export interface KnownIdentity {
  readonly id: CertificateId;
  readonly level: 'hostname' | 'zone' | 'global';
  readonly source: 'uploaded' | 'managed' | 'shared';
  readonly status: DeploymentStatus;
  readonly leaf: X509Facts;
  readonly chain: readonly X509Facts[];
  /** Since when it is here; `null` for the shared one. */
  readonly addedAt: number | null;
  /** Whether the bundle that origins install can vouch for it. */
  readonly provable: boolean;
}

/** Everything that a zone can present: its own, those on their way in or out too, then what all zones share. */
export function zoneIdentities(call: ZoneCall): readonly KnownIdentity[] {
  const own = [...call.zone.certificates.values()].map((certificate) => ownIdentity(certificate, call));
  return [...own.filter(({ status }) => status !== 'deleted'), sharedIdentity(call)];
}

/** Whether a text is a part of what an identity is found by: its id, its fingerprint, or one of its names. */
export function isCalled({ id, leaf }: KnownIdentity, text: string): boolean {
  const wanted = text.toLowerCase();
  const words = [id, leaf.fingerprint, leaf.subject, leaf.issuer, ...leaf.dnsNames, ...leaf.uris];
  return words.some((word) => word.toLowerCase().includes(wanted));
}

/** One by its id, also one that was deleted. */
export function zoneIdentity(id: CertificateId, call: ZoneCall): KnownIdentity | undefined {
  const certificate = call.zone.certificates.get(id);
  if (certificate !== undefined) return ownIdentity(certificate, call);
  const shared = sharedIdentity(call);
  return shared.id === id ? shared : undefined;
}

function ownIdentity(certificate: ClientCertificate, call: ZoneCall): KnownIdentity {
  const { id, level, source, leaf, chain, uploadedAt } = certificate;
  const { applied, now } = progress(call);
  const status = deploymentStatus(certificate.wish, applied, now);
  return { id, level, source, status, leaf, chain, addedAt: uploadedAt, provable: vouchedFor(certificate) };
}

function sharedIdentity({ plane: { installation } }: ZoneCall): KnownIdentity {
  const { identity, leaf, intermediate } = installation.shared;
  const own = { id: identity.certificate, level: 'global', source: 'shared', status: 'active' } as const;
  return { ...own, leaf, chain: [intermediate], addedAt: null, provable: true };
}

/** An identity as the API shows it. */
export function identityView(identity: KnownIdentity, call: ZoneCall): View<typeof IDENTITY> {
  const { id, level, source, status, leaf, addedAt, provable } = identity;
  const held = status === 'active' && call.plane.holdsKey(id);
  return {
    id,
    level,
    source,
    status,
    fingerprint: leaf.fingerprint,
    subject: leaf.subject,
    uris: leaf.uris,
    dns_names: leaf.dnsNames,
    key_type: leaf.keyType,
    issuer: leaf.issuer,
    serial_number: decimalSerial(leaf),
    valid_from: second(leaf.notBefore),
    expires_on: second(leaf.notAfter),
    added_on: addedAt === null ? null : moment(addedAt),
    // What its owner brought, its owner renews.
    renews_on: source === 'uploaded' || status === 'deleted' ? null : second(renewalDue(leaf)),
    key_at_edge: held,
    provable,
    presented_by: held && call.now <= leaf.notAfter ? presentersOf(id, call) : NOBODY,
  };
}

/** The same with the certificate itself and its issuers, in PEM. */
export function wholeIdentityView(identity: KnownIdentity, call: ZoneCall): View<typeof WHOLE_IDENTITY> {
  return { ...identityView(identity, call), certificate: chainPem(identity.leaf, identity.chain) };
}

const NOBODY: Presenters = { count: 0, hostnames: [] };

// A zone that changes is compiled to another object: so what follows from one is counted once for as long as it is there.
const counted = new WeakMap<EdgeZone, ReadonlyMap<CertificateId, Presenters>>();

function presentersOf(id: CertificateId, { zone, plane }: ZoneCall): Presenters {
  const edge = plane.edgeZone(zone.id);
  if (edge === undefined) return NOBODY;
  const found = counted.get(edge) ?? presenters(edge);
  counted.set(edge, found);
  return found.get(id) ?? NOBODY;
}

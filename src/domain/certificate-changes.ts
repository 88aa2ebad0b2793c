import type { ClientCertificate, X509Facts } from './certificate.ts';
import { type Circumstances, zoneBelow } from './circumstances.ts';
import { type CertificateId, type Hostname, isWithin } from './ids.ts';
import { type Problem, problem } from './problems.ts';
import type { Association, Zone } from './zone.ts';

/** A certificate as it comes in; its key goes to the vault under the same id. */
export type CertificateDraft = Omit<ClientCertificate, 'wish' | 'uploadedAt'>;

/** What an owner wants for a hostname; `void` gives it back to the zone's setting. */
export interface AssociationWish {
  readonly hostname: Hostname;
  readonly certificate: CertificateId;
  readonly wish: 'present' | 'veto' | 'void';
}

/**
 * Adds a certificate. One that was deleted for good comes back under its old id, as at Cloudflare. A managed one takes
 * the place of those before it: edges have the new one in force before they are told to forget a key.
 */
export function addCertificate(zone: Zone, draft: CertificateDraft, world: Circumstances): Zone | Problem {
  const known = sameCertificate(zone, draft.level, draft.leaf);
  if (known !== undefined && !settled(known, world)) {
    const state = known.wish.kind === 'deploy' ? '' : ' and is still being deleted';
    return problem('certificate_exists', `as ${known.id}${state}`, '/certificate');
  }
  const wish = { kind: 'deploy', at: world.now, revision: world.revision } as const;
  const certificate = { ...draft, id: known?.id ?? draft.id, uploadedAt: world.now, wish };
  const before = certificate.source === 'managed' ? withoutManaged(zone.certificates, world) : zone.certificates;
  return { ...zone, certificates: new Map(before).set(certificate.id, certificate) };
}

function withoutManaged(certificates: Zone['certificates'], { now, revision }: Circumstances): Zone['certificates'] {
  const wish = { kind: 'delete', at: now, revision } as const;
  const ended = [...certificates.values()].filter((one) => one.source === 'managed' && one.wish.kind === 'deploy');
  return new Map([...certificates, ...ended.map((one) => [one.id, { ...one, wish }] as const)]);
}

/** The certificate of this level with the same leaf, alive or not. */
export function sameCertificate(
  zone: Zone,
  level: ClientCertificate['level'],
  leaf: X509Facts,
): ClientCertificate | undefined {
  for (const candidate of zone.certificates.values()) {
    if (candidate.level === level && candidate.leaf.fingerprint === leaf.fingerprint) return candidate;
  }
  return undefined;
}

function settled({ wish }: ClientCertificate, { applied }: Circumstances): boolean {
  return wish.kind === 'delete' && applied >= wish.revision;
}

/** Takes a certificate out of use. It stays readable by its id. */
export function deleteCertificate(
  zone: Zone,
  { level, id }: { readonly level: ClientCertificate['level']; readonly id: CertificateId },
  world: Circumstances,
): Zone | Problem {
  const known = zone.certificates.get(id);
  if (known === undefined || known.level !== level) return problem('certificate_not_found', id);
  if (known.source === 'managed') return problem('managed_certificate');
  if (known.wish.kind === 'delete') return problem('certificate_pending_deletion', id);
  const user = [...zone.associations.values()].find(({ certificate }) => certificate === id);
  if (user !== undefined) return problem('certificate_in_use', user.hostname);
  const wish = { kind: 'delete', at: world.now, revision: world.revision } as const;
  return { ...zone, certificates: new Map(zone.certificates).set(id, { ...known, wish }) };
}

/**
 * Sets, changes or voids what hostnames present. One bad entry leaves all of them as they were; where nothing differs,
 * the answer is the zone itself.
 */
export function associate(zone: Zone, wishes: readonly AssociationWish[], world: Circumstances): Zone | Problem {
  const associations = new Map(zone.associations);
  let differs = false;
  for (const [index, wish] of wishes.entries()) {
    const fault = unfit(zone, wish, index) ?? misplaced(zone, wish, { index, world });
    if (fault !== null) return fault;
    if (isAsWished(associations.get(wish.hostname), wish)) continue;
    differs = true;
    if (wish.wish === 'void') associations.delete(wish.hostname);
    else associations.set(wish.hostname, association(zone, wish, wish.wish, world));
  }
  return differs ? { ...zone, associations } : zone;
}

function isAsWished(present: Association | undefined, { certificate, wish }: AssociationWish): boolean {
  if (present === undefined) return wish === 'void';
  return present.kind === wish && present.certificate === certificate;
}

function unfit(zone: Zone, { hostname, certificate, wish }: AssociationWish, index: number): Problem | null {
  const at = `/config/${index}`;
  if (!isWithin(hostname, zone.name)) {
    return problem('hostname_outside_zone', `${hostname} is not in ${zone.name}`, `${at}/hostname`);
  }
  const known = zone.certificates.get(certificate);
  // Voiding needs no living certificate: it must work also when the certificate is on its way out.
  if (wish === 'void' && known !== undefined) return null;
  if (known?.level === 'hostname' && known.wish.kind === 'deploy') return null;
  const where = known?.level === 'zone' ? ' is a certificate of the zone level' : ' is unknown or deleted';
  return problem('invalid_certificate_id', `${certificate}${where}`, `${at}/cert_id`);
}

// Voiding is always possible: the association may be older than the zone below.
function misplaced(
  zone: Zone,
  { hostname, wish }: AssociationWish,
  { index, world }: { readonly index: number; readonly world: Circumstances },
): Problem | null {
  const below = wish === 'void' ? null : zoneBelow(zone, hostname, world);
  if (below === null) return null;
  return problem('hostname_outside_zone', `${hostname} is in ${below.name}`, `/config/${index}/hostname`);
}

function association(
  zone: Zone,
  { hostname, certificate }: AssociationWish,
  kind: Association['kind'],
  { now, revision }: Circumstances,
): Association {
  const createdAt = zone.associations.get(hostname)?.createdAt ?? now;
  return { hostname, kind, certificate, createdAt, updatedAt: now, revision };
}

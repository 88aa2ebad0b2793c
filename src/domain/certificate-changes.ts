import { type ClientCertificate, chainPem, type X509Facts } from './certificate.ts';
import { type Circumstances, zoneBelow } from './circumstances.ts';
import { type CertificateId, type Hostname, isWithin } from './ids.ts';
import { type LimitName, limitKey, tooMany } from './limits.ts';
import { type Problem, problem } from './problems.ts';
import { isRevoked } from './revocation.ts';
import { isMoving, isRunning } from './rotation.ts';
import type { Association, Zone } from './zone.ts';

/** A certificate as it comes in; its key goes to the vault under the same id. */
export type CertificateDraft = Omit<ClientCertificate, 'wish' | 'uploadedAt' | 'sent'> & { readonly sent: string };

/** What an owner wants for a hostname; `void` gives it back to the zone's setting. */
export interface AssociationWish {
  readonly hostname: Hostname;
  readonly certificate: CertificateId;
  readonly wish: 'present' | 'veto' | 'void';
}

/**
 * Adds a certificate. One that was deleted for good comes back under its old id, as at Cloudflare. A managed one of the
 * zone takes the place of those before it: edges have the new one in force before they are told to forget a key.
 */
export function addCertificate(zone: Zone, draft: CertificateDraft, world: Circumstances): Zone | Problem {
  const known = sameCertificate(zone, draft.level, draft.leaf);
  if (known !== undefined && !settled(known, world)) {
    const state = known.wish.kind === 'deploy' ? '' : ' and is still being deleted';
    return problem('certificate_exists', `as ${known.id}${state}`, '/certificate');
  }
  if (isRevoked(zone, draft)) return problem('certificate_revoked', draft.leaf.subject, '/certificate');
  if (isCounted(draft) && counted(zone, draft.level) >= world.limits.aopCertificatesPerZone) {
    return tooMany(`client certificates of the ${draft.level} level`, 'aopCertificatesPerZone', world.limits);
  }
  const wish = { kind: 'deploy', at: world.now, revision: world.revision } as const;
  const sent = draft.sent === chainPem(draft.leaf, draft.chain) ? null : draft.sent;
  const certificate = { ...draft, sent, id: known?.id ?? draft.id, uploadedAt: world.now, wish };
  const replaces = certificate.source === 'managed' && certificate.level === 'zone';
  const before = replaces ? withoutManaged(zone.certificates, world) : zone.certificates;
  return { ...zone, certificates: new Map(before).set(certificate.id, certificate) };
}

/** A certificate that Postern made, as it comes into a zone. */
export function arrived(draft: CertificateDraft, { now, revision }: Circumstances): ClientCertificate {
  return { ...draft, sent: null, uploadedAt: now, wish: { kind: 'deploy', at: now, revision } };
}

// The one managed certificate that every zone has is not of its owner's making.
function isCounted({ source, level }: Pick<ClientCertificate, 'source' | 'level'>): boolean {
  return source === 'uploaded' || level === 'hostname';
}

function counted({ certificates, rotation }: Zone, level: ClientCertificate['level']): number {
  let count = 0;
  for (const one of certificates.values()) {
    // During a rotation two stand for one.
    const counts = isCounted(one) && one.wish.kind === 'deploy' && !isMoving(rotation, one.id);
    if (one.level === level && counts) count += 1;
  }
  return count;
}

function withoutManaged(certificates: Zone['certificates'], { now, revision }: Circumstances): Zone['certificates'] {
  const wish = { kind: 'delete', at: now, revision } as const;
  const ended = [...certificates.values()].filter(
    ({ source, level, wish: { kind } }) => source === 'managed' && level === 'zone' && kind === 'deploy',
  );
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
  if (known.source === 'managed' && level === 'zone') return problem('managed_certificate');
  if (known.wish.kind === 'delete') return problem('certificate_pending_deletion', id);
  const { rotation } = zone;
  if (isRunning(rotation) && rotation.successions.some(({ from, to }) => from === id || to === id)) {
    return problem('rotation_running', `${rotation.id} replaces this certificate`);
  }
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
  const named: NamedBy[] = [];
  let differs = false;
  for (const [index, wish] of wishes.entries()) {
    const fault = unfit(zone, wish, index) ?? misplaced(zone, wish, { index, world });
    if (fault !== null) return fault;
    if (isAsWished(associations.get(wish.hostname), wish)) continue;
    differs = true;
    if (wish.wish === 'void') associations.delete(wish.hostname);
    else {
      if (associations.get(wish.hostname)?.certificate !== wish.certificate) named.push({ ...wish, index });
      associations.set(wish.hostname, association(zone, wish, wish.wish, world));
    }
  }
  if (!differs) return zone;
  return overLimit({ ...zone, associations }, named, world) ?? { ...zone, associations };
}

/** A hostname that names a certificate which it did not name before, and where it stands in the list. */
interface NamedBy extends AssociationWish {
  readonly index: number;
}

// Only what comes new is refused: a limit that was lowered must not keep anybody from changing what is there.
function overLimit(after: Zone, named: readonly NamedBy[], { limits }: Circumstances): Problem | null {
  const [first] = named;
  if (first === undefined) return null;
  const refuse = (name: LimitName, index: number) =>
    problem('too_many_hostnames', `${limits[name]} are allowed (${limitKey(name)})`, `/config/${index}/hostname`);
  if (after.associations.size > limits.aopHostnamesPerZone) return refuse('aopHostnamesPerZone', first.index);
  const counts = new Map<CertificateId, number>();
  for (const { certificate } of after.associations.values()) {
    counts.set(certificate, (counts.get(certificate) ?? 0) + 1);
  }
  const over = named.find(({ certificate }) => (counts.get(certificate) ?? 0) > limits.aopHostnamesPerCertificate);
  return over === undefined ? null : refuse('aopHostnamesPerCertificate', over.index);
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
  if (isMoving(zone.rotation, certificate)) {
    return problem('rotation_running', `${zone.rotation?.id} replaces ${certificate}`, `${at}/cert_id`);
  }
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

import type { X509Facts } from './certificate.ts';
import { type Circumstances, zoneBelow } from './circumstances.ts';
import type { CustomCertificate } from './custom-certificate.ts';
import { type CertificateId, type Fingerprint, hostnamePattern, isWithin } from './ids.ts';
import { tooMany } from './limits.ts';
import { type Problem, problem } from './problems.ts';
import type { Zone } from './zone.ts';

/** A server certificate as it comes in; its key goes to the vault under the same id. */
export type CustomCertificateDraft = Omit<CustomCertificate, 'priority' | 'uploadedAt' | 'modifiedAt' | 'revision'>;

/** Which number a certificate shall have among those that hold the same name. */
export interface PriorityWish {
  readonly id: CertificateId;
  readonly priority: number;
}

interface Replacement {
  readonly id: CertificateId;
  readonly over: Fingerprint;
  readonly draft: CustomCertificateDraft;
}

const HIGHEST_PRIORITY = 1_000_000;

/** Adds a certificate. It gets the highest priority: what was uploaded last is what visitors shall see. */
export function addCustomCertificate(zone: Zone, draft: CustomCertificateDraft, world: Circumstances): Zone | Problem {
  const fault = unfit(zone, draft, world);
  if (fault !== null) return fault;
  const { now, revision, limits } = world;
  if (zone.customCertificates.size >= limits.visitorCertificatesPerZone) {
    return tooMany('visitor certificates', 'visitorCertificatesPerZone', limits);
  }
  const highest = Math.max(0, ...[...zone.customCertificates.values()].map(({ priority }) => priority));
  const priority = Math.min(highest + 1, HIGHEST_PRIORITY);
  return withCertificate(zone, { ...draft, priority, uploadedAt: now, modifiedAt: now, revision });
}

/** Puts another certificate in the place of one, under its id or under a new one. Its priority stays. */
export function replaceCustomCertificate(
  zone: Zone,
  { id, over, draft }: Replacement,
  world: Circumstances,
): Zone | Problem {
  const known = zone.customCertificates.get(id);
  if (known === undefined) return problem('certificate_not_found', id);
  if (known.leaf.fingerprint !== over) return problem('certificate_changed', id);
  const rest = without(zone, id);
  const fault = unfit(rest, draft, world);
  if (fault !== null) return fault;
  const { priority, uploadedAt } = known;
  const { now, revision } = world;
  return withCertificate(draft.id === id ? zone : rest, {
    ...draft,
    priority,
    uploadedAt: draft.id === id ? uploadedAt : now,
    modifiedAt: now,
    revision,
  });
}

/** Ends the use of a certificate: visitors are shown the next one of the name, in the end that of the local CA. */
export function deleteCustomCertificate(zone: Zone, id: CertificateId): Zone | Problem {
  return zone.customCertificates.has(id) ? without(zone, id) : problem('certificate_not_found', id);
}

/** Gives certificates another rank. One unknown id leaves all as they were. */
export function prioritize(zone: Zone, wishes: readonly PriorityWish[], world: Circumstances): Zone | Problem {
  let next = zone;
  for (const [index, { id, priority }] of wishes.entries()) {
    const known = next.customCertificates.get(id);
    if (known === undefined) return problem('certificate_not_found', id, `/certificates/${index}/id`);
    if (known.priority === priority) continue;
    next = withCertificate(next, { ...known, priority, modifiedAt: world.now, revision: world.revision });
  }
  return next;
}

function unfit(zone: Zone, { leaf }: CustomCertificateDraft, world: Circumstances): Problem | null {
  for (const known of zone.customCertificates.values()) {
    if (known.leaf.fingerprint === leaf.fingerprint) {
      return problem('certificate_exists', `as ${known.id}`, '/certificate');
    }
  }
  return misnamed(zone, leaf, world);
}

// Browsers read names from subjectAltName alone (RFC 9525 §4.1), and no zone may speak for another.
function misnamed(zone: Zone, { dnsNames }: X509Facts, world: Circumstances): Problem | null {
  if (dnsNames.length === 0) {
    return problem('certificate_unfit', 'it names no host in subjectAltName', '/certificate');
  }
  for (const text of dnsNames) {
    const name = hostnamePattern(text);
    if (name === null) return problem('certificate_unfit', `${text} in it is no hostname`, '/certificate');
    if (!isWithin(name, zone.name)) {
      return problem('hostname_outside_zone', `${name} in the certificate is not in ${zone.name}`, '/certificate');
    }
    const below = zoneBelow(zone, name, world);
    if (below !== null) {
      return problem('hostname_outside_zone', `${name} in the certificate is in ${below.name}`, '/certificate');
    }
  }
  return null;
}

function withCertificate(zone: Zone, certificate: CustomCertificate): Zone {
  return { ...zone, customCertificates: new Map(zone.customCertificates).set(certificate.id, certificate) };
}

function without(zone: Zone, id: CertificateId): Zone {
  const customCertificates = new Map(zone.customCertificates);
  customCertificates.delete(id);
  return { ...zone, customCertificates };
}

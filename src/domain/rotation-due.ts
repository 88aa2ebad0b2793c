import type { ClientCertificate, X509Facts } from './certificate.ts';
import type { EdgeZone } from './edge-zone.ts';
import type { Instant, ZoneId } from './ids.ts';
import { presenters } from './presenters.ts';
import { isRunning, type Rotated } from './rotation.ts';
import type { Zone } from './zone.ts';

const DAY = 86_400_000;
/** No certificate is renewed earlier than this part of its life before its time. */
const MOST_SPREAD = 1 / 12;

/** What of a zone's authority and managed certificates has less than a third of its life left; the highest first. */
export function rotationDue(zone: Zone, now: Instant): Rotated | null {
  const due = (facts: Lifetime) => now > renewalTime(facts, zone.id);
  const { root, intermediate, rootKey, standby } = zone.authority;
  // An owner who keeps the key of the root decides about what follows it.
  if (due(root) && rootKey === 'here') return 'root';
  if (due(intermediate) && (rootKey === 'here' || standby !== null)) return 'intermediate';
  return dueLeafs(zone, now).length > 0 ? 'leaf' : null;
}

/** The managed certificates that have less than a third of their life left, and that another one would outlive. */
export function dueLeafs(zone: Zone, now: Instant): readonly ClientCertificate[] {
  // Nothing outlives its issuer, so close before that end another one would gain nothing.
  const { notAfter } = zone.authority.intermediate;
  return managed(zone).filter(({ leaf }) => now > renewalTime(leaf, zone.id) && leaf.notAfter < notAfter);
}

/** The CAs of a zone that only its owner can replace, because the key of the root is away. */
export function ownersCas({ authority: { root, intermediate, rootKey, standby } }: Zone): readonly X509Facts[] {
  if (rootKey === 'here') return [];
  return standby === null ? [root, intermediate] : [root];
}

/** Those of them whose time has come. */
export function ceremoniesDue(zone: Zone, now: Instant): readonly X509Facts[] {
  return isRunning(zone.rotation) ? [] : ownersCas(zone).filter((facts) => now > renewalTime(facts, zone.id));
}

type Lifetime = Pick<X509Facts, 'notBefore' | 'notAfter'>;

/**
 * When a certificate is to be renewed: with a third of its life left, and up to a day before that, by its zone. So zones that
 * were made in one go are not renewed in one go.
 */
function renewalTime({ notBefore, notAfter }: Lifetime, zone: ZoneId): number {
  const life = notAfter - notBefore;
  const share = Number.parseInt(zone.slice(0, 8), 16) / 0x1_0000_0000;
  return Math.floor(notAfter - life / 3 - share * Math.min(DAY, life * MOST_SPREAD));
}

/** The certificates of a zone that its own authority made and that are in use, or ready for it. */
export function managed({ certificates }: Zone): readonly ClientCertificate[] {
  return [...certificates.values()].filter(({ source, wish }) => source === 'managed' && wish.kind === 'deploy');
}

/** Whether a hostname is to present one of the managed certificates: then another one must be proved first. */
export function presentsManaged(zone: Zone, edge: EdgeZone): boolean {
  const shown = presenters(edge);
  return managed(zone).some(({ id, level }) => level === 'hostname' || shown.has(id));
}

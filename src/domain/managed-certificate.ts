import { addCertificate, associate, type CertificateDraft } from './certificate-changes.ts';
import { type Circumstances, zoneBelow } from './circumstances.ts';
import { type Hostname, isWithin } from './ids.ts';
import { type Problem, problem } from './problems.ts';
import { isPromoted, isRunning } from './rotation.ts';
import type { Zone } from './zone.ts';
import { issuingCa } from './zone-cas.ts';

/** A certificate that the zone's own authority made for some of its hostnames; its key comes along. */
export interface ManagedIssue {
  readonly draft: CertificateDraft;
  /** The DNS names in it. */
  readonly hostnames: readonly Hostname[];
  /** Whether they present it from now on. */
  readonly present: boolean;
}

/**
 * Adds a managed certificate for hostnames and, where wished, has them present it. That needs no rotation: what a hostname
 * shows is its owner's own decision, as with uploads.
 */
export function issueManaged(
  zone: Zone,
  { draft, hostnames, present }: ManagedIssue,
  world: Circumstances,
): Zone | Problem {
  const outside = unissuable(zone, hostnames, world);
  if (outside !== null) return outside;
  // Between two CAs: one that the old CA signs would outlive its place in the bundle.
  if (isRunning(zone.rotation) && zone.rotation.what !== 'leaf' && !isPromoted(zone.rotation)) {
    return problem('rotation_running', zone.rotation.id);
  }
  if (draft.chain[0]?.fingerprint !== issuingCa(zone).fingerprint) return problem('rotation_moved_on', zone.name);
  const added = addCertificate(zone, draft, world);
  if ('code' in added || !present) return added;
  const wishes = hostnames.map((hostname) => ({ hostname, certificate: draft.id, wish: 'present' }) as const);
  const associated = associate(added, wishes, world);
  if (!('code' in associated) || associated.pointer === undefined) return associated;
  return { ...associated, pointer: associated.pointer.replace(/^\/config(\/\d+).*$/, '/hostnames$1') };
}

/** Why the authority of a zone cannot certify these names; `null` where it can. */
function unissuable(zone: Zone, hostnames: readonly Hostname[], world: Circumstances): Problem | null {
  for (const [index, hostname] of hostnames.entries()) {
    const at = `/hostnames/${index}`;
    if (!isWithin(hostname, zone.name)) {
      return problem('hostname_outside_zone', `${hostname} is not in ${zone.name}`, at);
    }
    const below = zoneBelow(zone, hostname, world);
    if (below !== null) return problem('hostname_outside_zone', `${hostname} is in ${below.name}`, at);
  }
  return null;
}

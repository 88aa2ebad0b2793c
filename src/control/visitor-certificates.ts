import { type Hostname, hostnamePattern, type Instant, instant } from '../domain/ids.ts';
import type { Zone } from '../domain/zone.ts';
import { type Authority, createAuthority, type Issued, issueLeaf, validFor } from '../pki/issue.ts';
import { generateKey } from '../pki/keys.ts';
import { PROFILES } from '../pki/profiles.ts';
import { dueForRenewal } from './validity.ts';

/** What the edge shows to visitors of a zone. Its key is in the vault under the zone's id. */
export interface VisitorCertificate {
  readonly names: readonly Hostname[];
  /** PEM, leaf first. */
  readonly chain: string;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

const DAY = 86_400_000;
const LEAF_LIFETIME = 90 * DAY;
const CA_LIFETIME = 3650 * DAY;
const MAX_NAMES = 100;
// RFC 5280 appendix A.1, ub-common-name.
const MAX_COMMON_NAME = 64;

/** The CA of an installation for visitor certificates: what people import who want no warning before ACME is set up. */
export async function createVisitorCa(host: string, now: Instant): Promise<Authority> {
  return createAuthority({
    profile: PROFILES.serverRoot,
    subject: { organization: 'Postern', commonName: `visitor root ${host}`.slice(0, MAX_COMMON_NAME) },
    key: await generateKey(),
    validity: validFor(now, CA_LIFETIME),
  });
}

/**
 * The names that a zone's visitor certificate must hold: the zone, everything one label below it, and for each proxied
 * host deeper down the same of its parent, because a wildcard stands for one label only (RFC 6125 §6.4.3).
 */
export function visitorNames(zone: Pick<Zone, 'name' | 'records'>): readonly Hostname[] {
  const parents = new Set<string>();
  for (const { name, proxied } of zone.records.values()) {
    const parent = name.slice(name.indexOf('.') + 1);
    if (proxied && parent.length > zone.name.length) parents.add(parent);
  }
  const bases = [zone.name, ...[...parents].sort()];
  return bases
    .flatMap((base) => [hostnamePattern(base), hostnamePattern(`*.${base}`)])
    .filter((name) => name !== null)
    .slice(0, MAX_NAMES);
}

/** Whether a zone needs another certificate: its names changed, or too little of its life is left. */
export function needsAnother(present: VisitorCertificate, names: readonly Hostname[], now: Instant): boolean {
  const same = present.names.length === names.length && names.every((name, index) => name === present.names[index]);
  return !same || dueForRenewal(present, now);
}

/** A new certificate for these names, with a key of its own. */
export async function issueVisitorCertificate(
  ca: Authority,
  { zone, names, now }: { readonly zone: Hostname; readonly names: readonly Hostname[]; readonly now: Instant },
): Promise<Issued> {
  const wished = validFor(now, LEAF_LIFETIME);
  return issueLeaf(ca, {
    profile: PROFILES.serverLeaf,
    subject: { commonName: zone.length <= MAX_COMMON_NAME ? zone : 'visitors' },
    key: await generateKey(),
    validity: { ...wished, notAfter: instant(Math.min(wished.notAfter, ca.certificate.notAfter)) },
    names: names.map((name) => ({ kind: 'dns', value: name })),
  });
}

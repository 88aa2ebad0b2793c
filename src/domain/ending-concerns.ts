import type { X509Facts } from './certificate.ts';
import { zoneCertificate } from './compile.ts';
import type { Hostname, Instant } from './ids.ts';
import { ending, type Ending, lateWarnings, WARNINGS } from './ending.ts';
import type { Concern, NoticeCode } from './notice.ts';
import { isRunning } from './rotation.ts';
import { ceremoniesDue, managed, ownersCas } from './rotation-due.ts';
import type { Zone } from './zone.ts';

const DAY = 86_400_000;

/** What of a zone ends soon, or has ended, and waits for somebody to do something about it. */
export function endingConcerns(zone: Zone, now: Instant): readonly Concern[] {
  return [
    ...uploaded(zone, now),
    ...listed(zone, now),
    ...ofServers(
      'visitor_certificate_ending',
      [...zone.customCertificates.values()].map(({ id, leaf }) => ({ id, leaf, hostnames: [], names: leaf.dnsNames })),
      now,
    ),
    ...[...zone.trustStore.values()].flatMap(({ id, certificate: leaf }) =>
      ending('origin_ca_ending', id, endOf(leaf), now),
    ),
    ...ofServers(
      'origin_certificate_ending',
      [...zone.originCertificates.values()]
        .filter(({ revokedAt }) => revokedAt === null)
        .map(({ id, certificate: leaf, hostnames }) => ({ id, leaf, hostnames, names: hostnames })),
      now,
    ),
    ...late(zone, now),
  ];
}

/** What ends of the identity that all zones may share, though it should have been renewed. */
export function sharedConcerns(chain: readonly X509Facts[], now: Instant): readonly Concern[] {
  return chain.flatMap((facts) => ending('shared_identity_ending', facts.fingerprint, renewing(facts), now));
}

/** Uploads that are presented: one that another upload has followed harms nobody by its end. */
function uploaded(zone: Zone, now: Instant): readonly Concern[] {
  const near = [...zone.certificates.values()].filter(
    ({ source, wish, leaf }) =>
      source === 'uploaded' && wish.kind === 'deploy' && leaf.notAfter - now <= WARNINGS[0] * DAY,
  );
  if (near.length === 0) return [];
  const named = presenting(zone);
  const ofZone = zoneCertificate(zone)?.id;
  return near.flatMap(({ id, level, leaf }) => {
    const hostnames = named.get(id) ?? [];
    if (level === 'zone' ? id !== ofZone : hostnames.length === 0) return [];
    return ending('certificate_ending', id, { ...endOf(leaf), hostnames }, now);
  });
}

/** The hostnames that present each certificate. */
function presenting({ associations }: Zone): ReadonlyMap<string, readonly Hostname[]> {
  const named = new Map<string, Hostname[]>();
  for (const { kind, certificate, hostname } of associations.values()) {
    if (kind !== 'present') continue;
    const known = named.get(certificate);
    if (known === undefined) named.set(certificate, [hostname]);
    else known.push(hostname);
  }
  return named;
}

interface ServerCertificate {
  readonly id: string;
  readonly leaf: X509Facts;
  readonly hostnames: readonly Hostname[];
  readonly names: readonly string[];
}

/** Of several for the same names only the one that ends last matters: the others were renewed in time. */
function ofServers(code: NoticeCode, all: readonly ServerCertificate[], now: Instant): readonly Concern[] {
  const last = new Map<string, ServerCertificate>();
  for (const one of all) {
    const key = one.names.toSorted().join(' ');
    const known = last.get(key);
    if (known === undefined || one.leaf.notAfter > known.leaf.notAfter) last.set(key, one);
  }
  return [...last.values()].flatMap(({ id, leaf, hostnames }) => ending(code, id, { ...endOf(leaf), hostnames }, now));
}

/** Each CA that a zone asks its visitors for, with all hostnames that do. */
function listed({ visitorAuthorities }: Zone, now: Instant): readonly Concern[] {
  const known = new Map<string, { readonly leaf: X509Facts; readonly hostnames: readonly Hostname[] }>();
  for (const { hostname, certificates } of visitorAuthorities.values()) {
    for (const leaf of certificates) {
      const before = known.get(leaf.fingerprint)?.hostnames ?? [];
      known.set(leaf.fingerprint, { leaf, hostnames: [...before, hostname] });
    }
  }
  return [...known].flatMap(([fingerprint, { leaf, hostnames }]) =>
    ending('visitor_authority_ending', fingerprint, { ...endOf(leaf), hostnames }, now),
  );
}

/**
 * What the zone's own authority made, and the authority itself, where their renewal is late; and where nobody but its owner
 * could renew it, because the key of the root is away, from the time on when it is due.
 */
function late(zone: Zone, now: Instant): readonly Concern[] {
  const { rotation, authority } = zone;
  // Of what a rotation is replacing, its own concerns speak.
  const leaving = isRunning(rotation) ? rotation.successions.map(({ from }) => from) : [];
  const leaves = managed(zone).filter(({ id }) => !leaving.includes(id));
  const owners = ownersCas(zone);
  const own = [authority.root, authority.intermediate].filter((facts) => !owners.includes(facts));
  const ceremonies = ceremoniesDue(zone, now);
  return [
    ...leaves.flatMap(({ id, leaf }) => ending('managed_ending', id, renewing(leaf), now)),
    ...own.flatMap((facts) => ending('managed_ending', facts.fingerprint, renewing(facts), now)),
    ...ceremonies.flatMap((facts) => ending('authority_ending', facts.fingerprint, ownersTurn(facts), now)),
  ];
}

function ownersTurn(facts: X509Facts): Ending {
  return { ...endOf(facts), warnings: [Number.POSITIVE_INFINITY, ...WARNINGS] };
}

function renewing(facts: X509Facts): Ending {
  return { ...endOf(facts), warnings: lateWarnings(facts.notAfter - facts.notBefore) };
}

function endOf(facts: X509Facts): Ending {
  return { of: facts, notAfter: facts.notAfter };
}

import type { X509Facts } from './certificate.ts';
import { zoneCertificate } from './compile.ts';
import type { Hostname, Instant } from './ids.ts';
import { type Concern, NO_SUBJECT, NOTICE_KINDS, type NoticeCode, type NoticeSubject } from './notice.ts';
import { isRunning } from './rotation.ts';
import { managed } from './rotation-due.ts';
import type { Zone } from './zone.ts';

const DAY = 86_400_000;
/** How many days before the end something is said, the earliest first; and once more when it is over. */
const WARNINGS = [30, 14, 7, 1, 0] as const;
/** From so many days on a word is no longer a reminder. */
const URGENT = 1;
/** What Postern renews by itself is spoken of only when less than this part of its life is left: it is late then. */
const LATE = 1 / 4;
/** Hostnames that a notice names: a certificate may be for a hundred thousand. */
const MOST_NAMED = 20;

type Lifetime = Pick<X509Facts, 'notBefore' | 'notAfter'>;

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
      ending('origin_ca_ending', id, { leaf, hostnames: [] }, now),
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

interface Ending {
  readonly leaf: X509Facts;
  readonly hostnames: readonly Hostname[];
  /** Days before the end at which something is said, where they are not the usual ones. */
  readonly warnings?: readonly number[];
}

/** The concern about one certificate: none or one. */
function ending(code: NoticeCode, id: string, { leaf, hostnames, warnings = WARNINGS }: Ending, now: Instant) {
  const left = leaf.notAfter - now;
  const stage = warnings.filter((days) => left <= days * DAY).length;
  if (stage === 0) return [];
  const about: NoticeSubject = {
    ...NO_SUBJECT,
    certificate: id,
    fingerprint: leaf.fingerprint,
    subject: leaf.subject,
    hostnames: hostnames.slice(0, MOST_NAMED),
    endsAt: leaf.notAfter,
  };
  const urgent = left <= URGENT * DAY;
  const severity = urgent ? 'critical' : NOTICE_KINDS[code].severity;
  const concern: Concern = {
    key: `${code} ${id}`,
    stage,
    code,
    severity,
    about,
    detail: when(leaf, left) + others(hostnames),
  };
  return [concern];
}

function others({ length }: readonly Hostname[]): string {
  return length > MOST_NAMED ? `; for ${length} hostnames` : '';
}

function when({ subject, notAfter }: X509Facts, left: number): string {
  const day = new Date(notAfter).toISOString().slice(0, 10);
  if (left <= 0) return `${subject} ended on ${day}`;
  const days = Math.ceil(left / DAY);
  return `${subject} ends on ${day}, in ${days === 1 ? 'a day' : `${days} days`}`;
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
    return ending('certificate_ending', id, { leaf, hostnames }, now);
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

interface ServerCertificate extends Ending {
  readonly id: string;
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
  return [...last.values()].flatMap((one) => ending(code, one.id, one, now));
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
  return [...known].flatMap(([fingerprint, one]) => ending('visitor_authority_ending', fingerprint, one, now));
}

/** What the zone's own authority made, and the authority itself, where their renewal is late. */
function late(zone: Zone, now: Instant): readonly Concern[] {
  const { rotation, authority } = zone;
  // Of what a rotation is replacing, its own concerns speak.
  const leaving = isRunning(rotation) ? rotation.successions.map(({ from }) => from) : [];
  const leaves = managed(zone).filter(({ id }) => !leaving.includes(id));
  return [
    ...leaves.flatMap(({ id, leaf }) => ending('managed_ending', id, renewing(leaf), now)),
    ...[authority.root, authority.intermediate].flatMap((facts) =>
      ending('managed_ending', facts.fingerprint, renewing(facts), now),
    ),
  ];
}

function renewing(leaf: X509Facts): Ending {
  return { leaf, hostnames: [], warnings: WARNINGS.filter((days) => days * DAY < life(leaf) * LATE) };
}

function life({ notBefore, notAfter }: Lifetime): number {
  return notAfter - notBefore;
}

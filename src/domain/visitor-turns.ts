import type { X509Facts } from './certificate.ts';
import { type Consequence, type ConsequenceCode, consequence } from './consequence.ts';
import { preferredFirst } from './custom-certificate.ts';
import type { CertificateId, Hostname, Instant } from './ids.ts';
import { deedWords, oldTlsWords } from './traffic-words.ts';
import { nearestList, type VisitorAuthorities } from './visitor-authorities.ts';
import type { Zone } from './zone.ts';
import { servedNames, type ZonesApart } from './zones-apart.ts';

/** What a change means for how visitors come: with which TLS, with whose certificate, and which one they are shown. */
export function visitorTurns(apart: ZonesApart): readonly Consequence[] {
  return [...oldTls(apart), ...asked(apart), ...shown(apart)];
}

function oldTls({ before, after, traffic }: ZonesApart): readonly Consequence[] {
  const [was, is] = [before, after].map(({ settings }) => settings.minTlsVersion === '1.3');
  if (was === is) return [];
  const told = (code: ConsequenceCode) => [consequence(code, [], { traffic, detail: oldTlsWords(traffic) })];
  if (!is) return [consequence('old_tls_let_in', [], { traffic })];
  const visits = traffic?.visits ?? null;
  if (visits === null || visits.overTls === 0) return told('old_tls_unknown');
  return told(visits.oldTls === 0 ? 'old_tls_unseen' : 'old_tls_refused');
}

/** Whose certificates visitors must show: what differs for each name that is served. */
function asked(apart: ZonesApart): readonly Consequence[] {
  const { before, after, traffic } = apart;
  if (before.visitorAuthorities === after.visitorAuthorities) return [];
  const found = new Map<ConsequenceCode, Hostname[]>();
  const [left, joined] = [new Set<string>(), new Set<string>()];
  for (const name of servedNames(apart)) {
    const [was, is] = [before, after].map(({ visitorAuthorities }) => nearestList(visitorAuthorities, name));
    for (const code of listTurns(was, is, { left, joined })) found.set(code, [...(found.get(code) ?? []), name]);
  }
  const details: Readonly<Partial<Record<ConsequenceCode, string>>> = {
    visitors_asked: 'Nobody was asked for one there yet, so how many have one is not known.',
    visitors_free: deedWords(traffic, ({ uncertified, strangers }) => uncertified + strangers, TURNED_AWAY),
    visitor_authorities_left: `${listed(left)}. ${deedWords(traffic, ({ certified }) => certified, CAME)} Which CA vouched for whom is not counted.`,
    visitor_authorities_joined: `${listed(joined)}. ${deedWords(traffic, ({ strangers }) => strangers, STRANGERS)}`,
  };
  return [...found].map(([code, hostnames]) => consequence(code, hostnames, { traffic, detail: details[code] ?? '' }));
}

const TURNED_AWAY = {
  did: (count: string, one: boolean) =>
    one
      ? 'One request to the zone was turned away for want of a certificate that is believed'
      : `${count} requests to the zone were turned away for want of a certificate that is believed`,
  never: 'No request to the zone was turned away for want of a certificate',
};
const CAME = {
  did: (count: string, one: boolean) =>
    one ? 'One request to the zone came with a certificate' : `${count} requests to the zone came with a certificate`,
  never: 'No request to the zone came with a certificate',
};
const STRANGERS = {
  did: (count: string, one: boolean) =>
    one
      ? 'One request to the zone was turned away because its certificate is of no CA that is believed'
      : `${count} requests to the zone were turned away because their certificates are of no CA that is believed`,
  never: 'No request to the zone was turned away because of its certificate',
};

interface Moved {
  readonly left: Set<string>;
  readonly joined: Set<string>;
}

function listTurns(
  was: VisitorAuthorities | undefined,
  is: VisitorAuthorities | undefined,
  { left, joined }: Moved,
): readonly ConsequenceCode[] {
  if (was === is) return [];
  if (was === undefined) return ['visitors_asked'];
  if (is === undefined) return ['visitors_free'];
  const [gone, come] = [missingFrom(is, was), missingFrom(was, is)];
  for (const { subject } of gone) left.add(subject);
  for (const { subject } of come) joined.add(subject);
  return [
    ...(gone.length === 0 ? [] : (['visitor_authorities_left'] as const)),
    ...(come.length === 0 ? [] : (['visitor_authorities_joined'] as const)),
  ];
}

function missingFrom(list: VisitorAuthorities, of: VisitorAuthorities): readonly X509Facts[] {
  const known = new Set(list.certificates.map(({ fingerprint }) => fingerprint));
  return of.certificates.filter(({ fingerprint }) => !known.has(fingerprint));
}

const MOST_LISTED = 5;

function listed(subjects: ReadonlySet<string>): string {
  const named = [...subjects].slice(0, MOST_LISTED).join('; ');
  return subjects.size > MOST_LISTED ? `${named}; and ${subjects.size - MOST_LISTED} others` : named;
}

/** Which certificate visitors are shown. */
function shown(apart: ZonesApart): readonly Consequence[] {
  const { before, after, now, traffic } = apart;
  if (before.customCertificates === after.customCertificates) return [];
  const [was, is] = [shownIn(before, now), shownIn(after, now)];
  const [local, another]: [Hostname[], Hostname[]] = [[], []];
  for (const name of servedNames(apart)) {
    const [from, to] = [was(name), is(name)];
    if (from?.id === to?.id && from?.leaf === to?.leaf) continue;
    (to === undefined ? local : another).push(name);
  }
  return [
    ...(local.length === 0 ? [] : [consequence('visitors_shown_local', local, { traffic })]),
    ...(another.length === 0 ? [] : [consequence('visitors_shown_another', another, { traffic })]),
  ];
}

interface Shown {
  readonly id: CertificateId;
  readonly leaf: X509Facts;
}

// As the edge chooses, but for what single visitors understand: the preferred first, a name itself before a wildcard.
function shownIn(zone: Zone, now: Instant): (name: Hostname) => Shown | undefined {
  const byName = new Map<string, Shown>();
  for (const id of preferredFirst(zone)) {
    const leaf = zone.customCertificates.get(id)?.leaf;
    if (leaf === undefined || leaf.notAfter < now) continue;
    for (const name of leaf.dnsNames) if (!byName.has(name)) byName.set(name, { id, leaf });
  }
  return (name) => byName.get(name) ?? byName.get(`*${name.slice(name.indexOf('.'))}`);
}

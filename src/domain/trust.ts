import type { ClientCertificate, X509Facts } from './certificate.ts';
import { zoneCertificate } from './compile.ts';
import type { Fingerprint } from './ids.ts';
import type { CaPair, Zone } from './zone.ts';

/** What an origin must believe to accept this zone's pulls, and nobody else's. */
export interface TrustBundle {
  readonly kind: 'zone' | 'shared';
  /** Self-signed roots first, then intermediates, so that a pull without its intermediate verifies too. */
  readonly certificates: readonly X509Facts[];
}

/**
 * The bundle of a zone: its managed authority, during a rotation the coming and the leaving one too, and the issuers that
 * came with its uploads. Never the shared root: that
 * would let every other zone of the installation in.
 */
export function zoneBundle(zone: Zone): TrustBundle {
  const issuers = [...zone.certificates.values()]
    .filter((certificate) => certificate.source === 'uploaded' && certificate.wish.kind === 'deploy')
    .flatMap((certificate) => certificate.chain)
    .filter((facts) => facts.isCa);
  const { retiring } = zone.authority;
  const pairs = caPairs(zone).filter((pair) => pair !== retiring || retiring.trusted);
  const own = [...pairs.map(({ root }) => root), ...pairs.map(({ intermediate }) => intermediate)];
  return { kind: 'zone', certificates: unique([...own, ...issuers]) };
}

/** Whether origins of a zone have nothing to install after a change. */
export function sameBundle(before: Zone, after: Zone): boolean {
  if (before.authority === after.authority && before.certificates === after.certificates) return true;
  const [old, now] = [before, after].map((zone) => zoneBundle(zone).certificates.map(({ fingerprint }) => fingerprint));
  return old?.join() === now?.join();
}

/** The authorities of a zone, the oldest first: so the bundle stays the same when one takes another's place. */
export function caPairs({ authority }: Pick<Zone, 'authority'>): readonly CaPair[] {
  return [authority.retiring, authority, authority.next].filter((pair) => pair !== null);
}

/** Whether a bundle can vouch for what the zone level presents. */
export function provable(zone: Zone): boolean {
  const certificate = zoneCertificate(zone);
  return certificate === null || vouchedFor(certificate);
}

/**
 * Whether the bundle of its zone can vouch for a certificate. An upload whose issuers nobody named up to the root cannot be
 * proved: its owner has to install them by hand.
 */
export function vouchedFor({ source, chain }: ClientCertificate): boolean {
  return source === 'managed' || chain.some(isRoot);
}

// OpenSSL, and with it nginx and Apache, ends a path only at a self-signed certificate.
function isRoot({ isCa, subject, issuer }: X509Facts): boolean {
  return isCa && subject === issuer;
}

function unique(certificates: readonly X509Facts[]): readonly X509Facts[] {
  const seen = new Set<Fingerprint>();
  return certificates.filter(({ fingerprint }) => !seen.has(fingerprint) && seen.add(fingerprint));
}

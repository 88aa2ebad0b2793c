import type { Fingerprint, Hostname, Instant } from './ids.ts';

/** A certificate that a machine says that its own server shows for a name. */
export interface ToldCertificate {
  readonly hostname: Hostname;
  readonly fingerprint: Fingerprint;
  readonly subject: string;
  readonly isSelfSigned: boolean;
}

/** The same as it is kept: since when the machine tells it, and when it last did. */
export interface KeptCertificate extends ToldCertificate {
  readonly since: Instant;
  readonly at: Instant;
}

/** The same with who tells it. */
export interface Witness extends KeptCertificate {
  readonly host: string;
}

/**
 * Whether the origin itself tells the certificate that the edge was shown. A witness for a person who decides, and never more:
 * who holds the token that reports can tell anything.
 */
export type ToldByOrigin =
  | { readonly kind: 'same'; readonly by: Witness }
  | { readonly kind: 'other'; readonly by: Witness }
  | { readonly kind: 'not_told' };

/** Milliseconds after which a machine that told another certificate may have exchanged it. */
const STALE = 900_000;

/**
 * What the witnesses of a name say of a certificate that was shown for it. Where one of late contradicts, that is what is
 * said, whoever else tells the same: a liar must not silence the origin.
 */
export function toldByOrigin(shown: Fingerprint, witnesses: readonly Witness[], now: Instant): ToldByOrigin {
  const newest = witnesses.toSorted((a, b) => b.at - a.at);
  const same = newest.filter(({ fingerprint }) => fingerprint === shown);
  // A machine may show several: one of them is enough for it to agree, where it told that no earlier.
  const agrees = ({ host, at }: Witness) => same.some((one) => one.host === host && one.at >= at);
  const other = newest.find((one) => one.fingerprint !== shown && now - one.at <= STALE && !agrees(one));
  if (other !== undefined) return { kind: 'other', by: other };
  const [by] = same;
  return by === undefined ? { kind: 'not_told' } : { kind: 'same', by };
}

/** What is kept of a machine that tells these now, in place of what it told before. */
export function keptCertificates(
  before: readonly KeptCertificate[],
  told: readonly ToldCertificate[],
  now: Instant,
): readonly KeptCertificate[] {
  return told.map((one) => ({ ...one, since: before.find((known) => isSame(known, one))?.since ?? now, at: now }));
}

/** Whether somebody who looked at what was told before would see something new now. */
export function tellsOthers(before: readonly ToldCertificate[], told: readonly ToldCertificate[]): boolean {
  const has = (all: readonly ToldCertificate[], one: ToldCertificate) => all.some((known) => isSame(known, one));
  return told.some((one) => !has(before, one)) || before.some((one) => !has(told, one));
}

function isSame(a: ToldCertificate, b: ToldCertificate): boolean {
  return a.hostname === b.hostname && a.fingerprint === b.fingerprint;
}

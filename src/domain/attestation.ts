import type { EdgeZone } from './edge-zone.ts';
import type { CertificateId, Hostname, Instant } from './ids.ts';
import { type LookPause, lookedPath, type LookSettings } from './look-settings.ts';
import { decidingLevel } from './plan.ts';
import { originAt, originKey, type OriginName } from './proof.ts';
import type { Verdict } from './verdict.ts';

/** An origin whose lock is looked at, with what the edge presents to it. */
export interface AttestedOrigin {
  readonly origin: OriginName;
  /** Whether whoever named it may name private addresses. */
  readonly mayBePrivate: boolean;
  /** What the edge presents there. */
  readonly certificate: CertificateId;
  /** What is asked for. */
  readonly path: string;
}

/** Why the origins of a hostname are not looked at: there is no lock that could hold. */
export type Unattested = 'no_pull_identity' | 'plain_http' | 'paused';

/** What is looked at in a zone, and what is not. */
export interface AttestedZone {
  readonly origins: readonly AttestedOrigin[];
  readonly unattested: readonly { readonly hostname: Hostname; readonly because: Unattested }[];
}

/** The origins of a zone whose locks should hold, and how they are looked at. Goes through its hostnames once. */
export function attestedOrigins({ rules, hosts }: EdgeZone, looks: LookSettings): AttestedZone {
  const origins: AttestedOrigin[] = [];
  const unattested: { hostname: Hostname; because: Unattested }[] = [];
  const plain = rules.ssl === 'off' || rules.ssl === 'flexible';
  for (const host of hosts.values()) {
    if (host.targets.length === 0) continue;
    const { hostname } = host;
    const decided = decidingLevel(rules, host);
    const identity = decided.kind === 'level' ? decided.identity : null;
    if (rules.paused) unattested.push({ hostname, because: 'paused' });
    else if (plain) unattested.push({ hostname, because: 'plain_http' });
    else if (identity === null) unattested.push({ hostname, because: 'no_pull_identity' });
    else {
      const path = lookedPath(looks, hostname);
      for (const target of host.targets) {
        const { certificate } = target.successor?.of === identity.certificate ? target.successor.identity : identity;
        const { mayBePrivate } = target;
        origins.push({ origin: originAt(hostname, target), mayBePrivate, certificate, path });
      }
    }
  }
  return { origins, unattested };
}

/** What is known of the lock of one origin: the newest verdict, and what it was before. */
export interface Attestation {
  readonly origin: OriginName;
  readonly verdict: Verdict;
  /** Since when the verdict is this one. */
  readonly since: Instant;
  /** When it was looked at last. */
  readonly at: Instant;
  /** When it was looked at in every way; null where it never was. */
  readonly fullAt: Instant | null;
  /** What the edge presented when it was looked at in every way; null where it never was. */
  readonly presented: CertificateId | null;
  /** Since when it was never seen open or broken; null where it is, or was never seen locked. */
  readonly lockedSince: Instant | null;
  /** When it was last seen locked before it was anything else; null where it never was. */
  readonly lastHeld: Instant | null;
  readonly lastOpen: Instant | null;
  readonly lastBroken: Instant | null;
  /** Codes of what was found: first what makes the verdict what it is, then the most severe. */
  readonly findings: readonly string[];
}

/** What is known of the locks of a zone. */
export interface ZoneLocks {
  readonly attestations: readonly Attestation[];
  readonly unattested: AttestedZone['unattested'];
  /** While nobody looks, because somebody wished so. */
  readonly pause: LookPause | null;
}

/** One look that is over. */
export interface Look {
  readonly origin: OriginName;
  readonly verdict: Verdict;
  readonly at: Instant;
  readonly extent: LookExtent;
  /** What the edge presents there. */
  readonly presented: CertificateId;
  /** Codes of what was found; a quick look finds less, and says nothing of the rest. */
  readonly findings: readonly string[];
}

/** In those ways alone that tell soonest, or in every way. */
export type LookExtent = 'quick' | 'full';

/** What follows from a look, and whether it is news. */
export function attested(
  before: Attestation | null,
  look: Look,
): { readonly next: Attestation; readonly changed: boolean } {
  const { origin, verdict, at, extent, presented } = look;
  const changed = before?.verdict !== verdict;
  return {
    changed,
    next: {
      origin,
      verdict,
      since: before !== null && !changed ? before.since : at,
      at,
      fullAt: extent === 'full' ? at : (before?.fullAt ?? null),
      presented: extent === 'full' ? presented : (before?.presented ?? null),
      lockedSince: lockedSince(before, look),
      lastHeld: before?.verdict === 'locked' && changed ? before.at : (before?.lastHeld ?? null),
      lastOpen: verdict === 'open' ? at : (before?.lastOpen ?? null),
      lastBroken: verdict === 'broken' ? at : (before?.lastBroken ?? null),
      findings: extent === 'full' || before === null || changed ? look.findings : before.findings,
    },
  };
}

// Who cannot be reached for a while has not been open meanwhile, as far as anybody saw.
function lockedSince(before: Attestation | null, { verdict, at }: Look): Instant | null {
  if (verdict === 'locked') return before?.lockedSince ?? at;
  return verdict === 'unknown' ? (before?.lockedSince ?? null) : null;
}

/**
 * What is known of a lock that nobody looked at for a while: that it held is not known any more, and from then on it is
 * locked only since it is seen so again. One that was open or broken is taken to be so still.
 */
export function unwatched(known: Attestation, pause: LookPause | null): Attestation {
  const { verdict, at, lockedSince } = known;
  if (pause === null || at >= pause.until || lockedSince === null) return known;
  if (verdict !== 'locked') return { ...known, lockedSince: null };
  return { ...known, verdict: 'unknown', since: pause.since, lockedSince: null, lastHeld: at, findings: [] };
}

/** How often origins are looked at, in milliseconds. */
export type AttestationPace = Readonly<Record<LookExtent, number>>;

/** Whether a quick look tells something else than was known, so that all has to be looked at anew. */
export function isNews(known: Attestation | null, quick: Pick<Look, 'verdict'>): boolean {
  return known !== null && known.fullAt !== null && known.verdict !== quick.verdict;
}

/** How many are so. */
export function summary(attestations: Iterable<Pick<Attestation, 'verdict'>>): Readonly<Record<Verdict, number>> {
  const counts = { locked: 0, open: 0, broken: 0, unknown: 0 };
  for (const { verdict } of attestations) counts[verdict] += 1;
  return counts;
}

/** An origin as one word. */
export function attestationKey({ origin }: Pick<Attestation, 'origin'>): string {
  return originKey(origin);
}

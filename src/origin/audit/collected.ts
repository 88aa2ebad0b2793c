import type { Claim } from '../../doctor/configuration.ts';
import type { Finding } from '../../doctor/diagnosis/finding.ts';
import { FINDINGS } from '../../doctor/diagnosis/findings.ts';
import { worst } from '../../domain/verdict.ts';

/** Findings once each: where several names share one, it concerns the configuration. The worst come first. */
export function uniqueFindings(findings: readonly Finding[]): readonly Finding[] {
  const known = new Map<string, Finding>();
  for (const one of findings) {
    const key = JSON.stringify([one.code, one.where, one.detail]);
    const before = known.get(key);
    known.set(key, before === undefined || before.target === one.target ? one : { ...one, target: null });
  }
  return [...known.values()].toSorted((a, b) => rank(a) - rank(b));
}

const RANKS = ['critical', 'high', 'medium', 'low'];

function rank({ code }: Finding): number {
  return RANKS.indexOf(FINDINGS[code].severity);
}

/** One claim for each name at each socket: the worst. */
export function worstClaims(claims: readonly Claim[]): readonly Claim[] {
  const known = new Map<string, Claim>();
  for (const claim of claims) {
    const key = `${claim.host} ${claim.address} ${claim.port}`;
    const before = known.get(key);
    if (before === undefined || worst([before.verdict, claim.verdict]) !== before.verdict) known.set(key, claim);
  }
  return [...known.values()];
}

/** Claims of a configuration of which a part was not read: what stands there may open a door, so nothing is sure to be locked. */
export function doubtedClaims(claims: readonly Claim[], unread: readonly unknown[]): readonly Claim[] {
  if (unread.length === 0) return claims;
  return claims.map((one) => (one.verdict === 'locked' ? { ...one, verdict: 'unknown' } : one));
}

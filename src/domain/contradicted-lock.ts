import type { Attestation } from './attestation.ts';
import { CALLER_SLOT, type CallerSlot, comers } from './callers.ts';
import type { Hostname, Instant } from './ids.ts';

/** Milliseconds: a look is not repeated sooner than that after the last one, whatever an origin tells. */
const AT_MOST_EVERY = 20_000;

/**
 * The hostnames whose lock was seen to hold, while their origin now tells of callers that came since: that is counted only
 * where nobody is refused. What an origin tells proves nothing, so these are looked at anew, soon, and nothing else is done.
 */
export function contradictedLocks(
  seen: () => readonly Attestation[],
  told: readonly CallerSlot[],
  now: Instant,
): readonly Hostname[] {
  const until = new Map<string, number>();
  for (const { hostname, at, counts } of told)
    if (comers(counts) > 0) until.set(hostname, Math.max(until.get(hostname) ?? 0, at + CALLER_SLOT));
  // Most reports tell of nobody: what is known of all locks of the zone is not gone through for them.
  if (until.size === 0) return [];
  const found = seen().filter(
    ({ origin: { hostname }, verdict, at }) =>
      verdict === 'locked' && now - at >= AT_MOST_EVERY && (until.get(hostname) ?? 0) > at,
  );
  return [...new Set(found.map(({ origin: { hostname } }) => hostname))];
}

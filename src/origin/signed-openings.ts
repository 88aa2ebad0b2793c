import { type Hostname, hostnamePattern, type Instant, instant } from '../domain/ids.ts';
import { LONGEST_OPENING } from '../domain/opening.ts';
import type { BundleManifest } from '../wire/bundle-manifest.ts';

/** A lock that a manifest wants open until then; the name may be a wildcard. */
export interface SignedOpening {
  readonly hostname: Hostname;
  readonly until: Instant;
}

/**
 * The openings of a manifest that was found to hold, whoever obeys them. None outlives what was signed, and one that is
 * longer than anybody may open a lock was not made by a control plane: it counts for nothing.
 */
export function signedOpenings({ openings, issued_on, expires_on }: BundleManifest): readonly SignedOpening[] {
  const [issued, ends] = [Date.parse(issued_on), Date.parse(expires_on)];
  return openings.flatMap(({ hostname: text, until }) => {
    const [name, at] = [hostnamePattern(text), Date.parse(until)];
    return name === null || at - issued > LONGEST_OPENING
      ? []
      : [{ hostname: name, until: instant(Math.min(at, ends)) }];
  });
}

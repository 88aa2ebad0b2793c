/** What an origin says of itself: which bundle is in force there, which lists, and which of its locks are open. */
export interface OriginReport {
  /** Name of the machine. */
  readonly host: string;
  /** Name of the lock on it. */
  readonly lock: string;
  /** Which server it is, and its version; empty where nobody said. */
  readonly server: string;
  /** `null` where there is none; `version` is `null` where it does not prove itself. */
  readonly bundle: { readonly version: number | null; readonly sha256: string } | null;
  /** By the fingerprint of the CA; a number has more digits than a JSON number can have. */
  readonly lists: readonly { readonly issuer: string; readonly number: string | null }[];
  readonly hostnames: readonly { readonly hostname: string; readonly mode: 'enforce' | 'watch' }[];
  /** What keeps it from being in step. */
  readonly fault: { readonly code: string; readonly text: string } | null;
}

/** Where origins of a zone report, and where it is read. */
export function originReportsPath(zone: string): string {
  return `/postern/v1/zones/${zone}/origins/reports`;
}

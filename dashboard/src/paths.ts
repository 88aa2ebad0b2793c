/** Under which name an address says what on a page it leads to: an id, or a fingerprint. */
export const MARK = 'at';

/** The address of a page of a zone. */
export function zonePath(name: string, page = ''): string {
  return `/zones/${encodeURIComponent(name)}${page}`;
}

/** The address of one thing on a page. */
export function markPath(path: string, id: string): string {
  return `${path}?${MARK}=${encodeURIComponent(id)}`;
}

/** The page of a set-up. */
export function setupPath(zone: string, hostname: string): string {
  return `/setup/${encodeURIComponent(zone)}/${encodeURIComponent(hostname)}`;
}

/** What the address that `postern up` printed ends with; see src/cli/welcome.ts. */
const MARK = '#sign-in=';

/**
 * The code in the address that signs in by itself; `null` where there is none. It leaves the address at once, before
 * anything is asked for or shown: neither a bookmark, nor going back, nor whoever looks over a shoulder gets it.
 */
export function takeCode(): string | null {
  const { hash, pathname, search } = window.location;
  if (!hash.startsWith(MARK)) return null;
  window.history.replaceState(null, '', `${pathname}${search}`);
  return hash.slice(MARK.length);
}

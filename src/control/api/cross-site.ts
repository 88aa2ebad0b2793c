import { type Problem, problem } from '../../domain/problems.ts';
import { sameText } from '../authenticate.ts';

/** What a browser sends by itself is no sign that its user wants it. These are the signs that are. */

type Head = (name: string) => string | undefined;

/** A request as far as it matters here. */
export interface Attempt {
  readonly head: Head;
  /** `http(s)://host:port` as the request addressed us. */
  readonly own: string;
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** A sign-in comes from a page of ours, or from no page: else a stranger's page could sign somebody in as the stranger. */
export function foreignSignIn(attempt: Attempt): Problem | null {
  return foreign(attempt, ['same-origin', 'none']);
}

/**
 * Whether a call with the cookie may be meant by its user: a change comes from a page of ours and proves that it can read
 * what we answer; nothing is answered to pages of others.
 */
export function foreignCall(attempt: Attempt & { readonly method: string; readonly csrf: string }): Problem | null {
  const { method, csrf, head } = attempt;
  // `none` is what somebody typed: that reads, and changes nothing.
  if (SAFE.has(method)) return foreign(attempt, ['same-origin', 'none']);
  const refused = foreign(attempt, ['same-origin']);
  if (refused !== null) return refused;
  const shown = head('x-postern-csrf');
  if (shown === undefined) return problem('csrf_secret_wrong', 'there is none');
  return sameText(shown, csrf) ? null : problem('csrf_secret_wrong');
}

// Whoever sends neither field is no browser of today, which sends one or the other with whatever a page may ask for.
function foreign({ head, own }: Attempt, sites: readonly string[]): Problem | null {
  const site = head('sec-fetch-site');
  if (site !== undefined && !sites.includes(site)) return problem('cross_site', 'sec-fetch-site says so');
  const origin = head('origin');
  if (origin === undefined || sameOrigin(origin, own)) return null;
  return problem('cross_site', `origin is not ${own}`);
}

function sameOrigin(origin: string, own: string): boolean {
  if (!/^https?:\/\/[^/?#@\\\s]+$/i.test(origin) || !URL.canParse(origin) || !URL.canParse(own)) return false;
  return new URL(origin).origin === new URL(own).origin;
}

/** What a browser may send of cookies; other programs on the same host put theirs beside ours. */
const MOST = 8192;

/** The cookie of a session. */
export type SentCookie =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly value: string }
  /** More than one, or more than is looked at: nobody can say which counts. */
  | { readonly kind: 'unclear'; readonly detail: string };

/**
 * The name of the cookie. Over TLS it has the prefix that browsers take only from this very host, with Secure and for
 * every path (RFC 6265bis §4.1.3.2), so that no neighbouring name can put one in its place.
 */
export function cookieName(secure: boolean): string {
  return secure ? '__Host-postern_session' : 'postern_session';
}

/** Finds the session in a Cookie field (RFC 6265 §4.2.1). Cookies of others are nobody's business here. */
export function sentCookie(field: string | undefined, name: string): SentCookie {
  if (field === undefined) return { kind: 'none' };
  if (field.length > MOST) return { kind: 'unclear', detail: `more than ${MOST} bytes of cookies` };
  const values = field.split(';').flatMap((part) => {
    const pair = part.replace(/^[ \t]+|[ \t]+$/g, '');
    return pair.startsWith(`${name}=`) ? [pair.slice(name.length + 1)] : [];
  });
  const [value] = values;
  if (value === undefined) return { kind: 'none' };
  return values.length === 1 ? { kind: 'one', value } : { kind: 'unclear', detail: `${name} came more than once` };
}

/** Gives the browser a session for so many seconds. No script reads it, and no other site's page sends it. */
export function givenCookie(text: string, { secure, seconds }: { readonly secure: boolean; readonly seconds: number }) {
  const attributes = ['Path=/', `Max-Age=${seconds}`, 'HttpOnly', 'SameSite=Strict', ...(secure ? ['Secure'] : [])];
  return [`${cookieName(secure)}=${text}`, ...attributes].join('; ');
}

/** Has the browser forget it. */
export function takenCookie(secure: boolean): string {
  return givenCookie('', { secure, seconds: 0 });
}

/** Characters that a path which is asked for may have. */
export const MOST_PATH = 2_048;

/** What a probe can ask for: a path, with a query where it has one, as it stands in a request (RFC 9112 §3.2.1). */
export function isRequestPath(text: string): boolean {
  return /^\/[\x21-\x7e]*$/.test(text) && text.length <= MOST_PATH && !text.includes('#');
}

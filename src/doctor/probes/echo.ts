/** What a page shows of the request that its application got. */
export interface Echo {
  /** The verified header stands there, in one of its spellings. */
  readonly verified: boolean;
}

/**
 * Whether a page prints its request, and the verified header with it: `null` where it does not, or where no name of such a
 * header is known. That it does is seen by what the doctor says of itself, which no page holds by chance.
 */
export function echoOf(page: string, agent: string, spellings: readonly string[]): Echo | null {
  if (spellings.length === 0 || agent === '' || !page.includes(agent)) return null;
  const text = page.toLowerCase();
  return { verified: spellings.some((name) => text.includes(name.toLowerCase())) };
}

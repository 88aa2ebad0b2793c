/**
 * The tokens that were made for origins since the sign-in, by hostname: each is answered once, and whoever looks at another step
 * meanwhile still needs it. In memory alone: a reload forgets them.
 */
const made = new Map<string, string>();

export function madeToken(hostname: string): string | null {
  return made.get(hostname) ?? null;
}

export function keepMadeToken(hostname: string, token: string): void {
  made.set(hostname, token);
}

/** It is revoked. */
export function dropMadeToken(hostname: string): void {
  made.delete(hostname);
}

/** What one person made is nothing for who signs in next. */
export function forgetMadeTokens(): void {
  made.clear();
}

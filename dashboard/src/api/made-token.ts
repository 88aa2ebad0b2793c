import { signal } from '@preact/signals';

/**
 * The tokens that were made for origins since the sign-in, by hostname, or by name where they are for something else there: each is answered once, and whoever looks at another step
 * meanwhile still needs it. In memory alone: a reload forgets them.
 */
const made = signal<ReadonlyMap<string, string>>(new Map());

/** Who shows it is drawn anew when there is another. */
export function madeToken(hostname: string): string | null {
  return made.value.get(hostname) ?? null;
}

export function keepMadeToken(hostname: string, token: string): void {
  made.value = new Map(made.peek()).set(hostname, token);
}

/** It is revoked. */
export function dropMadeToken(hostname: string): void {
  made.value = new Map([...made.peek()].filter(([name]) => name !== hostname));
}

/** What one person made is nothing for who signs in next. */
export function forgetMadeTokens(): void {
  made.value = new Map();
}

import { setTimeout as after } from 'node:timers/promises';

/** Long enough for a machine that has other work: what does not come at all is rare, and may take a while to be told. */
const DEADLINE = 60_000;
const PAUSE = 10;

type Look<T> = () => T | null | false | Promise<T | null | false>;

/** Looks again and again until something is there; throws, with what was waited for, when it does not come in time. */
export async function until<T>(what: string, look: Look<T>, within = DEADLINE): Promise<T> {
  const deadline = Date.now() + within;
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`waited ${within} ms in vain until ${what}`);
    await after(PAUSE);
  }
}

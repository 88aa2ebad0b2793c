import { setTimeout as after } from 'node:timers/promises';

const DEADLINE = 15_000;
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

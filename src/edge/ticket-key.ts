import { randomBytes } from 'node:crypto';
import { TICKET_KEY_BYTES } from './visitor-tls.ts';

/** The key for session tickets: in memory only, and another one every few hours. */
export interface TicketKey {
  readonly present: () => Buffer;
  readonly end: () => void;
}

// Who has the key can read what was sent under its tickets' sessions, so no key lives long.
const ROTATE_EVERY = 8 * 3_600_000;

/** Makes a key, and tells of each one after it. */
export function rotatingTicketKey(tell: (key: Buffer) => void): TicketKey {
  let key = randomBytes(TICKET_KEY_BYTES);
  const timer = setInterval(() => {
    key = randomBytes(TICKET_KEY_BYTES);
    tell(key);
  }, ROTATE_EVERY);
  timer.unref();
  return { present: () => key, end: () => clearInterval(timer) };
}

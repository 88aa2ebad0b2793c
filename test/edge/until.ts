import { setTimeout as after } from 'node:timers/promises';

const PAUSE = 200;
const TRIES = 100;

/** Asks again and again, with pauses, until the answer is yes; fails after 20 seconds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (holds()) return;
    await after(PAUSE);
  }
  throw new Error('it did not come to hold');
}

/** A worker that lived so long did not fail at its start. */
const SOUND = 10_000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 10_000;

/**
 * How long a post stays empty after its worker ended: not at all after a life of some length, then longer and longer
 * while workers end at once, so that a fault at the start does not eat the machine.
 */
export function restartPause(before: number, lived: number): { readonly failures: number; readonly pause: number } {
  if (lived >= SOUND) return { failures: 0, pause: 0 };
  // The first may have been bad luck.
  const pause = before === 0 ? 0 : Math.min(FIRST_PAUSE * 2 ** (before - 1), LONGEST_PAUSE);
  return { failures: before + 1, pause };
}

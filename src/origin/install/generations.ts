import { setTimeout as after } from 'node:timers/promises';
import type { ReloadFault } from '../server/nginx/reload-fault.ts';
import { childrenOf } from '../server/processes.ts';

const PAUSE = 20;
/** A server that starts no new processes when it reloads is not waited for longer; what holds is looked at anyway. */
const PATIENCE = 1_000;
/** Longer than nginx tries to bind. */
const TRYING = 5_000;

/**
 * Waits after a reload until the processes that answered before do not take new connections any more: a server that
 * reloads starts new ones, and the old ones end or say that they are ending. Gives up quietly, unless the server says why it
 * goes on as it was: then answers that.
 */
export async function nextGeneration(
  pid: number,
  before: readonly number[],
  fault: () => ReloadFault | null,
): Promise<string | null> {
  if (before.length === 0) return null;
  const start = performance.now();
  for (;;) {
    const now = childrenOf(pid);
    const old = now.filter((one) => before.includes(one.pid) && !/shutting down/.test(one.title));
    if (old.length === 0 && now.some((one) => !before.includes(one.pid))) return null;
    const said = fault();
    if (said?.final === true) return said.text;
    if (performance.now() - start >= (said === null ? PATIENCE : TRYING)) return said?.text ?? null;
    await after(PAUSE);
  }
}

/** The processes that answer for a server now. */
export function generation(pid: number): readonly number[] {
  return childrenOf(pid).map((one) => one.pid);
}

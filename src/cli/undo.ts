import type { Log } from './log.ts';

/** Takes steps back, the last one first. One that fails is logged and keeps no other from being taken back. */
export async function undoAll(steps: readonly (() => Promise<unknown>)[], log: Log): Promise<void> {
  for (const step of steps.toReversed()) {
    try {
      await step();
    } catch (error) {
      log('undo_failed', { error: error instanceof Error ? error.message : String(error) });
    }
  }
}

import { existsSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Held until it is let go of, or the process ends. */
export interface FileLock extends Disposable {
  readonly kind: 'held';
}

/**
 * Takes a lock on a file, so that a timer and a person do not work at the same time. SQLite's is the one that every platform
 * of Node has and that the kernel drops when the process dies.
 */
export function takeFileLock(path: string): FileLock | { readonly kind: 'busy' } {
  // Who may read it could hold it shared, and nobody would get in any more.
  if (!existsSync(path)) writeFileSync(path, '', { mode: 0o600 });
  let lock: DatabaseSync | null = null;
  try {
    lock = new DatabaseSync(path, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    if (error instanceof Error && /locked/.test(error.message)) return { kind: 'busy' };
    throw error;
  }
  const held = lock;
  return { kind: 'held', [Symbol.dispose]: () => held.close() };
}

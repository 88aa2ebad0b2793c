import { renameSync, writeFileSync } from 'node:fs';
import { Failure } from './failure.ts';

/** A server that reads the file meanwhile must never see half of it. */
export function writeWhole(path: string, text: string): void {
  const beside = `${path}.new`;
  try {
    writeFileSync(beside, text, { mode: 0o644 });
    renameSync(beside, path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable';
    throw new Failure(`${path} cannot be written (${code}).`, 'Name a place that this user may write to.');
  }
}

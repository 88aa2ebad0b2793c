import { placeFile } from '../files/whole-file.ts';
import { Failure } from './failure.ts';

/** Writes a file that others may read. A server that reads it meanwhile must never see half of it. */
export function writeWhole(path: string, text: string): void {
  try {
    placeFile(path, text, 0o644);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable';
    throw new Failure(`${path} cannot be written (${code}).`, 'Name a place that this user may write to.');
  }
}

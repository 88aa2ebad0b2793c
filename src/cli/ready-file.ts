import { accessSync, constants, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EXIT, Failure } from './failure.ts';

/** Where it will be written. Whoever mistypes it learns so before anything is made or served. */
export function placeOfReadyFile(path: string | undefined): string | null {
  if (path === undefined) return null;
  const file = resolve(path);
  try {
    // The dot at the end: a file that stands there is no directory.
    accessSync(`${dirname(file)}/.`, constants.W_OK);
  } catch (error) {
    throw notWritable(file, error);
  }
  return file;
}

/** Writes an object as JSON: whoever waits for the file never reads half of it. */
export function writeReady(path: string, value: object): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, `${JSON.stringify(value)}\n`, { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw notWritable(path, error);
  }
}

function notWritable(path: string, cause: unknown): Failure {
  return new Failure(
    `${path} cannot be written (${(cause as NodeJS.ErrnoException).code}).`,
    'Choose a place that this user may write to.',
    EXIT.undetermined,
  );
}

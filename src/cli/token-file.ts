import { readFileSync, statSync } from 'node:fs';
import { Failure } from './failure.ts';

/** The token in a file that nobody else may read. Throws a Failure where it is not so. */
export function tokenIn(path: string): string {
  try {
    const { mode } = statSync(path);
    if ((mode & 0o077) !== 0)
      throw new Failure(
        `--token-file ${path} may be read by others.`,
        `chmod 600 ${path}, and roll the token (postern tokens roll).`,
      );
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(
      `--token-file ${path} cannot be read (${error instanceof Error ? error.message : String(error)}).`,
      'Put the token there, readable for this user alone.',
    );
  }
}

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Where the first of these programs is: in the search path, or in one of the further directories. Relative entries of the
 * path would start whatever lies in the working directory: they are passed over.
 */
export function programPath(
  names: readonly string[],
  further: readonly string[],
  searchPath: string = process.env['PATH'] ?? '',
): string | null {
  const directories = [...searchPath.split(delimiter).filter((directory) => directory.startsWith('/')), ...further];
  const places = names.flatMap((name) => directories.map((directory) => join(directory, name)));
  return places.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

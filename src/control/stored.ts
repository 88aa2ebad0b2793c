import { StartError } from './start-error.ts';

/** A list of texts that the store keeps as JSON. Throws StartError. */
export function storedList(json: string): readonly string[] {
  const value: unknown = JSON.parse(json);
  if (!Array.isArray(value)) return damaged('a list', json);
  return value.map((item: unknown) => (typeof item === 'string' ? item : damaged('a list', json)));
}

/** One of a few words. Throws StartError. */
export function storedWord<const Word extends string>(allowed: readonly Word[], text: string): Word {
  return allowed.find((word) => word === text) ?? damaged(`one of ${allowed.join(', ')}`, text);
}

/** Ends the start: a row that does not mean anything is never guessed at. */
export function damaged(what: string, value: string): never {
  throw new StartError(
    `The store is damaged: ${JSON.stringify(value.slice(0, 80))} is not ${what}`,
    'Restore a backup of the data directory.',
  );
}

/** Ids to look for in a query: an empty list would be no SQL, and whoever may see nothing finds nothing. */
export function listed(ids: readonly string[]): string[] {
  return ids.length === 0 ? [''] : [...ids];
}

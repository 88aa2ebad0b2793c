import { resolve } from 'node:path';
import { Failure } from './failure.ts';
import { didYouMean } from './nearest.ts';

/** Gathers the values of a flag that may be said several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The number that a flag holds. */
export function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Failure(`${flag} is ${JSON.stringify(text)}, which is not a whole number.`, 'Write digits only.');
}

/** The one of a few words that a flag holds. */
export function oneOf<T extends string>(flag: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new Failure(
    `${flag} is ${JSON.stringify(text)}, which is not known.`,
    `${didYouMean(text, words)}Use ${words.join(', ')}.`,
  );
}

/** The path that a flag names, from the root. */
export function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

/** A flag by its name in code: `serverCert` is `--server-cert`. */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

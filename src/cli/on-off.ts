import { Failure } from './failure.ts';

const WORDS = new Map([
  ...['on', 'true', '1'].map((word) => [word, true] as const),
  ...['off', 'false', '0'].map((word) => [word, false] as const),
]);

/** What a switch says that can also stand in the environment or in a file. `flag` names it in an error. */
export function isOn(text: string, flag: string): boolean {
  const found = WORDS.get(text);
  if (found !== undefined) return found;
  throw new Failure(`${flag} is ${JSON.stringify(text)}.`, 'Use on or off.');
}

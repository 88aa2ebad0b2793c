import { DEFAULT_LIMITS, type LimitName, type Limits, limitKey } from '../domain/limits.ts';
import { Failure } from './failure.ts';

const NAMES = Object.keys(DEFAULT_LIMITS) as readonly LimitName[];
const MOST = 1_000_000_000;

/** The limits that can be set, with what holds where they are not: for help and for errors. */
export const LIMIT_KEYS: readonly string[] = NAMES.map(limitKey);

/** What is said about limits: `NAME=N` on the command line, the same in POSTERN_LIMITS, or a mapping in the file. */
export interface LimitSources {
  readonly flags: readonly string[];
  readonly env: string | undefined;
  readonly file: Readonly<Record<string, number>> | undefined;
}

/** The limits that were set: a flag beats the environment, the environment beats the file, each limit for itself. */
export function chosenLimits({ flags, env, file }: LimitSources): Partial<Limits> {
  const inFile = Object.entries(file ?? {}).map(([name, count]) => limit(name, String(count), 'limits in the file'));
  const inEnv = (env ?? '').split(',').filter((text) => text.trim() !== '');
  const said = [...inEnv.map((text) => pair(text, 'POSTERN_LIMITS')), ...flags.map((text) => pair(text, '--limit'))];
  return Object.fromEntries([...inFile, ...said]);
}

function pair(text: string, where: string): readonly [LimitName, number] {
  const [name = '', count = ''] = text.split('=', 2).map((part) => part.trim());
  return limit(name, count, where);
}

function limit(text: string, count: string, where: string): readonly [LimitName, number] {
  const name = NAMES.find((known) => limitKey(known) === text);
  if (name === undefined) {
    throw new Failure(
      `${where}: there is no limit ${JSON.stringify(text)}.`,
      `The limits are ${LIMIT_KEYS.join(', ')}.`,
    );
  }
  const number = /^\d{1,10}$/.test(count) ? Number(count) : 0;
  if (number >= 1 && number <= MOST) return [name, number];
  throw new Failure(
    `${where}: ${text} is ${JSON.stringify(count)}, which is not a whole number from 1 to ${MOST}.`,
    `Write it like ${text}=${DEFAULT_LIMITS[name]}.`,
  );
}

import { Failure } from './failure.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** A span of time as people say it (`90s`, `10m`, `7d`), in seconds. `flag` names it in an error. */
export function spokenSpan(flag: string, text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const seconds = UNITS[unit ?? ''];
  if (count !== undefined && seconds !== undefined) return Number(count) * seconds;
  throw new Failure(
    `${flag} is ${JSON.stringify(text)}, which is not a span of time.`,
    'Write it like 30s, 10m, 12h or 7d.',
  );
}

/** Seconds as people say them: `90 s` as `2 min` would lie, so the largest unit that loses nothing. */
export function sayingSpan(seconds: number): string {
  for (const [unit, size] of Object.entries(UNITS).toReversed()) {
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}

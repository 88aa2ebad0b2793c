import { Failure } from './failure.ts';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * A time as people say it, in RFC 3339: a span from now (`90d`, `12h`; into the past with `sign` -1), a day in UTC, or
 * a time in full. `now` is in milliseconds; `flag` names it in an error.
 */
export function spokenMoment(flag: string, text: string, now: number, sign: 1 | -1): string {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) {
    return new Date(now + sign * Number(count) * (UNITS[unit] ?? 0)).toISOString();
  }
  const at = /^\d{4}-\d\d-\d\d(?:T.+)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new Failure(
    `${flag} is ${JSON.stringify(text)}, which is not a time.`,
    'Write it like 90d, 12h, 2031-01-31 or 2031-01-31T12:00:00Z.',
  );
}

/** A time of the API (RFC 3339, UTC) as lists show it: to the minute. */
export function minute(text: string): string {
  return text.slice(0, 16).replace('T', ' ');
}

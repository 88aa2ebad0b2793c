const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365.25 * DAY;
const MONTH = YEAR / 12;
/** Up to here months say more than years: "in 13 months". */
const MANY_MONTHS = 24;

const WORDS = new Intl.RelativeTimeFormat('en');

/**
 * How far away a moment is, in words. Months and years are rounded: nearly five years are five. What is shorter is cut
 * off: an end must not be further away in words than it is. `tick` is how old `from` may be.
 */
export function distance(at: number, from: number, tick: number): string {
  const gap = at - from;
  const size = Math.abs(gap);
  // What just happened may be ahead of `from`, which is not quite now at times.
  if (size < MINUTE) return gap > tick ? 'in a moment' : 'just now';
  if (size < HOUR) return WORDS.format(Math.trunc(gap / MINUTE), 'minute');
  if (size < DAY) return WORDS.format(Math.trunc(gap / HOUR), 'hour');
  if (size < MONTH) return WORDS.format(Math.trunc(gap / DAY), 'day');
  const months = Math.round(gap / MONTH);
  if (Math.abs(months) < MANY_MONTHS) return WORDS.format(months, 'month');
  return WORDS.format(Math.round(gap / YEAR), 'year');
}

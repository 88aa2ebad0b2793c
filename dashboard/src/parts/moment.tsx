import { signal } from '@preact/signals';

/** The time, to the half minute: enough for words like "5 minutes ago". */
export const now = signal(Date.now());
const TICK = 30_000;
setInterval(() => {
  now.value = Date.now();
}, TICK);

const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });
const MINUTE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const STEPS = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** How far away a moment is, in words. */
export function distance(at: number, from: number): string {
  const step = STEPS.find(([, size]) => Math.abs(at - from) >= size);
  // What just happened may be ahead of `now`, which is half a minute old at times.
  if (step === undefined) return at - from > TICK ? 'in a moment' : 'just now';
  return RELATIVE.format(Math.trunc((at - from) / step[1]), step[0]);
}

interface MomentProps {
  /** RFC 3339. */
  readonly at: string;
  /** The day in place of the distance. */
  readonly day?: boolean;
  /** The day and the time in place of the distance: after words like "since". */
  readonly full?: boolean;
}

/** A moment in words; the exact one, in the viewer's own time zone, on hover and for screen readers. */
export function Moment({ at, day = false, full = false }: MomentProps) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <span>{at}</span>;
  const exact = EXACT.format(date);
  return (
    <time dateTime={at} title={exact} class="moment">
      {full ? MINUTE.format(date) : day ? DAY.format(date) : distance(date.getTime(), Math.max(now.value, Date.now()))}
      <span class="unseen"> ({exact})</span>
    </time>
  );
}

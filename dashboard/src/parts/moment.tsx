import { signal } from '@preact/signals';
import { distance } from './distance.ts';

/** The time, to the half minute: enough for words like "5 minutes ago". */
export const now = signal(Date.now());
const TICK = 30_000;
setInterval(() => {
  now.value = Date.now();
}, TICK);

const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });
const MINUTE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

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
      {full
        ? MINUTE.format(date)
        : day
          ? DAY.format(date)
          : distance(date.getTime(), Math.max(now.value, Date.now()), TICK)}
      <span class="unseen"> ({exact})</span>
    </time>
  );
}

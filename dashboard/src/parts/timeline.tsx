import type { Expiry } from '../api/overview.ts';
import '../style/timeline.css';

interface TimelineProps {
  readonly expiries: readonly Expiry[];
  /** Where the line begins, in milliseconds. */
  readonly from: number;
  readonly days: number;
}

const DAY = 86_400_000;
const COLUMNS = 30;
/** Marks of one column that are drawn; the others are a number above them. */
const HIGHEST = 5;
const STEP = 14;
const TICKS = [0, 1, 2, 3] as const;
const DATE = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** What ends when, from now on. The same has to stand beside it as text: this is a picture. */
export function Timeline({ expiries, from, days }: TimelineProps) {
  const columns = inColumns(expiries, from, days);
  const byHand = expiries.filter(({ renews_itself }) => !renews_itself).length;
  const highest = Math.max(1, ...[...columns.values()].map((found) => found.length));
  const base = Math.min(highest, HIGHEST) * STEP + (highest > HIGHEST ? 22 : 8);
  const label = `Time line of the next ${days} days: ${expiries.length} ends shown, ${byHand} of them not renewed by themselves.`;
  return (
    <figure class="timeline">
      <svg width="100%" height={base + 26} role="img" aria-label={label}>
        <line class="timeline-line" x1="0" x2="100%" y1={base} y2={base} />
        {TICKS.map((tick) => (
          <Tick key={tick} base={base} share={tick / TICKS.length} at={from + (tick / TICKS.length) * days * DAY} />
        ))}
        {[...columns].map(([column, found]) => (
          <Stack key={column} base={base} column={column} expiries={found} />
        ))}
      </svg>
      <figcaption>
        <span>
          <Sample renews={false} /> Has to be renewed by hand
        </span>
        <span>
          <Sample renews /> Renews itself
        </span>
      </figcaption>
    </figure>
  );
}

/** Each expiry in its column; what has ended already stands in the first. */
function inColumns(expiries: readonly Expiry[], from: number, days: number): ReadonlyMap<number, readonly Expiry[]> {
  const columns = new Map<number, Expiry[]>();
  for (const expiry of expiries) {
    const share = (Date.parse(expiry.ends_on) - from) / (days * DAY);
    const column = Math.min(COLUMNS - 1, Math.max(0, Math.floor(share * COLUMNS)));
    columns.set(column, [...(columns.get(column) ?? []), expiry]);
  }
  // What somebody has to see to stands lowest: it is drawn even where many end at once.
  for (const found of columns.values()) found.sort((a, b) => Number(a.renews_itself) - Number(b.renews_itself));
  return columns;
}

function Tick({ base, share, at }: { readonly base: number; readonly share: number; readonly at: number }) {
  return (
    <>
      <line class="timeline-line" x1={percent(share)} x2={percent(share)} y1={base} y2={base + 6} />
      <text x={percent(share)} y={base + 20}>
        {share === 0 ? 'Today' : DATE.format(at)}
      </text>
    </>
  );
}

interface StackProps {
  readonly base: number;
  readonly column: number;
  readonly expiries: readonly Expiry[];
}

function Stack({ base, column, expiries }: StackProps) {
  const x = percent((column + 0.5) / COLUMNS);
  const more = expiries.length - HIGHEST;
  return (
    <>
      {expiries.slice(0, HIGHEST).map((expiry, index) => (
        <svg
          key={`${expiry.what} ${expiry.id}`}
          class="timeline-place"
          aria-hidden="true"
          x={x}
          y={base - 10 - index * STEP}
        >
          <Mark renews={expiry.renews_itself}>
            {`${expiry.name}: ${DATE.format(Date.parse(expiry.ends_on))}${expiry.renews_itself ? ', renews itself' : ''}`}
          </Mark>
        </svg>
      ))}
      {more > 0 && (
        <text class="timeline-more" x={x} y={base - 8 - HIGHEST * STEP}>
          +{more}
        </text>
      )}
    </>
  );
}

// By shape as well as by colour: a full diamond has to be seen to, a ring goes by itself.
function Mark({ renews, children }: { readonly renews: boolean; readonly children?: string }) {
  return renews ? (
    <circle class="timeline-renews" r="4.5">
      {children !== undefined && <title>{children}</title>}
    </circle>
  ) : (
    <path class="timeline-hand" d="M0-6.5 6.5 0 0 6.5-6.5 0z">
      {children !== undefined && <title>{children}</title>}
    </path>
  );
}

function Sample({ renews }: { readonly renews: boolean }) {
  return (
    <svg class="timeline-sample" viewBox="-8 -8 16 16" aria-hidden="true" focusable="false">
      <Mark renews={renews} />
    </svg>
  );
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`;
}

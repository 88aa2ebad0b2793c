import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { theme } from '../theme.tsx';
import type { Line, Plot } from './plot.ts';
import { type Column, Table } from './table.tsx';
import '../style/chart.css';

/** A colour of tokens.css by what it stands for. */
export type Tint = 'accent' | 'locked' | 'open' | 'broken' | 'unknown' | 'text';

export interface ChartSeries {
  readonly name: string;
  readonly tint: Tint;
  /** One for each moment; `null`: nobody looked, which is a gap and no nought. */
  readonly points: readonly (number | null)[];
  /** The area below it is filled: for the one that the others are parts of, or beside. */
  readonly filled?: boolean;
}

interface ChartProps {
  /** What it shows, for those who do not see it: "Pulls per second by outcome". */
  readonly label: string;
  /** Unix times in seconds, rising. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  /** A value in words: on the axis, beside the series and in the table. */
  readonly value: (value: number) => string;
  readonly height?: number;
  /** Charts of the same name point at the same moment. */
  readonly sync?: string;
}

// Lines are told apart by their strokes as well as by their colours (WCAG 1.4.1).
const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3], [14, 4], [4, 2, 1, 2]];
const DAY = 86_400;

// The day is told where there are several.
function momentFormat(times: readonly number[]): Intl.DateTimeFormat {
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return new Intl.DateTimeFormat(undefined, {
    timeStyle: 'medium',
    ...(span >= DAY ? { dateStyle: 'medium' } : {}),
  });
}

/** Lines over time, with what they are at the moment pointed at, and the same as a table. */
export function Chart({ label, times, series, value, height = 220, sync }: ChartProps) {
  const figure = useRef<HTMLElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const failed = usePlot(figure, { times, series, value, height, sync, onPoint: setPointed });
  const at = pointed ?? lastKnown(series);
  return (
    <figure class="chart" ref={figure} aria-label={label}>
      <figcaption class="chart-legend">
        <ul>
          {series.map(({ name, tint, points }, index) => (
            <li key={name}>
              <Stroke tint={tint} index={index} />
              {name} <strong>{shown(points[at], value)}</strong>
            </li>
          ))}
        </ul>
        <span class="hint">{times[at] === undefined ? '' : `At ${momentFormat(times).format(times[at] * 1000)}`}</span>
      </figcaption>
      <div class="chart-canvas" style={{ height: `${height}px` }} aria-hidden="true" />
      {failed && <p class="hint">The drawing could not be loaded; the table has the same.</p>}
      <AsTable label={label} times={times} series={series} value={value} />
    </figure>
  );
}

function Stroke({ tint, index }: { readonly tint: Tint; readonly index: number }) {
  return (
    <svg class={`stroke ${tint}`} viewBox="0 0 24 8" aria-hidden="true" focusable="false">
      <path d="M0 4H24" stroke-dasharray={dashOf(index).join(' ')} />
    </svg>
  );
}

function dashOf(index: number): readonly number[] {
  return DASHES[index % DASHES.length] ?? [];
}

function shown(point: number | null | undefined, value: (value: number) => string): string {
  return point === null || point === undefined ? '—' : value(point);
}

function lastKnown(series: readonly ChartSeries[]): number {
  return Math.max(-1, ...series.map(({ points }) => points.findLastIndex((point) => point !== null)));
}

type Drawn = Required<Pick<ChartProps, 'times' | 'series' | 'value' | 'height'>> & {
  readonly sync: string | undefined;
  readonly onPoint: (index: number | null) => void;
};

/** Keeps a drawing in the figure; answers whether it cannot be had. */
function usePlot(figure: RefObject<HTMLElement | null>, drawn: Drawn): boolean {
  const plot = useRef<Plot | null>(null);
  const newest = useRef(drawn);
  newest.current = drawn;
  const [failed, setFailed] = useState(false);
  const form = drawn.series.map(({ name, tint, filled }) => `${name} ${tint} ${filled === true}`).join('\n');
  useEffect(() => {
    let isOver = false;
    let stop = () => {};
    const draw = async () => {
      const { startPlot } = await import('./plot.ts');
      const root = figure.current;
      const element = root?.querySelector<HTMLElement>('.chart-canvas');
      if (isOver || !root || !element) return;
      plot.current = startPlot({ element, ...newest.current, lines: linesOf(root, newest.current), ink: inkOf(root) });
      stop = follow(element, plot.current);
    };
    draw().catch(() => setFailed(true));
    return () => {
      isOver = true;
      stop();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [form, drawn.height]);
  useEffect(() => plot.current?.setData(drawn.times, drawn.series), [drawn.times, drawn.series]);
  return failed;
}

/** Has a drawing follow the width of its place and the theme; answers the function that ends it. */
function follow(element: HTMLElement, plot: Plot): () => void {
  const size = new ResizeObserver(() => plot.setWidth(element.clientWidth));
  size.observe(element);
  const redraw = () => plot.redraw();
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', redraw);
  // The page takes on the new theme in an effect of its own.
  const stop = theme.subscribe(() => queueMicrotask(redraw));
  return () => {
    size.disconnect();
    system.removeEventListener('change', redraw);
    stop();
  };
}

function linesOf(root: HTMLElement, { series }: Drawn): readonly Line[] {
  return series.map(({ points, filled = false }, index) => ({
    points,
    filled,
    dash: dashOf(index),
    // The stroke beside the name has the colour that the style sheet gives it.
    color: () => {
      const stroke = root.querySelectorAll('.stroke')[index];
      return stroke === undefined ? '' : getComputedStyle(stroke).color;
    },
  }));
}

function inkOf(root: HTMLElement) {
  return () => {
    const { borderTopColor, color, fontFamily } = getComputedStyle(root.querySelector('.chart-canvas') ?? root);
    return { text: color, grid: borderTopColor, font: fontFamily };
  };
}

interface Moments {
  readonly label: string;
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly value: (value: number) => string;
}

function AsTable(props: Moments) {
  const [open, setOpen] = useState(false);
  return (
    <details class="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {open && <MomentTable {...props} />}
    </details>
  );
}

function MomentTable({ label, times, series, value }: Moments) {
  // The newest first; what nobody looked at is left out.
  const rows = times
    .map((_, index) => index)
    .filter((index) => series.some(({ points }) => typeof points[index] === 'number'))
    .reverse();
  if (rows.length === 0) return <p class="hint">Nothing was counted yet.</p>;
  const format = momentFormat(times);
  const columns: readonly Column<number>[] = [
    { title: 'From', names: true, cell: (index) => format.format((times[index] ?? 0) * 1000) },
    ...series.map(
      ({ name, points }): Column<number> => ({
        title: name,
        align: 'end',
        cell: (index) => shown(points[index], value),
      }),
    ),
  ];
  return <Table dense caption={label} columns={columns} rows={rows} keyOf={String} />;
}

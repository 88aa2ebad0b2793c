import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** What of a series the canvas needs to know; the rest stands beside it as text. */
export interface Line {
  readonly points: readonly (number | null)[];
  /** Read anew at each drawing, so that it follows the theme. */
  readonly color: () => string;
  readonly dash: readonly number[];
  readonly filled: boolean;
}

export interface PlotOptions {
  readonly element: HTMLElement;
  readonly height: number;
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly value: (value: number) => string;
  /** The colours of what is not a series. */
  readonly ink: () => { readonly text: string; readonly grid: string; readonly font: string };
  /** Which point the pointer is at; `null` where it is elsewhere. */
  readonly onPoint: (index: number | null) => void;
  /** Plots of the same name show the same moment. */
  readonly sync: string | undefined;
}

export interface Plot {
  readonly setData: (times: readonly number[], lines: readonly Pick<Line, 'points'>[]) => void;
  readonly setWidth: (width: number) => void;
  /** Draws again, in the colours of now. */
  readonly redraw: () => void;
  readonly destroy: () => void;
}

const DAY = 86_400;

// The viewer's own way of writing times, and no more of it than the ticks differ in.
function ticks(splits: readonly number[], step: number): string[] {
  const span = (splits.at(-1) ?? 0) - (splits[0] ?? 0);
  const format = new Intl.DateTimeFormat(undefined, {
    ...(step >= DAY || span > 1.5 * DAY ? { day: 'numeric', month: 'short' } : {}),
    ...(step >= DAY ? {} : { hour: '2-digit', minute: '2-digit' }),
    ...(step < 60 ? { second: '2-digit' } : {}),
  });
  return splits.map((at) => format.format(at * 1000));
}

function axes({ value, ink }: PlotOptions): uPlot.Axis[] {
  const look = {
    stroke: () => ink().text,
    font: `12px ${ink().font}`,
    grid: { stroke: () => ink().grid, width: 1 },
    ticks: { show: false },
  };
  return [
    { ...look, space: 90, size: 30, values: (_, splits, _axis, _space, step) => ticks(splits, step) },
    {
      ...look,
      space: 36,
      size: (_, texts) => 16 + 7 * Math.max(2, ...(texts ?? []).map((text) => text.length)),
      values: (_, splits) => splits.map(value),
    },
  ];
}

// From nought, or a small difference would look like a big one; and never a scale of no height.
const fromNought = (_: uPlot, _least: number, most: number): [number, number] => [0, most > 0 ? most * 1.1 : 1];

// No line leads to a point between two gaps, so it is drawn as a point.
function alone(plot: uPlot, series: number): number[] {
  const points = plot.data[series] ?? [];
  const known = (index: number) => typeof points[index] === 'number';
  return Array.from(points, (_, index) => index).filter(
    (index) => known(index) && !known(index - 1) && !known(index + 1),
  );
}

function soft(color: string): string {
  return color.replace(/^rgb\((\d+), (\d+), (\d+)\)$/, 'rgb($1 $2 $3 / 14%)');
}

/** The times and the points of the lines, as uPlot takes them: it keeps what it gets, so it gets its own. */
function aligned(times: readonly number[], lines: readonly Pick<Line, 'points'>[]): uPlot.AlignedData {
  return [[...times], ...lines.map(({ points }) => [...points])];
}

/** Draws lines over time into an element. This module is fetched when something is first drawn. */
export function startPlot(options: PlotOptions): Plot {
  const { element, height, times, lines, onPoint, sync } = options;
  const plot = new uPlot(
    {
      width: Math.max(element.clientWidth, 100),
      height,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, ...(sync === undefined ? {} : { sync: { key: sync } }) },
      scales: { y: { range: fromNought } },
      axes: axes(options),
      series: [
        {},
        ...lines.map(
          ({ color, dash, filled }): uPlot.Series => ({
            stroke: color,
            width: 1.75,
            dash: [...dash],
            points: { show: true, size: 5, filter: alone },
            ...(filled ? { fill: () => soft(color()) } : {}),
          }),
        ),
      ],
      hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
    },
    aligned(times, lines),
    element,
  );
  return {
    setData: (newTimes, newLines) => plot.setData(aligned(newTimes, newLines)),
    setWidth: (width) => plot.setSize({ width: Math.max(width, 100), height }),
    redraw: () => plot.redraw(),
    destroy: () => plot.destroy(),
  };
}

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const GAP = '·';

/** Numbers as a line of bars, the highest at full height. Where nothing is known stands a dot. */
export function sparkline(points: readonly (number | null)[], most: number): string {
  const drawn = condensed(points, most);
  const highest = Math.max(0, ...drawn.map((point) => point ?? 0));
  return drawn.map((point) => (point === null ? GAP : bar(point, highest))).join('');
}

function bar(point: number, highest: number): string {
  if (highest === 0) return BARS[0];
  // Whatever is there at all must be seen.
  const height = point === 0 ? 0 : Math.max(1, Math.round((point / highest) * (BARS.length - 1)));
  return BARS[height] ?? BARS[0];
}

/** No more than so many points: neighbours are added up. */
function condensed(points: readonly (number | null)[], most: number): readonly (number | null)[] {
  const each = Math.ceil(points.length / most);
  return Array.from({ length: Math.ceil(points.length / Math.max(1, each)) }, (_, at) => {
    const known = points.slice(at * each, (at + 1) * each).filter((point) => point !== null);
    return known.length === 0 ? null : known.reduce((sum, point) => sum + point, 0);
  });
}

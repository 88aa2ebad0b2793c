import { METRICS } from './metric-table.ts';
import type { Metric } from './metric.ts';
import { BUCKETS, type Snapshot, type Sums } from './metrics.ts';

/** The media type of the text (Prometheus text format 0.0.4). */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** One value of a metric with the values of its labels, as they stand in a series. */
interface Sample {
  readonly parts: readonly string[];
  readonly value: number;
}

/** A snapshot in the text format of Prometheus. Series that the table does not know are left out. */
export function exposition({ counters, gauges }: Snapshot): string {
  const samples = new Map<string, Sample[]>();
  const sort = (sums: Sums): void => {
    for (const [series, value] of Object.entries(sums)) {
      const [name = '', ...parts] = series.split('|');
      const known = samples.get(name);
      if (known === undefined) samples.set(name, [{ parts, value }]);
      else known.push({ parts, value });
    }
  };
  sort(counters);
  sort(gauges);
  return Object.entries(METRICS)
    .map(([name, metric]) => family(`postern_${name}`, metric, samples.get(name) ?? []))
    .join('');
}

function family(name: string, metric: Metric, samples: readonly Sample[]): string {
  const lines = metric.type === 'histogram' ? histogram(name, metric, samples) : plain(name, metric, samples);
  const help = metric.help.replaceAll('`', '');
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${metric.type}\n${lines.join('')}`;
}

function plain(name: string, { labels, scale = 1 }: Metric, samples: readonly Sample[]): readonly string[] {
  const names = Object.keys(labels);
  return samples
    .filter(({ parts }) => parts.length === names.length)
    .map(({ parts, value }) => `${name}${braces(names, parts)} ${scaled(value, scale)}\n`);
}

// A histogram's series has one more part: the place of its bucket, or `sum`.
function histogram(name: string, { labels, scale = 1 }: Metric, samples: readonly Sample[]): readonly string[] {
  const names = Object.keys(labels);
  const groups = new Map<string, { readonly parts: readonly string[]; readonly cells: Map<string, number> }>();
  for (const { parts, value } of samples.filter(({ parts }) => parts.length === names.length + 1)) {
    const values = parts.slice(0, -1);
    const group = groups.get(values.join('|')) ?? { parts: values, cells: new Map() };
    group.cells.set(parts.at(-1) ?? '', value);
    groups.set(values.join('|'), group);
  }
  return [...groups.values()].flatMap(({ parts, cells }) => {
    let count = 0;
    const bounds = [...BUCKETS.map(String), '+Inf'].map((bound, at) => {
      count += cells.get(String(at)) ?? 0;
      return `${name}_bucket${braces([...names, 'le'], [...parts, bound])} ${count}\n`;
    });
    const of = braces(names, parts);
    return [...bounds, `${name}_sum${of} ${scaled(cells.get('sum') ?? 0, scale)}\n`, `${name}_count${of} ${count}\n`];
  });
}

function braces(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return '';
  return `{${names.map((name, at) => `${name}="${escaped(values[at] ?? '')}"`).join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

// Dividing keeps 1.5 where multiplying by a thousandth would give 1.5000000000000002.
function scaled(value: number, scale: number): string {
  return String(scale === 1 ? value : value / Math.round(1 / scale));
}

import { median, ROUNDS } from './section.ts';

/** One figure of something that is measured. */
export type Measure = () => Promise<number>;

/** Measures several things in turns, so that what else the machine does falls on all of them; the median of each. */
export async function interleaved<Name extends string>(
  subjects: Readonly<Record<Name, Measure>>,
  rounds = ROUNDS,
): Promise<Readonly<Record<Name, number>>> {
  const figures = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries<Measure>(subjects)) {
      figures.set(name, [...(figures.get(name) ?? []), await measure()]);
    }
  }
  return Object.fromEntries([...figures].map(([name, values]) => [name, median(values)])) as Record<Name, number>;
}

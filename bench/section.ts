/** One line of a bench's table: what was measured, against what, and whether it is within its budget. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly subject: number;
  /** `null` where a number stands for itself. */
  readonly reference: { readonly value: number; readonly against: string } | null;
  /** `null` where nothing is promised. */
  readonly budget: string | null;
  readonly ok: boolean;
}

/** A part of the bench that can be run alone: `npm run bench -- NAME`. */
export interface Section {
  /** What is measured, and how, in a line. */
  readonly about: string;
  readonly run: () => Promise<readonly Row[]>;
}

/** How often each thing is measured (BENCH_ROUNDS). */
export const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);

/** A row that compares: `most` or `least` bounds the ratio of the two. */
export function compared(
  row: Pick<Row, 'name' | 'unit' | 'subject'> & { readonly reference: number; readonly against: string },
  bound: { readonly most: number } | { readonly least: number },
): Row {
  const { name, unit, subject, reference: value, against } = row;
  const ratio = subject / value;
  const [budget, ok] =
    'most' in bound ? [`≤ ${bound.most}`, ratio <= bound.most] : [`≥ ${bound.least.toFixed(1)}`, ratio >= bound.least];
  return { name, unit, subject, reference: { value, against }, budget, ok };
}

/** A row that compares with somebody to whom no promise is tied. */
export function listed(
  row: Pick<Row, 'name' | 'unit' | 'subject'> & { readonly reference: number; readonly against: string },
): Row {
  return { ...compared(row, { most: Number.POSITIVE_INFINITY }), budget: null };
}

/** A row that stands for itself: `most` or `least` bounds the number. */
export function alone(
  row: Pick<Row, 'name' | 'unit' | 'subject'>,
  bound: { readonly most: number } | { readonly least: number },
): Row {
  const [budget, ok] =
    'most' in bound ? [`≤ ${bound.most}`, row.subject <= bound.most] : [`≥ ${bound.least}`, row.subject >= bound.least];
  return { ...row, reference: null, budget, ok };
}

/** A row that stands for itself, and to which no promise is tied. */
export function noted(row: Pick<Row, 'name' | 'unit' | 'subject'>): Row {
  return { ...alone(row, { most: Number.POSITIVE_INFINITY }), budget: null };
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that so much of the others are below. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Prints rows under their headings. */
export function print(rows: readonly Row[]): void {
  const widest = Math.max(...rows.map(({ name }) => name.length), 22) + 2;
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widest) : cell.padStart(12))).join('');
  console.log(line(['', 'postern', 'reference', 'against', 'ratio', 'budget']));
  for (const { name, unit, subject, reference, budget, ok } of rows) {
    const numbers =
      reference === null
        ? ['', '', '']
        : [reference.value.toFixed(1), reference.against, (subject / reference.value).toFixed(2)];
    console.log(
      `${line([name, figure(subject), ...numbers, budget === null ? '' : `${budget} ${ok ? '✓' : '✗'}`])}   ${unit}`,
    );
  }
}

// A share of 99.99 is not 100.
function figure(value: number): string {
  return value.toFixed(value > 99 && value < 100 ? 3 : 1);
}

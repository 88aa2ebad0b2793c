/** "Did you mean …?" for a word that is not known; empty where nothing is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const limit = Math.max(1, Math.floor(word.length / 3));
  const [best] = known
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter((one) => one.distance <= limit)
    .toSorted((a, b) => a.distance - b.distance);
  return best === undefined ? '' : `Did you mean ${best.candidate}? `;
}

/** How many letters have to be put in, left out, exchanged, or swapped with their neighbour (Damerau, Levenshtein). */
function distance(from: string, to: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let index = 0; index < from.length; index++) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const exchanged = (row[column - 1] ?? 0) + (to[column - 1] === from[index] ? 0 : 1);
      const swaps = index > 0 && from[index] === to[column - 2] && from[index - 1] === to[column - 1];
      const swapped = swaps ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(exchanged, swapped, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row.at(-1) ?? 0;
}

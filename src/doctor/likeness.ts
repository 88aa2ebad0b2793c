// So many of the smallest hashes of a page's pairs of words stand for all of them: the share that two pages have in
// common is estimated from them (a bottom-k sketch, Cohen and Kaplan 2007), whatever the size of the pages.
export const SKETCH_SIZE = 48;
// Ids, nonces, times and counts differ from one answer of the same page to the next, and say nothing of it.
const CHANGING = /^\d|^(?=.*\d).{8,}$|^.{25,}$/;
// Where a page ends at last: what is compared is bounded as all input is.
const MAX_WORDS = 20_000;

/**
 * What is kept of a page to tell later whether another is of the same make, without keeping the page: hashes of its
 * pairs of words, the smallest first. Numbers and long words with digits do not count, and names that a page may repeat
 * (the value of Host, say) count as one and the same word.
 */
export function sketchOf(body: string, names: readonly string[]): readonly number[] {
  const words = wordsOf(body, names);
  const pairs = new Set(words.map((word, index) => mark(`${words[index - 1] ?? ''} ${word}`)));
  return [...pairs].sort((a, b) => a - b).slice(0, SKETCH_SIZE);
}

/** The share of their words that two pages have in common, as far as the sketches tell: 0 to 1. */
export function likeness(one: readonly number[], other: readonly number[]): number {
  const size = Math.max(one.length, other.length);
  if (size === 0) return 1;
  const smallest = [...new Set([...one, ...other])].sort((a, b) => a - b).slice(0, size);
  const both = smallest.filter((value) => one.includes(value) && other.includes(value));
  return both.length / smallest.length;
}

/** What is left of a sketch without numbers, such as those of a clock: for pages that change. */
export function withoutNumbers(sketch: readonly number[]): readonly number[] {
  return sketch.filter((value) => value % 2 === 0);
}

// The last bit tells whether there is a digit.
function mark(pair: string): number {
  return ((hash(pair) & ~1) | (/\d/.test(pair) ? 1 : 0)) >>> 0;
}

function wordsOf(body: string, names: readonly string[]): readonly string[] {
  const nameless = names
    .filter((name) => name !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((text, name) => text.replaceAll(name.toLowerCase(), ' \ue000 '), body.toLowerCase());
  const found: string[] = [];
  for (const [word] of nameless.matchAll(/[\p{L}\p{N}\p{Co}_]+/gu)) {
    if (!CHANGING.test(word)) found.push(word);
    if (found.length === MAX_WORDS) break;
  }
  return found;
}

/** FNV-1a over UTF-16 units: fast, and nobody gains by finding two pages that collide. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  // Its low bits are the better ones; the smallest are kept, so all must be mixed.
  value = Math.imul(value ^ (value >>> 15), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}

import { likeness, SKETCH_SIZE, withoutNumbers } from '../likeness.ts';
import type { Answer } from '../observation.ts';

/** Whether an answer is one of the given: `alike` is more than chance and less than proof. */
export type Comparison = 'same' | 'alike' | 'different';

// How much a changing page differs from itself is measured on its own answers; a fixed one may differ in nothing but the
// name that it repeats, and where there are few words, they may be the same by chance.
const ENOUGH_WORDS = 8;
const FEW_WORDS = 4;
const ALIKE = 0.6;
const LEAST = 0.3;
const LEEWAY = 0.15;

/** What is known of a page that was answered several times. */
export interface Page {
  readonly answers: readonly Answer[];
  /** The least that two of its answers have in common, 0 to 1; 1 where all are equal or there is only one. */
  readonly steady: number;
  /** What is in all its answers: of what is kept of their words. */
  readonly core: readonly number[];
  /** It is not the same each time. */
  readonly changes: boolean;
  /** It repeats the value of Host, so that it differs from name to name. */
  readonly echoes: boolean;
}

/** Learns a page from its answers, by where they came from, and from those under Host spelled otherwise or made up. */
export function pageOf(groups: readonly (readonly Answer[])[], respelled: readonly Answer[]): Page {
  const answers = groups.flat();
  const digests = new Set(answers.map(({ digest }) => digest));
  const changes = groups.some((group) => new Set(group.map(({ digest }) => digest)).size > 1);
  return {
    answers,
    steady: Math.min(1, ...groups.map(leastLikeness)),
    core: coreOf(answers.map(({ sketch }) => sketch)),
    changes,
    echoes: !changes && respelled.some((one) => !digests.has(one.digest) && isNearly(one, answers)),
  };
}

function wordLikeness(one: Answer, other: Answer): number {
  return likeness(withoutNumbers(one.sketch), withoutNumbers(other.sketch));
}

function coreOf(sketches: readonly (readonly number[])[]): readonly number[] {
  const [first = [], ...others] = sketches;
  return withoutNumbers(first).filter((word) => others.every((other) => holds(other, [word])));
}

/** All these words are there, as far as the sketch reaches: of a long page it keeps only the smallest. */
function holds(sketch: readonly number[], words: readonly number[]): boolean {
  const reach = sketch.length < SKETCH_SIZE ? Number.POSITIVE_INFINITY : (sketch.at(-1) ?? 0);
  return words.every((word) => word > reach || sketch.includes(word));
}

function isNearly(one: Answer, answers: readonly Answer[]): boolean {
  return answers.some(({ sketch, status }) => status === one.status && likeness(sketch, one.sketch) === 1);
}

function leastLikeness(group: readonly Answer[]): number {
  const first = group[0];
  return first === undefined ? 1 : Math.min(...group.map((other) => selfLikeness(first, other)));
}

// Two different answers without a word that stays have nothing in common, though no word tells them apart.
function selfLikeness(one: Answer, other: Answer): number {
  if (one.digest === other.digest) return 1;
  return withoutNumbers(one.sketch).length === 0 ? 0 : wordLikeness(one, other);
}

/** No two of its answers have much in common: its words tell nothing. */
export function isWild({ steady }: Page): boolean {
  return steady < LEAST;
}

/**
 * Compares an answer with a page. `mayEcho`: where both differ by the name that was asked for and nothing else, it is
 * one page that repeats the name, for no file holds a name that was just made up.
 */
export function compare(answer: Answer, page: Page, mayEcho: boolean): Comparison {
  const found = page.answers.map((one) => compareOne(answer, one, page, mayEcho));
  return found.includes('same') ? 'same' : found.includes('alike') ? 'alike' : 'different';
}

function compareOne(answer: Answer, one: Answer, page: Page, mayEcho: boolean): Comparison {
  // The application through an error page may come with the status of the error.
  if (answer.digest === one.digest && one.bytes > 0 && answer.location === one.location) return 'same';
  if (answer.status !== one.status || answer.type !== one.type) return 'different';
  if (answer.location !== null || one.location !== null) return answer.location === one.location ? 'same' : 'different';
  if (answer.bytes === 0 || one.bytes === 0) return answer.bytes === one.bytes ? 'same' : 'different';
  return compareWords(answer, one, page, mayEcho);
}

// Another instance of the same program, with other content, is like the page and lacks something that is always in it.
function compareWords(answer: Answer, one: Answer, page: Page, mayEcho: boolean): Comparison {
  if (page.changes && wordLikeness(answer, one) >= Math.max(LEAST, page.steady - LEEWAY))
    return holds(answer.sketch, page.core) ? 'same' : 'alike';
  const common = likeness(answer.sketch, one.sketch);
  const words = Math.min(answer.sketch.length, one.sketch.length);
  if (common === 1 && (words >= ENOUGH_WORDS || (words > 0 && (page.echoes || mayEcho)))) return 'same';
  const few = words <= FEW_WORDS && common > 0;
  return common >= ALIKE || few || (one.title !== null && answer.title === one.title) ? 'alike' : 'different';
}

import { likeness } from '../likeness.ts';
import type { Answer } from '../observation.ts';

/** Whether an answer is one of the given: `alike` is more than chance and less than proof. */
export type Comparison = 'same' | 'alike' | 'different';

// The words of a fixed page do not change, so little may differ; how much a changing page differs from itself is
// measured on its own answers.
const FIXED = 0.9;
const ENOUGH_WORDS = 8;
const ALIKE = 0.6;
const LEAST = 0.3;
const LEEWAY = 0.15;

/** What is known of a page that was answered several times. */
export interface Page {
  readonly answers: readonly Answer[];
  /** The least that two of its answers have in common, 0 to 1; 1 where all are equal or there is only one. */
  readonly steady: number;
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
    changes,
    echoes: !changes && respelled.some((one) => !digests.has(one.digest) && isNearly(one, answers)),
  };
}

function isNearly(one: Answer, answers: readonly Answer[]): boolean {
  return answers.some(({ sketch, status }) => status === one.status && likeness(sketch, one.sketch) >= FIXED);
}

function leastLikeness(group: readonly Answer[]): number {
  const first = group[0];
  return first === undefined ? 1 : Math.min(...group.map((other) => likeness(first.sketch, other.sketch)));
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
  const common = likeness(answer.sketch, one.sketch);
  if (page.changes && common >= Math.max(LEAST, page.steady - LEEWAY)) return 'same';
  const words = Math.min(answer.sketch.length, one.sketch.length);
  const enough = words >= ENOUGH_WORDS || (words > 0 && (page.echoes || mayEcho));
  if (common >= FIXED && enough) return 'same';
  return common >= ALIKE || (one.title !== null && answer.title === one.title) ? 'alike' : 'different';
}

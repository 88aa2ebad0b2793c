import type { Measure } from './traffic-words.ts';

/** How much a consequence matters: `stop` breaks what works now, or opens what is closed. */
export const CONSEQUENCE_SEVERITIES = ['stop', 'warning', 'note'] as const;
export type ConsequenceSeverity = (typeof CONSEQUENCE_SEVERITIES)[number];

/** What is said of one kind of consequence. */
export interface ConsequenceRow {
  readonly severity: ConsequenceSeverity;
  readonly text: string;
  readonly fix: string;
  /** What is said of the pulls of the last hour; how many there were, where it is left out. */
  readonly measure?: Measure;
}

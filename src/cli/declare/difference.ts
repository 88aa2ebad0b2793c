import { onStdout } from '../print.ts';
import { describeStep, type Sign, type Step } from './step.ts';

const COLOURS = { '+': 'green', '~': 'yellow', '-': 'red' } as const satisfies Record<Sign, string>;

/** All steps zone by zone, as a person reads a difference. */
export function differenceText(steps: readonly Step[]): string {
  if (steps.length === 0) return 'Nothing differs.';
  const zones = [...Map.groupBy(steps, ({ zone }) => zone)].map(([zone, own]) => {
    const lines = own.map((step) => {
      const { sign, text } = describeStep(step);
      return `  ${onStdout(COLOURS[sign], sign)} ${text}`;
    });
    return [onStdout('bold', zone), ...lines].join('\n');
  });
  return `${zones.join('\n\n')}\n\n${tally(steps)}`;
}

function tally(steps: readonly Step[]): string {
  const count = (sign: Sign) => steps.filter((step) => describeStep(step).sign === sign).length;
  return `${count('+')} to add, ${count('~')} to change, ${count('-')} to remove.`;
}

/** One step as JSON. */
export function stepView(step: Step): { readonly zone: string; readonly change: string; readonly text: string } {
  const { sign, text } = describeStep(step);
  return { zone: step.zone, change: WORDS[sign], text };
}

const WORDS = { '+': 'add', '~': 'change', '-': 'remove' } as const satisfies Record<Sign, string>;

import type { Effective } from '../../server/nginx/tree.ts';
import { fixedText, type Holds, isText, matchesText, type Text } from '../text.ts';
import { type Scope, valuesOf } from './variables.ts';

/** The condition of an `if`. */
export interface Condition {
  /** With its `$`. */
  readonly left: string;
  readonly operator: string;
  readonly right: string;
}

/** Takes the arguments of an `if` apart, as nginx does; `null` for one that it would not take. */
export function conditionOf({ args }: Pick<Effective, 'args'>): Condition | null {
  const words = [...args];
  words[0] = (words[0] ?? '').replace(/^\(/, '');
  if (words[0] === '') words.shift();
  const last = words.at(-1);
  if (last === undefined || !last.endsWith(')')) return null;
  if (last === ')') words.pop();
  else words[words.length - 1] = last.slice(0, -1);
  const [left = '', operator = '', right = ''] = words;
  return words.length > 3 || left === '' ? null : { left, operator, right };
}

/** Whether a condition holds, for each value that its variable can have. */
export function conditionHolds(condition: Condition, scope: Scope): readonly Holds[] {
  const { left, operator, right } = condition;
  // Of files on the disk nothing is known.
  if (/^!?-[fdex]$/.test(left)) return ['unclear'];
  const values = valuesOf(left, scope);
  if (operator === '') return values.map(isTrue);
  const negated = operator.startsWith('!');
  const holds = values.flatMap((value) => compared(value, operator.replace(/^!/, ''), right, scope));
  return negated ? holds.map(opposite) : holds;
}

function compared(value: Text, operator: string, right: string, scope: Scope): readonly Holds[] {
  if (operator === '~' || operator === '~*') return [matchesText(value, right, operator === '~*')];
  if (operator !== '=') return ['unclear'];
  return valuesOf(right, scope).map((other) => {
    const literal = fixedText(other);
    return literal === null ? 'unclear' : isText(value, literal, false);
  });
}

function isTrue(value: Text): Holds {
  const [empty, zero] = [isText(value, '', false), isText(value, '0', false)];
  if (empty === 'yes' || zero === 'yes') return 'no';
  if (empty === 'no' && zero === 'no') return 'yes';
  return empty === 'unclear' || zero === 'unclear' ? 'unclear' : 'either';
}

function opposite(holds: Holds): Holds {
  if (holds === 'yes') return 'no';
  return holds === 'no' ? 'yes' : holds;
}

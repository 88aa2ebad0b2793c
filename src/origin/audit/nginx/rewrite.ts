import type { Effective } from '../../server/nginx/tree.ts';
import { conditionHolds, conditionOf } from './condition.ts';
import { fixedText, type Holds, matchesText, type Text } from '../text.ts';
import { type Scope, type SetVariables, valuesOf } from './variables.ts';

/** How the directives of one level end, on one way through them. `sure`: nothing on that way was unclear. */
export type Passage =
  | { readonly kind: 'on'; readonly set: SetVariables; readonly sure: boolean }
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** What is said, or whereto. */
      readonly text: string;
      readonly sure: boolean;
      readonly by: Effective;
    };

interface State {
  readonly set: SetVariables;
  readonly sure: boolean;
  /** `break`, or a `rewrite` that ends this level. */
  readonly ended: boolean;
}

const MAX_WAYS = 512;

/**
 * Every way through the directives of nginx's rewrite module at one level. More ways than are followed end unsure.
 */
export function passages(level: readonly Effective[], scope: Scope): readonly Passage[] {
  return walk(level, scope, { set: scope.set, sure: true, ended: false }).map((end) =>
    'kind' in end ? end : { kind: 'on', set: end.set, sure: end.sure },
  );
}

type End = State | (Passage & { readonly kind: 'answer' });

function walk(level: readonly Effective[], scope: Scope, start: State): readonly End[] {
  let ends: readonly End[] = [start];
  for (const directive of level) {
    if (!STEPS.has(directive.name)) continue;
    ends = ends.flatMap((end) => ('kind' in end || end.ended ? [end] : step(directive, scope, end)));
    if (ends.length > MAX_WAYS) ends = ends.slice(0, MAX_WAYS).map((end) => ({ ...end, sure: false }));
  }
  return ends;
}

const STEPS: ReadonlySet<string> = new Set(['set', 'if', 'return', 'rewrite', 'break']);

function step(directive: Effective, scope: Scope, state: State): readonly End[] {
  const { name, args, inner } = directive;
  const here = { ...scope, set: state.set };
  switch (name) {
    case 'set':
      return valuesOf(args[1] ?? '', here).map((value) => withSet(state, args[0] ?? '', value));
    case 'if':
      return conditional(directive, here, state, (then) => walk(inner ?? [], scope, then));
    case 'return':
      return [answer(directive, here, state)];
    case 'rewrite':
      return rewritten(directive, here, state);
    default:
      return [{ ...state, ended: true }];
  }
}

function withSet(state: State, name: string, value: Text): State {
  return { ...state, set: new Map([...state.set, [name.replace(/^\$/, '').toLowerCase(), value]]) };
}

function conditional(
  directive: Effective,
  scope: Scope,
  state: State,
  then: (state: State) => readonly End[],
): readonly End[] {
  const condition = conditionOf(directive);
  const holds: readonly Holds[] = condition === null ? ['unclear'] : [...new Set(conditionHolds(condition, scope))];
  return holds.flatMap((one) => {
    const next = one === 'unclear' ? { ...state, sure: false } : state;
    return [...(one === 'no' ? [] : then(next)), ...(one === 'yes' ? [] : [next])];
  });
}

function answer(directive: Effective, scope: Scope, { sure }: State): End {
  const [first = '', second = ''] = directive.args;
  const isStatus = /^\d{1,3}$/.test(first);
  // An address alone is a temporary redirect.
  const written = isStatus ? second : first;
  const text =
    valuesOf(written, scope)
      .map(fixedText)
      .find((one) => one !== null) ?? written;
  return { kind: 'answer', status: isStatus ? Number(first) : 302, text, sure, by: directive };
}

function rewritten(directive: Effective, scope: Scope, state: State): readonly End[] {
  const [pattern = '', replacement = '', flag = ''] = directive.args;
  const isRedirect = flag === 'redirect' || flag === 'permanent' || /^(?:https?:\/\/|\$scheme)/.test(replacement);
  const matches = matchesText(valuesOf('$uri', scope)[0] ?? [], pattern, false);
  const end: End = isRedirect
    ? { kind: 'answer', status: flag === 'permanent' ? 301 : 302, text: replacement, sure: state.sure, by: directive }
    : { ...state, ended: flag === 'last' || flag === 'break' };
  return matches === 'yes' ? [end] : [end, state];
}

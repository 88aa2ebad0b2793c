import { useState } from 'preact/hooks';
import type { ApiProblem, Call } from '../api/call.ts';
import { ask } from '../session.ts';
import { remark } from './remarked.tsx';

/** Something that somebody does: it goes on, or went wrong, or is done. */
export interface Action {
  readonly busy: boolean;
  readonly problems: readonly ApiProblem[];
  /** Makes the call; answers its result, or `null` where it was refused: `problems` says why. */
  readonly run: <T>(call: Call) => Promise<T | null>;
  /** Forgets what went wrong. */
  readonly clear: () => void;
}

const QUIET = { busy: false, problems: [] } as const;

/** One thing to do at a time, with what came of it. */
export function useAction(): Action {
  const [state, setState] = useState<Omit<Action, 'run' | 'clear'>>(QUIET);
  const run = async <T>(call: Call): Promise<T | null> => {
    setState({ ...QUIET, busy: true });
    const outcome = await ask<T>(call);
    if (outcome.kind === 'answer') {
      setState({ busy: false, problems: [] });
      remark(outcome.messages);
      return outcome.result;
    }
    setState({ busy: false, problems: outcome.problems });
    return null;
  };
  return { ...state, run, clear: () => setState(QUIET) };
}

/** What was wrong with a field of the body, named by its JSON pointer, and what is below it. */
export function problemsAt(problems: readonly ApiProblem[], pointer: string): readonly ApiProblem[] {
  return problems.filter(({ pointer: at }) => at === pointer || at?.startsWith(`${pointer}/`) === true);
}

/** What was wrong and stands at none of these fields: it is shown above the form. */
export function problemsElsewhere(problems: readonly ApiProblem[], pointers: readonly string[]): readonly ApiProblem[] {
  const placed = new Set(pointers.flatMap((pointer) => problemsAt(problems, pointer)));
  return problems.filter((problem) => !placed.has(problem));
}

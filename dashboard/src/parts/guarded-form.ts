import { useState } from 'preact/hooks';
import type { ApiProblem } from '../api/call.ts';
import { type Deed, useGuarded } from './guarded.tsx';

/** A form whose deed is weighed before it is done; what it is refused for goes back to the fields. */
export function useGuardedForm<T = unknown>(zone: string | null) {
  const [problems, setProblems] = useState<readonly ApiProblem[]>([]);
  const { begin: ask, busy, view } = useGuarded<T>(zone);
  const begin = (deed: Omit<Deed<T>, 'onRefused'>) => {
    setProblems([]);
    ask({
      ...deed,
      onRefused: (refused) => {
        setProblems(refused);
        return true;
      },
    });
  };
  return { begin, busy, problems, view };
}

import { useState } from 'preact/hooks';
import type { ApiProblem, Call } from '../../api/call.ts';
import { type Deed, useGuarded } from '../../parts/guarded.tsx';
import type { Zone } from '../../zone.tsx';
import type { Rotation, What } from './rotation.ts';

interface Beginning {
  readonly what: What;
  /** What leaves is revoked before anything is proved. */
  readonly revokesFirst?: boolean;
  readonly words: Pick<Deed, 'title' | 'act' | 'done'>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The call that begins a rotation. */
export function beginningCall(zone: Zone, body: Beginning['body']): Call {
  return { method: 'POST', path: `/postern/v1/zones/${zone.id}/rotations`, body };
}

/** Begins a rotation, with what it would break said before; what was refused goes back to the fields. */
export function useBeginning(zone: Zone, onBegun: (rotation: Rotation) => void) {
  const [problems, setProblems] = useState<readonly ApiProblem[]>([]);
  const { begin: ask, busy, view } = useGuarded<Rotation>(zone.id);
  const begin = ({ what, revokesFirst = false, words, body }: Beginning) => {
    setProblems([]);
    ask({
      ...words,
      call: beginningCall(zone, body),
      change: { kind: 'authority_rotate', what, ...(revokesFirst ? { revoke_first: true } : {}) },
      final: true,
      onDone: onBegun,
      onRefused: (refused) => {
        setProblems(refused);
        return true;
      },
    });
  };
  return { begin, busy, problems, view };
}

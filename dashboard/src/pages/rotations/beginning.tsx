import type { Call } from '../../api/call.ts';
import type { Deed } from '../../parts/guarded.tsx';
import { useGuardedForm } from '../../parts/guarded-form.ts';
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
  const { begin: ask, busy, problems, view } = useGuardedForm<Rotation>(zone.id);
  const begin = ({ what, revokesFirst = false, words, body }: Beginning) =>
    ask({
      ...words,
      call: beginningCall(zone, body),
      change: { kind: 'authority_rotate', what, ...(revokesFirst ? { revoke_first: true } : {}) },
      final: true,
      onDone: onBegun,
    });
  return { begin, busy, problems, view };
}

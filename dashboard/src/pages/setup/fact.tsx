import type { ComponentChildren } from 'preact';
import type { StepProps } from './step-props.ts';

/** What each part of the first step is given. */
export interface FactProps extends Pick<StepProps, 'zone' | 'setup'> {
  readonly onChange: () => void;
}

/** Something that has to be so before a lock can hold: it is, or can be mended here. */
export function Fact({ ok, children }: { readonly ok: boolean; readonly children: ComponentChildren }) {
  return (
    <li class={ok ? 'ok' : 'missing'}>
      <span class="setup-tick" role="img" aria-label={ok ? 'Done' : 'Missing'}>
        {ok ? '✓' : '•'}
      </span>
      <div class="setup-fact">{children}</div>
    </li>
  );
}

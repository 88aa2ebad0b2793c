import type { Step } from './rotation.ts';

const STATES = { done: 'Done', current: 'Now', coming: 'To come' } as const;

/** The stages of a rotation, and which of them it is in. */
export function Stepper({ steps }: { readonly steps: readonly Step[] }) {
  if (steps.length === 0) return null;
  return (
    <ol class="stepper" aria-label="Stages">
      {steps.map(({ name, title, about, state }) => (
        <li key={name} class={state} aria-current={state === 'current' ? 'step' : undefined} title={about}>
          <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            {state === 'done' ? <path d="M3 8.5l3.5 3.5L13 5" /> : <circle cx="8" cy="8" r="4" />}
          </svg>
          <span>
            {title}
            <span class="unseen">: {STATES[state]}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}

/** What the present stage is about. */
export function StageText({ steps }: { readonly steps: readonly Step[] }) {
  const current = steps.find(({ state }) => state === 'current');
  return current === undefined ? null : <p class="muted">{current.about}</p>;
}

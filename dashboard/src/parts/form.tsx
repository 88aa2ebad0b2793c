import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ApiProblem } from '../api/call.ts';

interface FormProps {
  /** What the API said was wrong with it. */
  readonly problems: readonly ApiProblem[];
  /** It is on its way: it is not sent twice. */
  readonly busy: boolean;
  readonly onSubmit: () => unknown;
  readonly wide?: boolean;
  readonly class?: string;
  readonly children: ComponentChildren;
}

// A group of choices cannot be said to be invalid (ARIA 1.2, 6.6): it is marked for this alone.
const INVALID = '[aria-invalid="true"], [data-invalid]';

/**
 * A form that the API judges, not the browser: what is missing or wrong is said in the same words as in a terminal, at its
 * field. The first field that is to blame takes the focus (WCAG 3.3.1).
 */
export function Form({ problems, busy, onSubmit, wide = false, class: look = 'form', children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problems.length > 0) form.current?.querySelector<HTMLElement>(INVALID)?.focus();
  }, [problems]);
  return (
    <form
      ref={form}
      class={wide ? `${look} wide` : look}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) onSubmit();
      }}
    >
      {children}
    </form>
  );
}

import type { ComponentChildren } from 'preact';
import type { ApiProblem } from '../api/call.ts';

/** What was wrong, in the API's words: they say what to do. Read out at once (ARIA 1.2, role alert). */
export function Problems({ problems, children }: { problems: readonly ApiProblem[]; children?: ComponentChildren }) {
  if (problems.length === 0) return null;
  return (
    <div class="note problem" role="alert">
      {problems.map(({ code, message }) => (
        <p key={`${code}${message}`}>
          {message}
          {code !== 0 && <span class="code"> ({code})</span>}
        </p>
      ))}
      {children}
    </div>
  );
}

interface NoteProps {
  readonly kind?: 'info' | 'warning' | 'problem' | 'good';
  readonly children: ComponentChildren;
}

/** Something that one should know here. */
export function Note({ kind = 'info', children }: NoteProps) {
  return <div class={`note ${kind}`}>{children}</div>;
}

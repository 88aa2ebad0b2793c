import type { ComponentChildren } from 'preact';
import type { Setup } from './setup.ts';

interface Props extends Pick<Setup, 'terminal'> {
  /** The command to copy, for where nobody is asked. */
  readonly children: ComponentChildren;
}

/** Whether a person at the origin is asked now. */
export function isAsking(terminal: Setup['terminal']): boolean {
  return terminal !== null && terminal.state !== 'enforced';
}

/** How the decision is carried out: by an answer where a command at the origin asks for it, else by a command to copy. */
export function CarryOut({ terminal, children }: Props) {
  if (terminal === null)
    return (
      <>
        <h3>On the origin: put the enforcing configuration in place</h3>
        {children}
      </>
    );
  const isDone = !isAsking(terminal);
  return (
    <>
      <h3>{isDone ? 'On the origin: it enforces' : 'On the origin: answer in the terminal'}</h3>
      <p role="status">
        {isDone
          ? `The command on ${terminal.host} says that the lock refuses strangers now. Postern looks at it by itself.`
          : `The command in your terminal on ${terminal.host} asks you now: read what it shows, then answer there.`}
      </p>
      {!isDone && <Answers />}
      <details>
        <summary>{isDone ? 'The enforcing configuration again' : 'It does not ask? The command to copy'}</summary>
        {children}
      </details>
    </>
  );
}

/** What each answer does, as the terminal has it. */
function Answers() {
  return (
    <ul class="setup-notes">
      <li>
        <strong>y</strong> enforces. Where another site answers names that no site has, it also has those refused; that
        site stays as it is.
      </li>
      <li>
        <strong>k</strong>, where it is offered, enforces and leaves such names as they are.
      </li>
      <li>
        <strong>n</strong>, or Enter alone, does nothing.
      </li>
    </ul>
  );
}

/** Said beside the decision: where the next thing to do is. */
export function AsksThere({ terminal }: Pick<Setup, 'terminal'>) {
  if (terminal === null) return null;
  return (
    <p class="hint">
      The command in your terminal on {terminal.host} then asks you, and does nothing before you answer.
    </p>
  );
}

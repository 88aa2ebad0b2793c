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
          : `The command in your terminal on ${terminal.host} shows what changes there, and asks you now: answer it.`}
      </p>
      <details>
        <summary>{isDone ? 'The enforcing configuration again' : 'It does not ask? The command to copy'}</summary>
        {children}
      </details>
    </>
  );
}

/** Said beside the decision: what it does by itself, and where the next thing to do is. */
export function NothingYet({ terminal }: Pick<Setup, 'terminal'>) {
  return (
    <p>
      {terminal === null
        ? 'Nothing changes at the origin yet.'
        : `Nothing changes at the origin yet: your terminal on ${terminal.host} shows what would, and asks.`}
    </p>
  );
}

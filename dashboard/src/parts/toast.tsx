import { signal } from '@preact/signals';

const SHOWN = 6000;

const said = signal<readonly { readonly id: number; readonly text: string }[]>([]);

let count = 0;

/** Says in passing that something is done. What went wrong is said where it went wrong, and stays. */
export function say(text: string): void {
  count += 1;
  const id = count;
  said.value = [...said.peek(), { id, text }].slice(-3);
  setTimeout(() => {
    said.value = said.peek().filter((one) => one.id !== id);
  }, SHOWN);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {said.value.map(({ id, text }) => (
        <p key={id} class="toast">
          {text}
        </p>
      ))}
    </div>
  );
}

import { signal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { ApiMessage } from '../api/call.ts';
import { Button } from './button.tsx';

/** `pending_deployment` of src/wire/messages.ts: true for a moment, and for nobody to act on. */
const PASSING = 20_103;
const MOST = 5;

/** What the API remarked on what was done, until somebody has read it. */
export const remarked = signal<readonly ApiMessage[]>([]);

/** Keeps what the API remarks on something that it did: the form that asked for it is closed by then. */
export function remark(messages: readonly ApiMessage[]): void {
  const lasting = messages.filter(({ code }) => code !== PASSING);
  if (lasting.length === 0) return;
  const others = remarked.peek().filter(({ message }) => !lasting.some((one) => one.message === message));
  remarked.value = [...others, ...lasting].slice(-MOST);
}

const PLACE = 'remarks';

/** Leads to the remarks, wherever on the page somebody is. */
export function readRemarks(): void {
  const place = document.getElementById(PLACE);
  place?.focus();
  place?.scrollIntoView({ block: 'center' });
}

/** The remarks, above the page. They stay until they are dismissed. */
export function Remarked() {
  const id = useId();
  const all = remarked.value;
  if (all.length === 0) return null;
  const dismiss = () => {
    remarked.value = [];
    document.getElementById('page')?.focus({ preventScroll: true });
  };
  return (
    <section class="note warning remarked" id={PLACE} tabIndex={-1} aria-labelledby={id}>
      <div>
        <h2 id={id}>It is done. What should be known of it</h2>
        {all.map(({ message }) => (
          <p key={message}>{message}</p>
        ))}
      </div>
      <Button small onPress={dismiss}>
        Dismiss
      </Button>
    </section>
  );
}

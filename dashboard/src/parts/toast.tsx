import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { readRemarks, remarked } from './remarked.tsx';
import '../style/toast.css';

/** How long a message stays at least; longer ones take longer to read. */
const SHOWN = 6000;
const PER_LETTER = 70;

const said = signal<{ readonly text: string } | null>(null);

/** Says in passing that something is done. What went wrong is said where it went wrong, and stays. */
export function say(text: string): void {
  said.value = { text };
}

/**
 * What was said last, where nothing else stands: in the bar at the top. It goes by itself, but not while somebody points
 * at it or is in it (WCAG 2.2.1), and at once where somebody has read it.
 */
export function Toasts() {
  const [isHeld, hold] = useState(false);
  const before = useRef<HTMLElement | null>(null);
  const one = said.value;
  useEffect(() => {
    if (one === null || isHeld) return undefined;
    const timer = setTimeout(() => clear(one), Math.max(SHOWN, one.text.length * PER_LETTER));
    return () => clearTimeout(timer);
  }, [one, isHeld]);
  const dismiss = () => {
    said.value = null;
    hold(false);
    giveBack(before.current);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: nothing is done here, what was said is held while somebody is in it.
    <div
      class="toasts"
      onPointerEnter={() => hold(true)}
      onPointerLeave={() => hold(false)}
      onFocusIn={({ currentTarget, relatedTarget }) => {
        if (relatedTarget instanceof HTMLElement && !currentTarget.contains(relatedTarget))
          before.current = relatedTarget;
        hold(true);
      }}
      onFocusOut={() => hold(false)}
      onKeyDown={({ key }) => key === 'Escape' && dismiss()}
    >
      <div class={one === null ? '' : 'toast'}>
        {/* There before anything is said, or it would not be read out (ARIA 1.2, 6.3 live regions). */}
        <span role="status">{one?.text}</span>
        {one !== null && remarked.value.length > 0 && (
          <button type="button" class="toast-act" aria-label="Read the remark" onClick={readRemarks}>
            Remark
          </button>
        )}
        {one !== null && (
          <button type="button" class="toast-act quiet" aria-label="Dismiss" onClick={dismiss}>
            ✕
          </button>
        )}
      </div>
    </div>
  );
}

function clear(one: { readonly text: string }): void {
  if (said.peek() === one) said.value = null;
}

// Who was in it with the keyboard goes on where they were, or at the page.
function giveBack(to: HTMLElement | null): void {
  const next = to?.isConnected === true ? to : document.getElementById('page');
  next?.focus({ preventScroll: true });
}

import { computed, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

const open = signal(0);

/** Whether somebody has a question before them: what it stands on is not to be taken away meanwhile. */
export const isDialogOpen = computed(() => open.value > 0);

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly wide?: boolean;
}

// Browsers give the focus back only where it is still inside. Where what had it is gone, such as the row that was deleted,
// one goes on at the page (WCAG 2.4.3).
function goOn(before: Element | null): void {
  if (document.activeElement !== document.body) return;
  const next = before?.isConnected === true ? before : document.querySelector('#page h1');
  if (next instanceof HTMLElement) next.focus();
}

/** A question that has to be answered first: the browser's own dialog keeps focus inside. */
export function Dialog({ title, onClose, children, wide = false }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    open.value = open.peek() + 1;
    return () => {
      open.value = open.peek() - 1;
      element?.close();
      requestAnimationFrame(() => goOn(before));
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={wide ? 'wide' : ''}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="button quiet small" onClick={onClose} aria-label="Close">
          ✕
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** Where the buttons of a dialog stand. */
export function DialogActs({ children }: { readonly children: ComponentChildren }) {
  return <div class="dialog-acts">{children}</div>;
}

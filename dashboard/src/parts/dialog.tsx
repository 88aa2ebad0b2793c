import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly wide?: boolean;
}

// Where what had the focus before is gone, such as the row that was deleted, one goes on at the page (WCAG 2.4.3).
function goOn(): void {
  if (document.activeElement === document.body) document.querySelector<HTMLElement>('#page h1')?.focus();
}

/** A question that has to be answered first: the browser's own dialog keeps focus inside and gives it back. */
export function Dialog({ title, onClose, children, wide = false }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => {
      element?.close();
      requestAnimationFrame(goOn);
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

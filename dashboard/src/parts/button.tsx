import type { ComponentChildren } from 'preact';

interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onPress?: () => void;
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly type?: 'button' | 'submit';
  /** Work goes on: the button stays where it is, says so, and takes no second press. */
  readonly busy?: boolean;
  readonly disabled?: boolean;
  /** What it does, where its text does not say it. */
  readonly label?: string | undefined;
  readonly small?: boolean;
}

export function Button({
  children,
  onPress,
  kind = 'plain',
  type = 'button',
  busy = false,
  disabled = false,
  label,
  small = false,
}: ButtonProps) {
  // Stays in the order of Tab while busy: focus must not jump to the start of the page.
  const press = (event: MouseEvent) => {
    if (busy) event.preventDefault();
    else onPress?.();
  };
  return (
    <button
      type={type}
      class={`button ${kind}${small ? ' small' : ''}`}
      onClick={press}
      disabled={disabled}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      aria-label={label}
    >
      {busy && <span class="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}

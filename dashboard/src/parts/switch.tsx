import { useId } from 'preact/hooks';

interface SwitchProps {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly busy?: boolean;
  readonly disabled?: boolean;
  /** Why it does nothing, or what it is worth. */
  readonly hint?: string;
  /** The label is for those who do not see the row that the switch stands in. */
  readonly hideLabel?: boolean;
}

/** On or off, in force at once (ARIA 1.2, role switch). It shows what is, never what was only asked for. */
export function Switch({ label, on, onChange, busy = false, disabled = false, hint, hideLabel = false }: SwitchProps) {
  const id = useId();
  return (
    <span class="switch">
      <button
        type="button"
        role="switch"
        id={id}
        aria-checked={on}
        aria-label={label}
        aria-busy={busy || undefined}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        disabled={disabled}
        onClick={() => busy || onChange(!on)}
      >
        <span class="knob" aria-hidden="true" />
      </button>
      {!hideLabel && (
        <label for={id} class="switch-label">
          {label}
        </label>
      )}
      {hint !== undefined && (
        <span id={`${id}-hint`} class="hint">
          {hint}
        </span>
      )}
    </span>
  );
}

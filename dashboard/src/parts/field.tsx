import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { ApiProblem } from '../api/call.ts';
import { fileText } from './file-text.ts';

export interface FieldProps {
  readonly label: string;
  /** What was wrong with it, said where it stands. */
  readonly problems?: readonly ApiProblem[];
  readonly hint?: ComponentChildren;
  readonly required?: boolean;
}

interface Parts {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
  readonly required: boolean;
}

export function Field({
  label,
  problems = [],
  hint,
  required = false,
  children,
}: FieldProps & { readonly children: (parts: Parts) => ComponentChildren }) {
  const id = useId();
  const wrong = problems.length > 0;
  const described = [hint === undefined ? '' : `${id}-hint`, wrong ? `${id}-wrong` : ''].join(' ').trim();
  return (
    <div class={`field${wrong ? ' wrong' : ''}`}>
      <label for={id}>
        {label}
        {!required && <span class="optional-mark"> optional</span>}
      </label>
      {children({
        id,
        required,
        'aria-describedby': described === '' ? undefined : described,
        'aria-invalid': wrong || undefined,
      })}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {wrong && (
        <p class="field-problem" id={`${id}-wrong`} role="alert">
          {problems.map(({ message }) => message).join(' ')}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly placeholder?: string;
  readonly type?: 'text' | 'password';
  readonly autocomplete?: 'off' | 'current-password';
  readonly mono?: boolean;
  /** What could be meant: proposed while somebody types, never forced. */
  readonly proposals?: readonly string[];
  /** The value was filled in for who types: whoever is in the field already types in place of it, not behind it. */
  readonly isFilledIn?: boolean;
}

export function TextField({
  value,
  onInput,
  placeholder,
  type = 'text',
  autocomplete = 'off',
  mono,
  proposals,
  isFilledIn = false,
  ...field
}: TextFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isFilledIn && document.activeElement === input.current) input.current?.select();
  }, [isFilledIn, value]);
  return (
    <Field {...field}>
      {(parts) => (
        <>
          <input
            {...parts}
            ref={input}
            {...(type === 'password' ? { type } : { type: 'text' as const, ...listOf(parts.id, proposals) })}
            class={mono === true ? 'mono' : undefined}
            value={value}
            placeholder={placeholder}
            autocomplete={autocomplete}
            autocapitalize="off"
            spellcheck={false}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
          {proposals !== undefined && (
            <datalist id={`${parts.id}-proposals`}>
              {proposals.map((proposal) => (
                <option key={proposal} value={proposal} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}

function listOf(id: string, proposals: readonly string[] | undefined): { readonly list?: string } {
  return proposals === undefined ? {} : { list: `${id}-proposals` };
}

export interface AreaFieldProps extends FieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly rows?: number;
  readonly placeholder?: string;
}

/** Several lines, such as PEM; a file dropped on it is read. */
export function AreaField({ value, onInput, rows = 6, placeholder, ...field }: AreaFieldProps) {
  const drop = async (event: DragEvent) => {
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    const text = await fileText(file);
    if (text !== null) onInput(text);
  };
  return (
    <Field {...field}>
      {(parts) => (
        <textarea
          {...parts}
          class="mono"
          rows={rows}
          value={value}
          placeholder={placeholder}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => onInput(event.currentTarget.value)}
          onDrop={(event) => void drop(event)}
        />
      )}
    </Field>
  );
}

interface SelectFieldProps<Value extends string> extends FieldProps {
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly options: readonly { readonly value: Value; readonly text: string }[];
  readonly disabled?: boolean;
}

export function SelectField<Value extends string>({
  value,
  onChange,
  options,
  disabled = false,
  ...field
}: SelectFieldProps<Value>) {
  return (
    <Field {...field}>
      {(parts) => (
        <select
          {...parts}
          value={value}
          disabled={disabled}
          onChange={(event) => onChange(event.currentTarget.value as Value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Yes or no within a form that is sent later. For what is in force at once there is `Switch`. */
export function CheckField({
  label,
  checked,
  onChange,
}: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

import { Field, type FieldProps } from './field.tsx';

interface MomentFieldProps extends FieldProps {
  /** RFC 3339, or empty. */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A moment, typed in the viewer's time zone. */
export function MomentField({ value, onChange, ...field }: MomentFieldProps) {
  return (
    <Field {...field}>
      {(parts) => (
        <input
          {...parts}
          type="datetime-local"
          value={localText(value)}
          onChange={(event) => onChange(momentText(event.currentTarget.value))}
        />
      )}
    </Field>
  );
}

function localText(moment: string): string {
  const date = new Date(moment);
  if (moment === '' || Number.isNaN(date.getTime())) return '';
  const at = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return at.toISOString().slice(0, 16);
}

function momentText(local: string): string {
  const date = new Date(local);
  return local === '' || Number.isNaN(date.getTime()) ? '' : date.toISOString();
}

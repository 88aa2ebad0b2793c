import type { ComponentChildren } from 'preact';
import type { ApiProblem, Call } from '../api/call.ts';
import { problemsElsewhere } from './action.ts';
import { ApiCall } from './api-call.tsx';
import { Button } from './button.tsx';
import { DialogActs } from './dialog.tsx';
import { Form } from './form.tsx';
import { Problems } from './problems.tsx';

interface CallFormProps {
  /** What is asked of the API when it is sent. */
  readonly call: Call;
  /** What the button says. */
  readonly act: string;
  readonly kind?: 'primary' | 'danger';
  readonly busy: boolean;
  readonly problems: readonly ApiProblem[];
  /** Fields that show their own problems (RFC 6901); the others stand above them. */
  readonly pointers?: readonly string[];
  readonly onSubmit: () => Promise<unknown>;
  readonly onCancel: () => void;
  readonly cancel?: string;
  readonly wide?: boolean;
  /** Stands before the problems. */
  readonly lead?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** The form of a dialog that makes one call: sent once at a time, with what was wrong with it, and shown as curl. */
export function CallForm({
  call,
  act,
  kind = 'primary',
  busy,
  problems,
  pointers = [],
  onSubmit,
  onCancel,
  cancel = 'Cancel',
  wide = false,
  lead,
  children,
}: CallFormProps) {
  return (
    <Form problems={problems} busy={busy} onSubmit={onSubmit} wide={wide}>
      {lead}
      <Problems problems={problemsElsewhere(problems, pointers)} />
      {children}
      <ApiCall call={call} of={act} />
      <DialogActs>
        <Button onPress={onCancel}>{cancel}</Button>
        <Button type="submit" kind={kind} busy={busy}>
          {act}
        </Button>
      </DialogActs>
    </Form>
  );
}

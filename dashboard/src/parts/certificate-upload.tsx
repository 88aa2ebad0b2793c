import { useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { ApiMessage, ApiProblem, Call } from '../api/call.ts';
import { ask } from '../session.ts';
import { problemsAt } from './action.ts';
import { Button } from './button.tsx';
import { CallForm } from './call-form.tsx';
import { Dialog, DialogActs } from './dialog.tsx';
import { useDraft } from './draft.ts';
import { AreaField } from './field.tsx';
import { Note } from './problems.tsx';
import { Remarks } from './remarks.tsx';
import { say } from './toast.tsx';

interface UploadProps {
  readonly title: string;
  readonly method?: 'POST' | 'PATCH';
  /** Where it goes. */
  readonly path: string;
  /** What is said when it is there. */
  readonly done: string;
  /** What should be known before. */
  readonly children?: ComponentChildren;
  readonly hint: string;
  /** `changed` where the API took it. */
  readonly onClose: (changed: boolean) => void;
}

const POINTERS = ['/certificate', '/private_key'];
const EMPTY = { certificate: '', privateKey: '' };

type State =
  | { readonly kind: 'typing'; readonly busy: boolean; readonly problems: readonly ApiProblem[] }
  /** It is there, and the API says what should be known of it. */
  | { readonly kind: 'taken'; readonly messages: readonly ApiMessage[] };

/** Uploads a certificate with its key. The key is kept nowhere: neither in the browser's storage nor after the dialog. */
export function CertificateUpload({ title, method = 'POST', path, done, children, hint, onClose }: UploadProps) {
  const [draft, change, forget] = useDraft(`upload ${method} ${path}`, EMPTY, ['privateKey']);
  const [state, setState] = useState<State>({ kind: 'typing', busy: false, problems: [] });
  const body = { certificate: draft.certificate, private_key: draft.privateKey };
  const call: Call = { method, path, body, secret: ['private_key'] };
  const submit = async () => {
    setState({ kind: 'typing', busy: true, problems: [] });
    const outcome = await ask(call);
    if (outcome.kind !== 'answer') return setState({ kind: 'typing', busy: false, problems: outcome.problems });
    forget();
    say(done);
    if (outcome.messages.length === 0) return onClose(true);
    return setState({ kind: 'taken', messages: outcome.messages });
  };
  if (state.kind === 'taken')
    return <Taken {...{ title, done }} messages={state.messages} close={() => onClose(true)} />;
  const { busy, problems } = state;
  return (
    <Dialog title={title} wide onClose={() => onClose(false)}>
      <CallForm
        call={call}
        act="Upload"
        busy={busy}
        problems={problems}
        pointers={POINTERS}
        onSubmit={submit}
        onCancel={() => onClose(false)}
        wide
        lead={children}
      >
        <AreaField
          label="Certificate (PEM)"
          required
          rows={8}
          value={draft.certificate}
          onInput={(certificate) => change({ certificate })}
          placeholder="-----BEGIN CERTIFICATE-----"
          hint={hint}
          problems={problemsAt(problems, '/certificate')}
        />
        <AreaField
          label="Private key (PEM)"
          required
          rows={5}
          value={draft.privateKey}
          onInput={(privateKey) => change({ privateKey })}
          placeholder="-----BEGIN PRIVATE KEY-----"
          hint="Goes into the vault of Postern and is never shown again. This browser does not keep it."
          problems={problemsAt(problems, '/private_key')}
        />
      </CallForm>
    </Dialog>
  );
}

interface TakenProps {
  readonly title: string;
  readonly done: string;
  readonly messages: readonly ApiMessage[];
  readonly close: () => void;
}

function Taken({ title, done, messages, close }: TakenProps) {
  return (
    <Dialog title={title} onClose={close}>
      <Note kind="good">
        <p>{done} What should be known of it:</p>
      </Note>
      <Remarks messages={messages} />
      <DialogActs>
        <Button kind="primary" onPress={close}>
          Done
        </Button>
      </DialogActs>
    </Dialog>
  );
}

import { useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { ApiMessage, Call } from '../api/call.ts';
import { problemsAt } from './action.ts';
import { Button } from './button.tsx';
import { CallForm } from './call-form.tsx';
import { CertificateField } from './certificate-field.tsx';
import { Dialog, DialogActs } from './dialog.tsx';
import { useDraft } from './draft.ts';
import { AreaField } from './field.tsx';
import { useGuardedForm } from './guarded-form.ts';
import { Note } from './problems.tsx';
import { Remarks } from './remarks.tsx';

interface UploadProps {
  readonly zone: string;
  readonly title: string;
  /** What uploading this certificate changes, in the words of the impact call. */
  readonly weighed: (certificate: string) => Readonly<Record<string, unknown>>;
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

/** Uploads a certificate with its key. The key is kept nowhere: neither in the browser's storage nor after the dialog. */
export function CertificateUpload({ zone, title, weighed, method = 'POST', path, done, ...rest }: UploadProps) {
  const { children, hint, onClose } = rest;
  const [draft, change, forget] = useDraft(`upload ${method} ${path}`, EMPTY, ['privateKey']);
  // It is there, and the API says what should be known of it.
  const [taken, setTaken] = useState<readonly ApiMessage[] | null>(null);
  const { begin, busy, problems, view } = useGuardedForm(zone);
  const body = { certificate: draft.certificate, private_key: draft.privateKey };
  const call: Call = { method, path, body, secret: ['private_key'] };
  const submit = async () =>
    begin({
      title: `${title}: what follows`,
      act: 'Upload',
      done,
      call,
      change: weighed(draft.certificate),
      isShown: true,
      onDone: (_, messages) => {
        forget();
        if (messages.length === 0) onClose(true);
        else setTaken(messages);
      },
    });
  if (taken !== null) return <Taken {...{ title, done }} messages={taken} close={() => onClose(true)} />;
  return (
    <>
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
          <CertificateField
            label="Certificate (PEM)"
            value={draft.certificate}
            onInput={(certificate) => change({ certificate })}
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
      {view}
    </>
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

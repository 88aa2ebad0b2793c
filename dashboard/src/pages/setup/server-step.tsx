import { useMemo } from 'preact/hooks';
import type { ApiProblem } from '../../api/call.ts';
import { problemsAt, problemsElsewhere, useAction } from '../../parts/action.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { useDraft } from '../../parts/draft.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { Form } from '../../parts/form.tsx';
import { Note, Problems } from '../../parts/problems.tsx';
import { setQuery } from '../../route.tsx';
import { may } from '../../session.ts';
import type { StepProps } from './guide.tsx';
import { type OriginConfig, originConfigCall } from './origin-config.ts';
import { choicesOf, draftOf, SERVER_OPTIONS, type ServerDraft, serverOf } from './server.ts';
import { setupApi, type Setup } from './setup.ts';

const POINTERS = [
  '/server',
  '/server_version',
  '/upstream',
  '/root',
  '/origin_ca',
  '/server_cert',
  '/server_key',
  '/listen',
  '/directory',
  '/runtime_dir',
  '/fragment',
];

/** Which server the origin runs, and what is behind it. */
export function ServerStep({ zone, setup, refresh }: StepProps) {
  const { hostname, choices } = setup;
  const [draft, change, done] = useDraft<ServerDraft>(`setup ${zone.id} ${hostname} server`, draftOf(choices));
  const trying = useAction();
  const keeping = useAction();
  const chosen = choicesOf(draft, choices);
  const keep = { method: 'PUT', path: setupApi(zone.id, hostname), body: { choices: chosen } } as const;
  const submit = async () => {
    // Whether a configuration can be made of it is known before it is kept.
    if ((await trying.run<OriginConfig>(originConfigCall(zone.id, hostname, chosen))) === null) return;
    if ((await keeping.run<Setup>(keep)) === null) return;
    done();
    setQuery({ step: null });
    refresh();
  };
  const problems = useMemo(
    () => [...trying.problems, ...keeping.problems.map(atField)],
    [trying.problems, keeping.problems],
  );
  return (
    <Form problems={problems} busy={trying.busy || keeping.busy} onSubmit={submit}>
      <Problems problems={problemsElsewhere(problems, POINTERS)} />
      <ServerFields draft={draft} change={change} problems={problems} />
      <div class="row">
        {may('ssl:edit') ? (
          <Button type="submit" kind="primary" busy={trying.busy || keeping.busy}>
            {choices.server === undefined ? 'Make the configuration' : 'Make it anew'}
          </Button>
        ) : (
          <p class="hint">This token may look at set-ups, and change none.</p>
        )}
      </div>
      <ApiCall call={keep} of="Make the configuration" />
    </Form>
  );
}

// The same field stands one level lower where the choices are kept.
function atField(problem: ApiProblem): ApiProblem {
  return { ...problem, pointer: problem.pointer?.replace(/^\/choices/, '') ?? null };
}

interface ServerFieldsProps {
  readonly draft: ServerDraft;
  readonly change: (part: Partial<ServerDraft>) => void;
  readonly problems: readonly ApiProblem[];
}

type TextName = 'version' | 'upstream' | 'root' | 'serverCert' | 'serverKey' | 'listen' | 'directory' | 'runtimeDir';

function ServerFields(props: ServerFieldsProps) {
  const { draft, change, problems } = props;
  const server = serverOf(draft.server);
  return (
    <>
      <div class="fields">
        <SelectField
          label="Server"
          required
          value={draft.server}
          onChange={(value) => change({ server: value })}
          options={SERVER_OPTIONS}
          problems={problemsAt(problems, '/server')}
        />
        <Text {...props} name="version" label="Version" pointer="/server_version" hint="Debian 12's where left out." />
      </div>
      {server?.watches === false && (
        <Note kind="warning">
          <p>
            {server.text} cannot ask for a certificate and refuse nobody: it enforces at once. See first who comes, in
            its own logs.
          </p>
        </Note>
      )}
      <Behind {...props} />
      <Certificate {...props} />
      <Places {...props} />
    </>
  );
}

interface TextProps extends ServerFieldsProps {
  readonly name: TextName;
  readonly label: string;
  readonly pointer: string;
  readonly hint: string;
  readonly required?: boolean;
}

function Text({ draft, change, problems, name, label, pointer, hint, required = false }: TextProps) {
  return (
    <TextField
      label={label}
      required={required}
      value={draft[name]}
      onInput={(value) => change({ [name]: value })}
      problems={problemsAt(problems, pointer)}
      hint={hint}
    />
  );
}

function Behind(props: ServerFieldsProps) {
  const { draft, change } = props;
  return (
    <div class="fields">
      <SelectField
        label="What it serves"
        required
        value={draft.behind}
        onChange={(behind) => change({ behind })}
        options={[
          { value: 'upstream', text: 'An application behind it' },
          { value: 'root', text: 'A directory of files' },
        ]}
      />
      {draft.behind === 'upstream' ? (
        <Text
          {...props}
          name="upstream"
          label="Application"
          pointer="/upstream"
          hint="Such as http://127.0.0.1:3000."
        />
      ) : (
        <Text {...props} name="root" label="Directory" pointer="/root" hint="Such as /var/www/html." />
      )}
    </div>
  );
}

function Certificate(props: ServerFieldsProps) {
  const { draft, change, problems } = props;
  return (
    <div class="fields">
      <SelectField
        label="Certificate of the origin"
        required
        value={draft.certificate}
        onChange={(certificate) => change({ certificate })}
        options={[
          { value: 'origin_ca', text: "From Postern's Origin CA, made on the origin" },
          { value: 'own', text: 'One that is there' },
        ]}
        problems={problemsAt(problems, '/origin_ca')}
      />
      {draft.certificate === 'own' && (
        <>
          <Text {...props} name="serverCert" label="Certificate file" pointer="/server_cert" hint={CERTIFICATE_HINT} />
          <Text {...props} name="serverKey" label="Key file" pointer="/server_key" hint="Named here, never sent." />
        </>
      )}
    </div>
  );
}

const CERTIFICATE_HINT = "With its intermediates, at the origin. certbot's place where left out.";

function Places(props: ServerFieldsProps) {
  const { draft, change, problems } = props;
  const hasParts = serverOf(draft.server)?.hasParts ?? true;
  const isUsed = draft.listen !== '' || draft.directory !== '' || draft.form === 'whole';
  const isWrong = ['/listen', '/directory', '/runtime_dir', '/fragment'].some(
    (pointer) => problemsAt(problems, pointer).length > 0,
  );
  return (
    <details open={isUsed || isWrong}>
      <summary>Ports and files at the origin</summary>
      <div class="fields">
        <Text
          {...props}
          name="listen"
          label="Listens at"
          pointer="/listen"
          hint="HOST:PORT, several with commas; :443 where left out."
        />
        <Text
          {...props}
          name="directory"
          label="Directory of the lock"
          pointer="/directory"
          hint="/etc/postern where left out."
        />
        {hasParts && (
          <SelectField
            label="Form"
            required
            value={draft.form}
            onChange={(form) => change({ form })}
            options={[
              { value: 'fragment', text: 'A part to include into what is there' },
              { value: 'whole', text: 'A whole configuration' },
            ]}
            problems={problemsAt(problems, '/fragment')}
          />
        )}
        {(draft.form === 'whole' || !hasParts) && (
          <Text
            {...props}
            name="runtimeDir"
            label="Runtime directory"
            pointer="/runtime_dir"
            hint="Where its process id and logs go."
          />
        )}
      </div>
    </details>
  );
}

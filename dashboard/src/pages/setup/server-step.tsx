import { useMemo } from 'preact/hooks';
import type { ApiProblem } from '../../api/call.ts';
import { problemsAt, problemsElsewhere, useAction } from '../../parts/action.ts';
import { ApiCall } from '../../parts/api-call.tsx';
import { Button } from '../../parts/button.tsx';
import { useDraft } from '../../parts/draft.ts';
import { SelectField } from '../../parts/field.tsx';
import { Form } from '../../parts/form.tsx';
import { Note, Problems } from '../../parts/problems.tsx';
import { say } from '../../parts/toast.tsx';
import { setQuery } from '../../route.tsx';
import { may } from '../../session.ts';
import type { StepProps } from './step-props.ts';
import { useCertificateLooks } from './certificate-looks.ts';
import { ListensAt } from './listens-at.tsx';
import { type OriginConfig, originConfigCall } from './origin-config.ts';
import { madeAlike } from './name-records.tsx';
import { OtherNames, othersIn, shownNames } from './other-names.tsx';
import { SERVER_OPTIONS, serverOf } from './server.ts';
import { choicesOf, draftOf, type ServerDraft } from './server-draft.ts';
import { type ServerFieldsProps, Text } from './server-text.tsx';
import { setupApi, type Setup } from './setup.ts';
import { formOf, formsFor, wayOf } from './way.ts';
import { BlockOfItsOwn, InstallFields, WayFields } from './way-fields.tsx';
import type { Zone } from '../../zone.tsx';

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
  '/lines',
  '/server_config',
  '/all_names',
  '/hostnames',
];

/** Which server the origin runs, and what is behind it. */
export function ServerStep({ zone, setup, refresh }: StepProps) {
  const { hostname, choices } = setup;
  const [draft, change, done] = useDraft<ServerDraft>(`setup ${zone.id} ${hostname} server`, draftOf(choices));
  const trying = useAction();
  const keeping = useAction();
  const chosen = choicesOf(draft, choices);
  const [seen] = useCertificateLooks(zone.id, [hostname]);
  const keep = { method: 'PUT', path: setupApi(zone.id, hostname), body: { choices: chosen } } as const;
  const submit = async () => {
    // Whether a configuration can be made of it is known before it is kept.
    if ((await trying.run<OriginConfig>(originConfigCall(zone.id, hostname, chosen))) === null) return;
    if ((await keeping.run<Setup>(keep)) === null) return;
    const names = draft.makeRecords ? othersIn(draft.otherNames, zone, hostname) : [];
    const made = await madeAlike(zone.id, hostname, names);
    if (made.length > 0) say(`Made the record of ${made.join(', ')}, like that of ${hostname}.`);
    done();
    // What is there is of before: it is put in place anew.
    setQuery({ step: choices.server === undefined || chosen.mode === 'enforce' ? null : 'configure', way: null });
    refresh();
  };
  const problems = useMemo(
    () => [...trying.problems, ...keeping.problems.map(atField)],
    [trying.problems, keeping.problems],
  );
  return (
    <Form problems={problems} busy={trying.busy || keeping.busy} onSubmit={submit}>
      <Problems problems={problemsElsewhere(problems, POINTERS)} />
      <ServerFields shown={shownNames(seen, zone, hostname)} {...{ zone, hostname, draft, change, problems }} />
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
  const pointer = problem.pointer?.replace(/^\/choices/, '').replace(/^\/other_names/, '/hostnames') ?? null;
  return { ...problem, pointer };
}

interface FieldsProps extends ServerFieldsProps {
  readonly zone: Zone;
  readonly hostname: string;
  readonly shown: readonly string[];
}

function ServerFields(props: FieldsProps) {
  const { draft, change, problems, hostname } = props;
  const server = serverOf(draft.server);
  const form = formOf(draft);
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
      </div>
      {server?.watches === false && (
        <Note kind="warning">
          <p>
            {server.text} cannot ask for a certificate and refuse nobody: it enforces at once. See first who comes, in
            its own logs.
          </p>
        </Note>
      )}
      {server !== null && (
        <>
          <WayFields draft={draft} change={change} />
          {wayOf(draft) === 'copy' && <FormField {...props} />}
          <OtherNames {...props} />
          {form === null && <Unusual {...props} />}
          <BlockOfItsOwn draft={draft} hostname={hostname} />
          {form !== null && form !== 'lines' && (
            <>
              <Behind {...props} />
              <Certificate {...props} />
              <ListensAt {...props} />
            </>
          )}
          {form !== null && <Places {...props} />}
        </>
      )}
    </>
  );
}

/** What hardly anybody has to tell the command that installs. */
function Unusual(props: ServerFieldsProps) {
  const { draft, problems } = props;
  const isWrong = ['/server_config', '/all_names'].some((pointer) => problemsAt(problems, pointer).length > 0);
  return (
    <details open={draft.serverConfig !== '' || draft.allNames || isWrong}>
      <summary>Several servers there, or names you cannot list?</summary>
      <InstallFields {...props} />
    </details>
  );
}

const FORMS = {
  lines: 'Lines for the virtual host that is there',
  fragment: 'A server block of its own, to include',
  whole: 'A whole configuration',
} as const;

/** When to use which. */
const FORM_SAYS: Readonly<Record<keyof typeof FORMS, string>> = {
  lines: 'For a site that is there: its server block stays, and an include goes into it.',
  fragment: 'For a server that runs already, in place of the block that it has for these names.',
  whole: 'For a process of its own, such as in a container: nothing else may listen at the same address.',
};

function FormField({ draft, change, problems }: ServerFieldsProps) {
  const forms = formsFor(draft);
  if (forms.length < 2) return null;
  return (
    <div class="fields">
      <SelectField
        label="Form"
        required
        value={formOf(draft) ?? 'lines'}
        onChange={(form) => change({ form })}
        options={forms.map((value) => ({ value, text: FORMS[value] }))}
        problems={[...problemsAt(problems, '/fragment'), ...problemsAt(problems, '/lines')]}
        hint={FORM_SAYS[formOf(draft) ?? 'lines']}
      />
    </div>
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
          hint="http://127.0.0.1:3000 where left out."
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
  const { draft, problems } = props;
  const form = formOf(draft);
  const isUsed = draft.directory !== '' || draft.version !== '' || form === 'whole';
  const isWrong = ['/directory', '/runtime_dir', '/fragment', '/server_version'].some(
    (pointer) => problemsAt(problems, pointer).length > 0,
  );
  return (
    <details open={isUsed || isWrong}>
      <summary>
        {form === 'lines' ? 'Files at the origin' : 'Files at the origin, and the version of the server'}
      </summary>
      {wayOf(draft) === 'configure' && <FormField {...props} />}
      <div class="fields">
        <Text
          {...props}
          name="directory"
          label="Directory of the lock"
          pointer="/directory"
          hint="/etc/postern where left out."
        />
        {form !== 'lines' && (
          <Text
            {...props}
            name="version"
            label="Version"
            pointer="/server_version"
            hint="Of the server, such as 1.22.1; the one of Debian 12 where left out."
          />
        )}
        {form === 'whole' && (
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

import type { View } from '../../../../src/wire/answer-fields.ts';
import type { VISITOR_AUTHORITIES } from '../../../../src/wire/visitor-authorities.ts';
import type { ApiProblem, Call } from '../../api/call.ts';
import { problemsAt } from '../../parts/action.ts';
import { CallForm } from '../../parts/call-form.tsx';
import { CertificateField } from '../../parts/certificate-field.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { TextField } from '../../parts/field.tsx';
import { useGuardedForm } from '../../parts/guarded-form.ts';
import type { Zone } from '../../zone.tsx';

/** A list as `GET /postern/v1/zones/:zone/visitor_authorities` has it. */
export type AskedVisitors = View<typeof VISITOR_AUTHORITIES>;

/** Where the list of a hostname stands. */
export function authoritiesPath(zone: string, hostname: string): string {
  return `/postern/v1/zones/${zone}/hostnames/${encodeURIComponent(hostname)}/visitor_authorities`;
}

interface VisitorFormProps {
  readonly zone: Zone;
  /** The one that is changed; `null` for a hostname that asks for nothing yet. */
  readonly list: AskedVisitors | null;
  /** `changed` where the API took it. */
  readonly onClose: (changed: boolean) => void;
}

const POINTERS = ['/hostname', '/name', '/certificates'];

/** Says whose certificates a hostname asks of its visitors. */
export function VisitorForm({ zone, list, onClose }: VisitorFormProps) {
  const kept = { hostname: list?.hostname ?? '', name: list?.name ?? '', certificates: list?.certificates ?? '' };
  const [draft, change, forget] = useDraft(`visitors ${zone.id} ${kept.hostname}`, kept);
  const { begin, busy, problems: refused, view } = useGuardedForm(zone.id);
  const problems = refused.map(atHostname);
  const hostname = draft.hostname.trim().toLowerCase();
  const name = draft.name.trim();
  const body = { certificates: draft.certificates, name: name === '' ? null : name };
  const call: Call = { method: 'PUT', path: authoritiesPath(zone.id, hostname === '' ? '-' : hostname), body };
  const submit = async () =>
    begin({
      title: `Visitors of ${hostname}`,
      act: 'Ask for certificates',
      done: `Visitors of ${hostname} are asked for a certificate.`,
      call,
      change: { kind: 'visitor_authorities_put', hostname, certificates: draft.certificates },
      onDone: () => {
        forget();
        onClose(true);
      },
    });
  const title = list === null ? 'Ask visitors for certificates' : `Visitors of ${list.hostname}`;
  return (
    <>
      <Dialog title={title} wide onClose={() => onClose(false)}>
        <CallForm
          call={call}
          act={list === null ? 'Ask for certificates' : 'Change them'}
          busy={busy}
          problems={problems}
          pointers={POINTERS}
          onSubmit={submit}
          onCancel={() => onClose(false)}
          wide
        >
          {list === null && (
            <TextField
              label="Hostname"
              required
              value={draft.hostname}
              onInput={(text) => change({ hostname: text })}
              hint={`Such as staff.${zone.name}, or *.${zone.name} for each name below it.`}
              problems={problemsAt(problems, '/hostname')}
            />
          )}
          <TextField
            label="Name of the list"
            value={draft.name}
            onInput={(text) => change({ name: text })}
            hint="For yourself, such as staff."
            problems={problemsAt(problems, '/name')}
          />
          <CertificateField
            label="CA certificates (PEM)"
            value={draft.certificates}
            onInput={(certificates) => change({ certificates })}
            hint="One after the other: the CAs that signed the certificates of your visitors. Certificates only, no keys."
            problems={problemsAt(problems, '/certificates')}
          />
        </CallForm>
      </Dialog>
      {view}
    </>
  );
}

const OUTSIDE_ZONE = 1416;

// The hostname stands in the path of the call, to which no pointer leads.
function atHostname(problem: ApiProblem): ApiProblem {
  return problem.code === OUTSIDE_ZONE ? { ...problem, pointer: '/hostname' } : problem;
}

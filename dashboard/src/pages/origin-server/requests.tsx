import { useState } from 'preact/hooks';
import type { Call } from '../../api/call.ts';
import { inZone, useResource } from '../../api/resource.ts';
import { problemsAt } from '../../parts/action.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { CallForm } from '../../parts/call-form.tsx';
import { CertificateField } from '../../parts/certificate-field.tsx';
import { Code } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useDraft } from '../../parts/draft.ts';
import { useGuarded } from '../../parts/guarded.tsx';
import { useGuardedForm } from '../../parts/guarded-form.ts';
import { Moment } from '../../parts/moment.tsx';
import { Pager, pageNumber } from '../../parts/pager.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import { LEVELS } from './identity.ts';
import { RequestForm } from './request-form.tsx';

/** A request as `GET /postern/v1/zones/:zone/certificate_requests` has it. */
interface CertificateRequest {
  readonly id: string;
  readonly level: 'zone' | 'hostname';
  readonly key_type: string;
  readonly common_name: string;
  readonly hostnames: readonly string[];
  readonly csr: string;
  readonly created_on: string;
}

/** Certificates that a CA of one's own signs: the key is made here, the request goes out, the certificate comes in. */
export function Requests({ zone }: { readonly zone: Zone }) {
  const path = `/postern/v1/zones/${zone.id}/certificate_requests`;
  const query = `page=${pageNumber('requests')}&per_page=20`;
  const [requests, again] = useResource<readonly CertificateRequest[]>(`${path}?${query}`, { on: inZone(zone.id) });
  const [open, setOpen] = useState<CertificateRequest | 'new' | null>(null);
  const guarded = useGuarded(zone.id);
  const mayEdit = may('ssl:edit');
  const close = (changed: boolean) => {
    setOpen(null);
    if (changed) again();
  };
  const withdraw = ({ id, common_name: name }: CertificateRequest) =>
    guarded.begin({
      title: 'Take the request back',
      act: 'Take it back',
      done: 'The request is gone.',
      call: { method: 'DELETE', path: `${path}/${id}` },
      change: null,
      final: true,
      about: `The key of the request for ${name} is destroyed: a certificate that a CA makes of it is of no use any more.`,
      onDone: again,
    });
  return (
    <Panel
      title="Signed by a CA of your own"
      about="Postern makes the key and a request (CSR); your CA signs it, and the certificate comes back here."
      aside={
        mayEdit && (
          <Button small onPress={() => setOpen('new')}>
            Make a request
          </Button>
        )
      }
    >
      <Awaited of={requests} retry={again} lines={2} empty={<p>No request waits for its certificate.</p>}>
        {(rows, info) => (
          <>
            <Table
              caption="Requests"
              keyOf={({ id }) => id}
              rows={rows}
              columns={columns(mayEdit, setOpen, withdraw)}
            />
            <Pager info={info} what="requests" name="requests" />
          </>
        )}
      </Awaited>
      {open === 'new' && <RequestForm zone={zone} onClose={close} />}
      {open !== null && open !== 'new' && (
        <Answer zone={zone.id} path={`${path}/${open.id}/certificate`} request={open} onClose={close} />
      )}
      {guarded.view}
    </Panel>
  );
}

function columns(
  mayEdit: boolean,
  open: (request: CertificateRequest) => void,
  withdraw: (request: CertificateRequest) => void,
): readonly Column<CertificateRequest>[] {
  return [
    {
      title: 'Request',
      names: true,
      cell: ({ common_name: name, hostnames }) => (
        <span class="why">
          <span class="break">{name}</span>
          {hostnames.length > 0 && <span class="hint break">{hostnames.join(', ')}</span>}
        </span>
      ),
    },
    { title: 'Level', cell: ({ level }) => <span class="tag">{LEVELS[level]}</span> },
    { title: 'Key', optional: true, cell: ({ key_type: key }) => key },
    { title: 'Made', cell: ({ created_on: at }) => <Moment at={at} /> },
    {
      title: 'Actions',
      align: 'end',
      cell: (request) => (
        <span class="row end">
          <Button
            small
            kind="quiet"
            label={`${mayEdit ? 'CSR and certificate' : 'CSR'}: request for ${request.common_name}`}
            onPress={() => open(request)}
          >
            {mayEdit ? 'CSR and certificate' : 'CSR'}
          </Button>
          {mayEdit && (
            <Button
              small
              kind="quiet"
              label={`Take back the request for ${request.common_name}`}
              onPress={() => withdraw(request)}
            >
              Take back
            </Button>
          )}
        </span>
      ),
    },
  ];
}

interface AnswerProps {
  readonly zone: string;
  readonly path: string;
  readonly request: CertificateRequest;
  readonly onClose: (changed: boolean) => void;
}

/** The request to take along, and the certificate that came of it. */
function Answer({ zone, path, request, onClose }: AnswerProps) {
  const [draft, change, done] = useDraft(`answer ${request.id}`, { certificate: '' });
  const action = useGuardedForm(zone);
  const call: Call = { method: 'POST', path, body: draft };
  const submit = async () =>
    action.begin({
      title: `Bring in the certificate for ${request.common_name}`,
      act: 'Bring it in',
      done: 'The certificate is there.',
      call,
      change: { kind: 'certificate_upload', level: request.level, request: request.id, ...draft },
      onDone: () => {
        done();
        onClose(true);
      },
    });
  return (
    <Dialog title={`Request for ${request.common_name}`} wide onClose={() => onClose(false)}>
      <Code label="Request (CSR)" text={request.csr} />
      {may('ssl:edit') && (
        <CallForm
          call={call}
          busy={action.busy}
          problems={action.problems}
          act="Bring it in"
          pointers={['/certificate']}
          onSubmit={submit}
          onCancel={() => onClose(false)}
          wide
        >
          <CertificateField
            label="Certificate that your CA made of it (PEM)"
            value={draft.certificate}
            onInput={(certificate) => change({ certificate })}
            hint="Followed by its issuers up to the root, so that the bundle of the zone can vouch for it."
            problems={problemsAt(action.problems, '/certificate')}
          />
        </CallForm>
      )}
      {action.view}
    </Dialog>
  );
}

import '../../style/pages/edge-certificates.css';
import { useState } from 'preact/hooks';
import { inZone, type Resource, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { CertificateUpload } from '../../parts/certificate-upload.tsx';
import { Expiry } from '../../parts/expiry.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { useKept } from '../../parts/kept.ts';
import { Pager, pageAsked } from '../../parts/pager.tsx';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { may } from '../../session.ts';
import type { ZonePageProps } from '../../page-props.ts';
import { certificatesPath, type EdgeCertificate } from './edge-certificate.ts';
import { LocalAuthority } from './local-authority.tsx';
import { OrderForm } from './order-form.tsx';
import { VisitorAuthorities } from './visitor-authorities.tsx';

/** Whether the edges have a change in force is no event of the zone. */
const EDGES_FOLLOW = 30_000;

/** SSL/TLS → Edge Certificates: what visitors are shown. */
export function Page({ zone }: ZonePageProps) {
  const path = certificatesPath(zone.id);
  const [found, again] = useResource<readonly EdgeCertificate[]>(`${path}?${pageAsked()}&per_page=20`, {
    on: inZone(zone.id),
    every: EDGES_FOLLOW,
  });
  const certificates = useKept(found);
  const [open, setOpen] = useState<EdgeCertificate | 'new' | 'order' | null>(null);
  const guarded = useGuarded(zone.id);
  const mayEdit = may('ssl:edit');
  const close = (changed: boolean) => {
    setOpen(null);
    if (changed) again();
  };
  const remove = ({ id, hosts }: EdgeCertificate) =>
    guarded.begin({
      title: 'Delete a certificate',
      act: 'Delete it',
      done: 'The certificate is deleted.',
      call: { method: 'DELETE', path: `${path}/${id}` },
      change: { kind: 'visitor_certificate_delete', cert_id: id },
      final: true,
      about: `The key of the certificate of ${hosts.join(', ')} is destroyed with it.`,
      onDone: again,
    });
  return (
    <>
      <PageHead title="Edge Certificates" about="What visitors of this zone are shown when they come over https.">
        {mayEdit && (
          <Button kind="primary" onPress={() => setOpen('new')}>
            Upload a certificate
          </Button>
        )}
      </PageHead>
      <Panel
        title="Uploaded certificates"
        about="Where several hold a name, the first of them that is in force is shown."
        aside={
          mayEdit &&
          isSeveral(certificates) && (
            <Button small onPress={() => setOpen('order')}>
              Change the order
            </Button>
          )
        }
      >
        <Awaited of={certificates} retry={again} lines={4} empty={<Nothing mayEdit={mayEdit} />}>
          {(rows, info) => (
            <>
              <Table
                caption="Uploaded certificates"
                keyOf={({ id }) => id}
                rows={rows}
                columns={[...COLUMNS, ...(mayEdit ? [actions(setOpen, remove)] : [])]}
              />
              <Pager info={info} what="certificates" />
            </>
          )}
        </Awaited>
      </Panel>
      <LocalAuthority zone={zone} />
      <VisitorAuthorities zone={zone} />
      {open === 'order' && <OrderForm zone={zone} onClose={close} />}
      {open !== null && open !== 'order' && (
        <Upload zone={zone.id} path={path} replaced={open === 'new' ? null : open} onClose={close} />
      )}
      {guarded.view}
    </>
  );
}

// With one there is nothing to order.
function isSeveral(of: Resource<readonly EdgeCertificate[]>): boolean {
  return of.kind === 'ready' && (of.info?.total_count ?? of.value.length) > 1;
}

function Nothing({ mayEdit }: { readonly mayEdit: boolean }) {
  return (
    <p>
      No certificate was uploaded: visitors are shown one of the CA of this installation, which browsers do not know.
      {mayEdit && ' Upload one that a public CA signed for the names of this zone.'}
    </p>
  );
}

const STATUS = {
  active: ['good', 'In force'],
  pending: ['worry', 'On its way to the edges'],
  expired: ['bad', 'Expired'],
} as const;

const COLUMNS: readonly Column<EdgeCertificate>[] = [
  {
    title: 'Names',
    names: true,
    cell: ({ hosts }) => (
      <ul class="names">
        {hosts.slice(0, 8).map((host) => (
          <li key={host}>{host}</li>
        ))}
        {hosts.length > 8 && <li class="hint">and {(hosts.length - 8).toLocaleString()} more</li>}
      </ul>
    ),
  },
  { title: 'Issuer', optional: true, cell: ({ issuer }) => <span class="break">{issuer}</span> },
  {
    title: 'Status',
    cell: ({ status }) => <span class={`tag ${STATUS[status][0]}`}>{STATUS[status][1]}</span>,
  },
  { title: 'Ends', cell: ({ expires_on: at }) => <Expiry at={at} /> },
  { title: 'Priority', align: 'end', optional: true, cell: ({ priority }) => priority },
];

function actions(
  open: (certificate: EdgeCertificate) => void,
  remove: (certificate: EdgeCertificate) => void,
): Column<EdgeCertificate> {
  return {
    title: 'Actions',
    align: 'end',
    cell: (certificate) => {
      const names = certificate.hosts.join(', ');
      return (
        <span class="row end">
          <Button small kind="quiet" label={`Replace the certificate of ${names}`} onPress={() => open(certificate)}>
            Replace
          </Button>
          <Button small kind="quiet" label={`Delete the certificate of ${names}`} onPress={() => remove(certificate)}>
            Delete
          </Button>
        </span>
      );
    },
  };
}

interface UploadProps {
  readonly zone: string;
  readonly path: string;
  /** The one that the new one takes the place of; `null` for a further one. */
  readonly replaced: EdgeCertificate | null;
  readonly onClose: (changed: boolean) => void;
}

function Upload({ zone, path, replaced, onClose }: UploadProps) {
  return (
    <CertificateUpload
      zone={zone}
      weighed={(certificate) => ({
        kind: 'visitor_certificate_upload',
        certificate,
        ...(replaced === null ? {} : { cert_id: replaced.id }),
      })}
      title={replaced === null ? 'Upload a certificate' : 'Replace a certificate'}
      method={replaced === null ? 'POST' : 'PATCH'}
      path={replaced === null ? path : `${path}/${replaced.id}`}
      done={replaced === null ? 'The certificate is there.' : 'The certificate is replaced.'}
      hint="The server certificate first, then the intermediates of its CA: visitors need them to verify it."
      onClose={onClose}
    >
      <p class="hint">
        {replaced === null
          ? 'Visitors are shown it for the names that it holds, as soon as the edges have it.'
          : `It takes the place of the one of ${replaced.hosts.join(', ')}.`}
      </p>
    </CertificateUpload>
  );
}

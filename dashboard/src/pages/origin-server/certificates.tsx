import { useState } from 'preact/hooks';
import { inZone, useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Button } from '../../parts/button.tsx';
import { CertificateUpload } from '../../parts/certificate-upload.tsx';
import { Expiry } from '../../parts/expiry.tsx';
import { Fingerprint } from '../../parts/fingerprint.tsx';
import { useGuarded } from '../../parts/guarded.tsx';
import { useKept } from '../../parts/kept.ts';
import { Pager, pageAsked } from '../../parts/pager.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Note } from '../../parts/problems.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { may } from '../../session.ts';
import type { Zone } from '../../zone.tsx';
import { certificatesPath, type Identity, LEVELS, SOURCES, titleOf } from './identity.ts';
import { ManagedForm } from './managed-form.tsx';

/** Whether the edges have a change in force is no event of the zone. */
const EDGES_FOLLOW = 30_000;

type Open = 'zone' | 'hostname' | 'managed' | null;

/** Every certificate that the zone can show to origins: who shows it, until when, and what can be done about it. */
export function Certificates({ zone }: { readonly zone: Zone }) {
  const path = `/postern/v1/zones/${zone.id}/identities?${pageAsked('certificates')}&per_page=20`;
  const [found, again] = useResource<readonly Identity[]>(path, { on: inZone(zone.id), every: EDGES_FOLLOW });
  const identities = useKept(found);
  const [open, setOpen] = useState<Open>(null);
  const guarded = useGuarded(zone.id);
  const close = (changed: boolean) => {
    setOpen(null);
    if (changed) again();
  };
  return (
    <Panel
      title="Certificates for origins"
      about="What the edge can show. Keys lie in the vault and are never shown."
      aside={may('ssl:edit') && <Ways open={setOpen} />}
    >
      <Awaited of={identities} retry={again} lines={6}>
        {(rows, info) => (
          <>
            <Table
              caption="Certificates for origins"
              keyOf={({ id }) => id}
              rows={rows}
              columns={columns({ zone, guarded, refresh: again })}
            />
            <Pager info={info} what="certificates" name="certificates" />
          </>
        )}
      </Awaited>
      {(open === 'zone' || open === 'hostname') && <Upload zone={zone} level={open} onClose={close} />}
      {open === 'managed' && <ManagedForm zone={zone} onClose={close} />}
      {guarded.view}
    </Panel>
  );
}

function Ways({ open }: { readonly open: (what: Open) => void }) {
  return (
    <>
      <Button small onPress={() => open('zone')}>
        Upload for the zone
      </Button>
      <Button small onPress={() => open('hostname')}>
        Upload for hostnames
      </Button>
      <Button small onPress={() => open('managed')}>
        Have one made
      </Button>
    </>
  );
}

interface UploadProps {
  readonly zone: Zone;
  readonly level: 'zone' | 'hostname';
  readonly onClose: (changed: boolean) => void;
}

function Upload({ zone, level, onClose }: UploadProps) {
  return (
    <CertificateUpload
      zone={zone.id}
      weighed={(certificate) => ({ kind: 'certificate_upload', level, certificate })}
      title={level === 'zone' ? 'Upload a certificate for the zone level' : 'Upload a certificate for hostnames'}
      path={certificatesPath(zone.id, level)}
      done="The certificate is there."
      hint="The client certificate first, then its issuers up to the root: without them the bundle of the zone cannot vouch for it."
      onClose={onClose}
    >
      <Note kind={level === 'zone' ? 'warning' : 'info'}>
        {level === 'zone' ? (
          <p>
            While the zone level is on, the edge shows this certificate from the moment of the upload. Have the origins
            trust its issuer first: they refuse what they do not know.
          </p>
        ) : (
          <p>Nothing shows it yet: choose it for a hostname in the table above afterwards.</p>
        )}
      </Note>
    </CertificateUpload>
  );
}

interface Hands {
  readonly zone: Zone;
  readonly guarded: ReturnType<typeof useGuarded>;
  readonly refresh: () => void;
}

function columns({ zone, guarded, refresh }: Hands): readonly Column<Identity>[] {
  return [
    {
      title: 'Certificate',
      names: true,
      cell: (identity) => (
        <span class="why">
          <span class="break">{titleOf(identity)}</span>
          {titleOf(identity) !== identity.subject && <span class="hint break">{identity.subject}</span>}
          <Fingerprint sha256={identity.fingerprint} of={titleOf(identity)} />
        </span>
      ),
    },
    { title: 'Level', cell: ({ level }) => <span class="tag">{LEVELS[level]}</span> },
    {
      title: 'Source',
      optional: true,
      cell: ({ source, issuer, key_type: key }) => (
        <span class="why">
          <span>{SOURCES[source]}</span>
          <span class="hint break">
            {key}, by {issuer}
          </span>
        </span>
      ),
    },
    { title: 'Ends', cell: ({ expires_on: at, renews_on: renews }) => <Expiry at={at} renews={renews} /> },
    { title: 'Shown for', cell: (identity) => <Standing identity={identity} /> },
    ...(may('ssl:edit')
      ? [
          {
            title: 'Actions',
            align: 'end',
            cell: (one: Identity) => <Delete {...{ one, zone, guarded, refresh }} />,
          } as const,
        ]
      : []),
  ];
}

const MOST_NAMED = 3;

/** Who shows it and, where nobody can, why. */
function Standing({ identity }: { readonly identity: Identity }) {
  const { presented_by: by, status, provable, key_at_edge: isHeld } = identity;
  const named = by.hostnames.slice(0, MOST_NAMED);
  const rest = by.count - named.length;
  return (
    <span class="why">
      <span>
        {by.count === 0 ? 'Nobody' : named.join(', ')}
        {rest > 0 && ` and ${rest.toLocaleString()} more`}
      </span>
      {status !== 'active' && <span class="tag">{status.replaceAll('_', ' ')}</span>}
      {!isHeld && status === 'active' && <span class="hint">Its key is not at the edge.</span>}
      {!provable && <span class="hint">The bundle of the zone cannot vouch for it: it came without its issuers.</span>}
    </span>
  );
}

function Delete({ one, zone, guarded, refresh }: Hands & { readonly one: Identity }) {
  const { id, level, source } = one;
  // Postern makes its own anew: those of the zone level and the shared one are no one's to delete.
  if (level === 'global' || (level === 'zone' && source === 'managed'))
    return <span class="hint">Kept by Postern</span>;
  const remove = () =>
    guarded.begin({
      title: 'Delete a certificate',
      act: 'Delete it',
      done: 'The certificate is deleted.',
      call: { method: 'DELETE', path: `${certificatesPath(zone.id, level)}/${id}` },
      change: { kind: 'certificate_delete', level, cert_id: id },
      final: true,
      onDone: refresh,
    });
  return (
    <Button small kind="quiet" label={`Delete ${titleOf(one)}`} onPress={remove}>
      Delete
    </Button>
  );
}

import { useState } from 'preact/hooks';
import { inZone, useResource } from '../../api/resource.ts';
import { useJson, useText } from '../../api/text.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Code } from '../../parts/copy.tsx';
import { Expiry } from '../../parts/expiry.tsx';
import { Fingerprint } from '../../parts/fingerprint.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Link } from '../../route.tsx';
import { type Zone, zonePath } from '../../zone.tsx';

/** What is said of a bundle, as the manifest beside it has it. */
interface Manifest {
  readonly version: number;
  readonly sha256: string;
  readonly issued_on: string;
  readonly expires_on: string;
  readonly certificates: readonly Vouching[];
}

interface Vouching {
  readonly sha256: string;
  readonly subject: string;
  readonly expires_on: string;
  readonly leaves_on: string | null;
}

/** What origins of the zone must trust, to take along, and until when each part of it is there. */
export function Bundle({ zone }: { readonly zone: Zone }) {
  const path = `/ssl/static/zones/${zone.id}/authenticated_origin_pull_ca`;
  const on = inZone(zone.id);
  const [manifest, manifestAgain] = useJson<Manifest>(`${path}.json`, on);
  return (
    <Panel
      title="Trust bundle of the zone"
      about="What origins must trust under the zone and the hostname level. Anybody may fetch it: it holds no secret."
      aside={
        <a class="button small" href={`${path}.pem`} download={`${zone.name}-pull-ca.pem`}>
          Download
        </a>
      }
    >
      <div class="setting">
        <Awaited of={manifest} retry={manifestAgain} lines={4}>
          {(value) => <Facts manifest={value} />}
        </Awaited>
        <Shown path={`${path}.pem`} on={on} />
      </div>
    </Panel>
  );
}

interface ShownProps {
  readonly path: string;
  readonly on: ReturnType<typeof inZone>;
}

/** The bundle itself: few look at it, so it is fetched for who does. */
function Shown({ path, on }: ShownProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget: { open } }) => setOpen(open)}>
      <summary>Show the bundle (PEM)</summary>
      {isOpen && <Text path={path} on={on} />}
    </details>
  );
}

function Text({ path, on }: ShownProps) {
  const [pem, again] = useText(path, on);
  return (
    <Awaited of={pem} retry={again} lines={6}>
      {(text) => <Code label="Trust bundle" text={text} />}
    </Awaited>
  );
}

const COLUMNS: readonly Column<Vouching>[] = [
  { title: 'CA', names: true, cell: ({ subject }) => <span class="break">{subject}</span> },
  { title: 'SHA-256', optional: true, cell: ({ sha256, subject }) => <Fingerprint sha256={sha256} of={subject} /> },
  { title: 'Ends', cell: ({ expires_on: at }) => <Expiry at={at} /> },
  { title: 'Leaves the bundle', cell: ({ leaves_on: at }) => (at === null ? 'Not planned' : <Moment at={at} />) },
];

function Facts({ manifest }: { readonly manifest: Manifest }) {
  return (
    <>
      <dl class="facts">
        <div>
          <dt>SHA-256</dt>
          <dd>
            <Fingerprint sha256={manifest.sha256} of="the bundle" />
          </dd>
        </div>
        <div>
          <dt>Published</dt>
          <dd>
            <Moment at={manifest.issued_on} />
          </dd>
        </div>
        <div>
          <dt>Holds until</dt>
          <dd>
            <Moment at={manifest.expires_on} day />
          </dd>
        </div>
      </dl>
      <Table
        caption="CAs in the bundle"
        keyOf={({ sha256 }) => sha256}
        rows={manifest.certificates}
        columns={COLUMNS}
      />
    </>
  );
}

interface Ca {
  readonly subject: string;
  readonly fingerprint: string;
  readonly key_type: string;
  readonly expires_on: string;
}

interface Authority {
  readonly root: Ca;
  readonly intermediate: Ca;
  readonly root_key: 'here' | 'away';
}

/** The CAs that make the managed identities of the zone. */
export function AuthorityPanel({ zone }: { readonly zone: Zone }) {
  const path = `/postern/v1/zones/${zone.id}/authority`;
  const [authority, again] = useResource<Authority>(path, { on: inZone(zone.id) });
  return (
    <Panel
      title="CA of the zone"
      about="Makes the identities that Postern manages for this zone, and no other."
      aside={
        <Link class="button small" to={zonePath(zone.name, '/rotations')}>
          Rotations
        </Link>
      }
    >
      <Awaited of={authority} retry={again} lines={4}>
        {({ root, intermediate, root_key: key }) => (
          <dl class="facts">
            <CaFacts title="Root" ca={root} />
            <CaFacts title="Intermediate" ca={intermediate} />
            <div>
              <dt>Key of the root</dt>
              <dd>{key === 'here' ? 'In the vault of Postern' : 'Not here: its owner keeps it'}</dd>
            </div>
          </dl>
        )}
      </Awaited>
    </Panel>
  );
}

function CaFacts({ title, ca }: { readonly title: string; readonly ca: Ca }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd class="why">
        <span class="break">{ca.subject}</span>
        <Expiry at={ca.expires_on} />
        <Fingerprint sha256={ca.fingerprint} of={ca.subject} />
      </dd>
    </div>
  );
}

import { Code } from '../../parts/copy.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Table } from '../../parts/table.tsx';
import { edgeAddress } from './addresses.tsx';
import { Reporting } from './configure-step.tsx';
import { Enforcing } from './enforce-step.tsx';
import { PullsOfEdge } from './origin-trust.tsx';
import type { StepProps } from './guide.tsx';
import { ChangeRecord } from './records-step.tsx';
import type { CallerCounts, Callers } from './setup.ts';

const COUNTS: readonly {
  readonly of: keyof CallerCounts;
  readonly title: string;
  readonly says: string;
  readonly bad: boolean;
}[] = [
  { of: 'accepted', title: 'With the certificate of the edge', says: 'They get in.', bad: false },
  { of: 'without', title: 'Without a certificate', says: 'They would be refused.', bad: true },
  { of: 'foreign', title: 'With another certificate', says: 'They would be refused.', bad: true },
  {
    of: 'unverified',
    title: 'With one that is not verified yet',
    says: 'Caddy verifies only where it also refuses: whether it is the right one shows once it enforces.',
    bad: false,
  },
];

/** Who came within the last hour, live. */
export function WatchStep(props: StepProps) {
  const { callers, choices, step } = props.setup;
  if (callers.sources.length === 0) return <Reporting {...props} />;
  return (
    <>
      {step.waits_for === 'edge' && (
        <>
          <PullsOfEdge zone={props.zone} isAwaited />
          <div class="row">
            <ChangeRecord zone={props.zone} hostname={props.setup.hostname} />
            <span class="hint">where its address or its port is not that of the origin.</span>
          </div>
          <ThroughEdge hostname={props.setup.hostname} />
        </>
      )}
      <Tiles callers={callers} />
      <Sources callers={callers} />
      <Examples callers={callers} />
      {step.kind === 'watch' && choices.mode !== 'enforce' && hasShown(callers) && <Enforcing {...props} />}
    </>
  );
}

/** Whether anybody came with a certificate, as far as this server can tell. */
function hasShown({ total }: Callers): boolean {
  return total.accepted + total.unverified > 0;
}

/** Where `postern up` listens where nobody says. */
const USUAL = { host: '127.0.0.1', port: '8443' };

function ThroughEdge({ hostname }: { readonly hostname: string }) {
  const { host, port } = edgeAddress() ?? USUAL;
  const at = `${hostname}:${port}`;
  return (
    <div class="setup-command">
      <p>
        Open https://{hostname}/ where its name leads to the edge already. Where it does not yet, ask the edge by its
        address; <span class="mono">postern up</span> says at its start where it listens.
      </p>
      <Code label="Visit through the edge" text={`curl -k --resolve '${at}:${host}' https://${at}/`} />
    </div>
  );
}

function Tiles({ callers: { total } }: { readonly callers: Callers }) {
  return (
    <dl class="setup-counts" aria-label="Requests counted">
      {COUNTS.filter(({ of, bad }) => bad || of === 'accepted' || total[of] > 0).map(({ of, title, says, bad }) => (
        <div key={of} class={`setup-count${bad && total[of] > 0 ? ' bad' : ''}`}>
          <dt>{title}</dt>
          <dd>
            <strong>{total[of].toLocaleString()}</strong>
            <span class="hint">{says}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Sources({ callers: { sources, total, since } }: { readonly callers: Callers }) {
  return (
    <p class="hint">
      Counted since <Moment at={since} />, at most for an hour, as {sources.map(({ host }) => host).join(', ')} tells
      it; last heard of{' '}
      <Moment
        at={
          sources
            .map(({ reported_on }) => reported_on)
            .toSorted()
            .at(-1) ?? ''
        }
      />
      .{total.looks > 0 && ` ${total.looks.toLocaleString()} looks of Postern itself are left out.`}
    </p>
  );
}

function Examples({ callers: { examples } }: { readonly callers: Callers }) {
  if (examples.length === 0) return null;
  return (
    <>
      <h3>Who would be refused</h3>
      <Table
        caption="Addresses that would be refused"
        rows={examples}
        keyOf={({ address }) => address}
        columns={[
          { title: 'Address', names: true, cell: ({ address }) => <span class="mono">{address}</span> },
          { title: 'Requests', align: 'end', cell: ({ count }) => count.toLocaleString() },
        ]}
      />
    </>
  );
}

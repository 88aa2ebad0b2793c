import { Moment } from '../../parts/moment.tsx';
import { SeenMark } from '../../parts/seen-mark.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { type ProofEvidence, type Sight, sightText } from './rotation.ts';

interface Row {
  readonly edge: string;
  readonly fault: string | null;
  readonly at: ProofEvidence['edges'][number]['addresses'][number] | null;
}

/** What each edge saw of an origin: with the old certificate, the new one, and none. */
export function Proof({ evidence, origin }: { readonly evidence: ProofEvidence; readonly origin: string }) {
  const rows = evidence.edges.flatMap(({ edge, fault, addresses }): readonly Row[] =>
    addresses.length === 0
      ? [{ edge, fault: fault ?? 'nothing seen', at: null }]
      : addresses.map((at) => ({ edge, fault, at })),
  );
  return (
    <>
      <p class="hint">
        Looked <Moment at={evidence.at} />
      </p>
      <Table
        caption={`Evidence for ${origin}`}
        class="proof"
        columns={COLUMNS}
        rows={rows}
        keyOf={({ edge, at }) => `${edge} ${at?.ip ?? ''}`}
      />
    </>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'Edge', names: true, cell: ({ edge }) => edge },
  { title: 'Address', cell: ({ at, fault }) => (at === null ? fault : <span class="mono">{at.ip}</span>) },
  { title: 'Old certificate', cell: ({ at }) => <Seen of={at?.old_certificate} judged="plain" /> },
  {
    title: 'New certificate',
    cell: ({ at }) => (
      <Seen of={at?.new_certificate} judged={at?.new_certificate.saw === 'answered' ? 'good' : 'bad'} />
    ),
  },
  {
    title: 'No certificate',
    cell: ({ at }) => <Seen of={at?.no_certificate} judged={at !== null && isTurnedAway(at) ? 'good' : 'bad'} />,
  },
];

// An application that turns callers without a certificate away itself answers them otherwise: a proof takes that too.
function isTurnedAway({ no_certificate: none, new_certificate: shown }: NonNullable<Row['at']>): boolean {
  return none.saw === 'refused' || (none.saw === 'answered' && none.status !== shown.status);
}

interface SeenProps {
  readonly of: Sight | undefined;
  readonly judged: 'good' | 'bad' | 'plain';
}

function Seen({ of, judged }: SeenProps) {
  if (of === undefined) return '—';
  return (
    <SeenMark mark={of.saw === 'failed' ? 'silent' : of.saw} judged={judged}>
      {sightText(of)}
    </SeenMark>
  );
}

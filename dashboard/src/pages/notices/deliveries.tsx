import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Moment } from '../../parts/moment.tsx';
import { SeverityBadge } from '../../parts/severity.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { type Channel, CHANNELS, type Delivery } from './channel.ts';

const STATES = {
  waiting: { severity: 'warning', text: 'Waiting' },
  delivered: { severity: 'good', text: 'Delivered' },
  failed: { severity: 'critical', text: 'Failed' },
} as const;

const COLUMNS: readonly Column<Delivery>[] = [
  { title: 'Sent', names: true, cell: ({ created_on }) => <Moment at={created_on} /> },
  {
    title: 'State',
    cell: ({ state }) => <SeverityBadge severity={STATES[state].severity}>{STATES[state].text}</SeverityBadge>,
  },
  { title: 'Notices', align: 'end', cell: ({ notices }) => notices.length.toLocaleString() },
  { title: 'Newest attempt', cell: (delivery) => <Attempt delivery={delivery} /> },
];

function Attempt({ delivery: { attempts, next_attempt_on } }: { readonly delivery: Delivery }) {
  const last = attempts.at(-1);
  if (last === undefined) return <span class="muted">None yet</span>;
  return (
    <>
      <span class="break">
        {last.text ?? 'Taken'}
        {last.status !== null && ` (${last.status})`}
      </span>
      {next_attempt_on !== null && (
        <span class="hint block">
          Attempt {attempts.length}; again <Moment at={next_attempt_on} />
        </span>
      )}
    </>
  );
}

interface DeliveriesProps {
  readonly channel: Channel;
  readonly onClose: () => void;
}

/** What went out by a channel, and what became of it. */
export function Deliveries({ channel, onClose }: DeliveriesProps) {
  const path = `${CHANNELS}/${channel.id}/deliveries?per_page=20`;
  const [deliveries, refresh] = useResource<readonly Delivery[]>(path, {
    on: ({ kind }) => kind === 'notice',
    every: 3000,
  });
  return (
    <Dialog wide title={`Deliveries of ${channel.name}`} onClose={onClose}>
      <Awaited
        of={deliveries}
        retry={refresh}
        lines={5}
        empty={<p>Nothing went out yet. Send a test to see whether it arrives.</p>}
      >
        {(rows) => (
          <Table caption={`Deliveries of ${channel.name}`} columns={COLUMNS} rows={rows} keyOf={({ id }) => id} />
        )}
      </Awaited>
    </Dialog>
  );
}

import type { Reason } from '../../api/analytics.ts';
import { reasonText } from '../../parts/reason.ts';
import { type Column, Table } from '../../parts/table.tsx';

const COLUMNS: readonly Column<Reason>[] = [
  {
    title: 'Why',
    names: true,
    cell: ({ reason }) => (
      <span class="stack">
        {reasonText(reason)}
        <span class="hint mono">{reason}</span>
      </span>
    ),
  },
  { title: 'How often', align: 'end', cell: ({ count }) => count.toLocaleString() },
];

/** Why something ended as it did, the most frequent first. */
export function Reasons({ title, of, none }: { title: string; of: readonly Reason[]; none: string }) {
  return (
    <div class="reasons">
      <h3>{title}</h3>
      {of.length === 0 ? (
        <p class="muted">{none}</p>
      ) : (
        <Table caption={title} columns={COLUMNS} rows={of} keyOf={({ reason }) => reason} />
      )}
    </div>
  );
}

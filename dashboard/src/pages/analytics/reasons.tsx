import type { Reason } from '../../api/analytics.ts';
import { type Column, Table } from '../../parts/table.tsx';

/** What the codes of edges mean, where their names alone do not say it. */
const WORDS: Readonly<Record<string, string>> = {
  identity_refused: 'The origin refused the certificate, or that there was none',
  connection_refused: 'Nothing listens at the origin',
  connect_timeout: 'The origin did not answer in time',
  unreachable: 'The origin cannot be reached',
  name_unresolved: 'The name of the origin has no address',
  address_forbidden: 'The address of the origin is one that edges may not use',
  origin_not_verified: 'The certificate of the origin does not hold',
  redirect: 'Sent to the other scheme',
  blocked: 'Turned away by an access rule',
  rate_limited: 'Turned away by a rate limit',
};

function reasonText(reason: string): string {
  const words = Object.hasOwn(WORDS, reason) ? WORDS[reason] : undefined;
  const text = reason.replaceAll('_', ' ');
  return words ?? text.charAt(0).toUpperCase() + text.slice(1);
}

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

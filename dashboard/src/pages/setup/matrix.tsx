import { useResource, inZone } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Note } from '../../parts/problems.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { type Verdict, VerdictBadge } from '../../parts/verdict.tsx';
import type { StepProps } from './guide.tsx';

interface Finding {
  readonly code: string;
  readonly severity: string;
  readonly title: string;
  readonly fix: string;
}

/** What was seen of the lock of one origin, with what shows it. */
interface Detail {
  readonly origin: { readonly address: string; readonly port: number };
  readonly verdict: Verdict;
  readonly seen_on: string;
  readonly evidence: {
    readonly findings: readonly Finding[];
    readonly checked: readonly { readonly probe: string; readonly target: string; readonly saw: string }[];
  } | null;
}

/** Each credential against each origin: who gets in where. */
export function Matrix({ zone, setup }: Pick<StepProps, 'zone' | 'setup'>) {
  const path = `/postern/v1/zones/${zone.id}/attestations/${encodeURIComponent(setup.hostname)}`;
  const [details, retry] = useResource<readonly Detail[]>(path, { on: inZone(zone.id) });
  return (
    <Awaited of={details} retry={retry} lines={8} empty={<p>Nobody has looked yet.</p>}>
      {(rows) => rows.map((one) => <OfOrigin key={`${one.origin.address} ${one.origin.port}`} detail={one} />)}
    </Awaited>
  );
}

type Seen = NonNullable<Detail['evidence']>['checked'][number];

const COLUMNS: readonly Column<Seen>[] = [
  { title: 'Knocked with', names: true, cell: ({ probe }) => probe },
  { title: 'Seen', cell: ({ saw }) => saw },
];

function OfOrigin({ detail: { origin, verdict, seen_on, evidence } }: { readonly detail: Detail }) {
  return (
    <section class="setup-origin">
      <header class="row">
        <VerdictBadge verdict={verdict} large />
        <span class="mono">
          {origin.address}:{origin.port}
        </span>
        <span class="hint">
          seen <Moment at={seen_on} />
        </span>
      </header>
      {(evidence?.findings ?? []).map(({ code, severity, title, fix }) => (
        <Note key={code} kind={severity === 'info' ? 'info' : 'warning'}>
          <p>
            <strong>{title}</strong> <span class="code">({code})</span>
          </p>
          <p>{fix}</p>
        </Note>
      ))}
      {evidence !== null && (
        <Table
          caption={`Looks at ${origin.address}:${origin.port}`}
          rows={evidence.checked}
          columns={COLUMNS}
          keyOf={({ probe, target }) => `${probe} ${target}`}
        />
      )}
    </section>
  );
}

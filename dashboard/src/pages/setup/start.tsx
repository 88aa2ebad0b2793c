import { useResource } from '../../api/resource.ts';
import { Awaited, Skeleton } from '../../parts/awaited.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Pager, pageNumber } from '../../parts/pager.tsx';
import { PageHead, Panel } from '../../parts/panel.tsx';
import { Table } from '../../parts/table.tsx';
import { Link } from '../../route.tsx';
import { BeginForm } from './begin-form.tsx';
import { setupPath, type SetupSummary, stepIndex, STEPS } from './setup.ts';
import '../../style/pages/setup.css';

/** Where a guided set-up begins, and where those are that were left half-way. */
export function Page() {
  const [setups, retry] = useResource<readonly SetupSummary[]>(`/postern/v1/setups?per_page=20&page=${pageNumber()}`, {
    on: () => true,
  });
  const isNone = setups.kind === 'ready' && setups.info?.total_count === 0;
  return (
    <>
      <PageHead title="Lock an origin" about="Nobody is refused before you say so." />
      {/* What comes first is not known before: nothing may move under the hand of who begins to type. */}
      {setups.kind === 'loading' ? (
        <Skeleton lines={8} />
      ) : (
        <>
          {!isNone && (
            <Panel
              title="Under way"
              about="Each goes on where it stands, from any browser. What is proved waits to be finished."
            >
              <Awaited of={setups} retry={retry} lines={2} empty={<p>None on this page.</p>}>
                {(rows, info) => (
                  <>
                    <Table
                      caption="Set-ups under way"
                      rows={rows}
                      keyOf={({ zone, hostname }) => `${zone.id} ${hostname}`}
                      columns={COLUMNS}
                    />
                    <Pager info={info} what="set-ups" />
                  </>
                )}
              </Awaited>
            </Panel>
          )}
          <Panel title="Begin a set-up">
            <BeginForm />
          </Panel>
        </>
      )}
    </>
  );
}

const COLUMNS = [
  {
    title: 'Hostname',
    names: true,
    cell: ({ zone, hostname }: SetupSummary) => <Link to={setupPath(zone.name, hostname)}>{hostname}</Link>,
  },
  {
    title: 'Where it is',
    cell: ({ step }: SetupSummary) => (
      <>
        <strong>
          {step.kind === 'proved' ? 'Proved: finish it' : `${stepIndex(step) + 1}. ${STEPS[stepIndex(step)]?.title}`}
        </strong>
        <br />
        <span class="muted">{step.why}</span>
      </>
    ),
  },
  {
    title: 'Last changed',
    optional: true,
    cell: ({ modified_on }: SetupSummary) => <Moment at={modified_on} />,
  },
] as const;

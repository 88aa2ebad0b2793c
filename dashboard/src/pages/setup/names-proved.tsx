import { Table } from '../../parts/table.tsx';
import { VerdictBadge } from '../../parts/verdict.tsx';
import { Link } from '../../route.tsx';
import { zonePath } from '../../zone.tsx';
import type { StepProps } from './step-props.ts';
import type { NameSeen, Setup } from './setup.ts';

/** The names besides the first that can be looked at: those that the edge serves by records of their own. */
export function othersLookedAt({ names }: Pick<Setup, 'names'>): readonly string[] {
  return names
    .slice(1)
    .filter(({ records, own_record }) => records === 'proxied' && own_record)
    .map(({ hostname }) => hostname);
}

/** What was seen of the lock at each name of a set-up that has several. */
export function NamesProved({ zone, setup }: Pick<StepProps, 'zone' | 'setup'>) {
  if (setup.names.length < 2) return null;
  const evidence = (name: string) => zonePath(zone.name, `/attestations/${encodeURIComponent(name)}`);
  return (
    <div class="setup-names">
      <Table
        caption="The lock at each name"
        rows={setup.names}
        keyOf={({ hostname }) => hostname}
        columns={[
          { title: 'Name', names: true, cell: ({ hostname }) => <Link to={evidence(hostname)}>{hostname}</Link> },
          { title: 'Lock', cell: ({ verdict }) => (verdict === null ? '–' : <VerdictBadge verdict={verdict} />) },
          { title: 'What is known', cell: (name) => knownText(name) },
        ]}
      />
    </div>
  );
}

function knownText({ records, own_record, verdict, proved }: NameSeen): string {
  if (records !== 'proxied')
    return 'The edge does not serve it: nothing is proved there, and once locked it is refused to everybody.';
  if (!own_record) return 'A wildcard leads there: it needs a record of its own to be looked at.';
  if (proved) return 'Proved: the edge gets in, strangers do not.';
  return verdict === null ? 'Nobody has looked since.' : 'Not proved: see what was found there.';
}

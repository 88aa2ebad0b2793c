import { certified, refusable } from '../../../../src/domain/callers.ts';
import { Moment } from '../../parts/moment.tsx';
import { Table } from '../../parts/table.tsx';
import { lackingNames, OtherRecords } from './configure-step.tsx';
import { Enforcing } from './enforce-step.tsx';
import { PullsOfEdge } from './origin-trust.tsx';
import type { StepProps } from './step-props.ts';
import { Reporting } from './reporting.tsx';
import type { CallerCounts, CallerExample, Callers, NameSeen } from './setup.ts';
import { ThroughEdge } from './through-edge.tsx';

interface Tile {
  readonly title: string;
  readonly count: number;
  readonly says: string;
  readonly bad: boolean;
}

const COUNTS: readonly (Omit<Tile, 'count'> & { readonly of: keyof CallerCounts })[] = [
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
  const { callers, choices, step, names } = props.setup;
  if (callers.sources.length === 0) return <Reporting {...props} />;
  return (
    <>
      {(step.waits_for === 'edge' || step.waits_for === 'each') && (
        <>
          <PullsOfEdge zone={props.zone} hostname={props.setup.hostname} since={props.setup.configured_on} />
          <ThroughEdge setup={props.setup} />
        </>
      )}
      {step.kind === 'watch' && lackingNames(props.setup).length > 0 && <OtherRecords {...props} />}
      <Tiles callers={callers} />
      <Names names={names} />
      <Sources callers={callers} server={choices.server} />
      <Examples callers={callers} />
      {step.kind === 'watch' && choices.mode !== 'enforce' && hasShown(callers) && <Enforcing {...props} />}
    </>
  );
}

/** Whether anybody came with a certificate, as far as this server can tell. */
function hasShown({ total }: Callers): boolean {
  return certified(total) > 0;
}

/** Who came for which name: one of several that nobody asked for yet is not known to work. */
function Names({ names }: { readonly names: readonly NameSeen[] }) {
  // Before anybody came it says nothing that the counts do not.
  const isTelling = names.some((name) => name.records !== 'proxied' || pullsOf(name) + othersOf(name) > 0);
  if (names.length < 2 || !isTelling) return null;
  return (
    <Table
      caption="Requests by name"
      rows={names}
      keyOf={({ hostname }) => hostname}
      columns={[
        { title: 'Name', names: true, cell: ({ hostname }) => <span class="setup-name">{hostname}</span> },
        { title: 'What was seen', cell: (name) => seenText(name) },
        { title: 'By the edge', align: 'end', cell: (name) => figure(name, pullsOf(name)) },
        { title: 'Otherwise', align: 'end', cell: (name) => figure(name, othersOf(name)) },
      ]}
    />
  );
}

function pullsOf({ callers }: NameSeen): number {
  return certified(callers);
}

function othersOf({ callers }: NameSeen): number {
  return refusable(callers);
}

function figure({ counted }: NameSeen, count: number): string {
  return counted ? count.toLocaleString() : '–';
}

function seenText(name: NameSeen): string {
  if (name.records === 'none') return 'No record: 404 at the edge. Who comes otherwise would be refused.';
  if (name.records === 'dns_only') return 'DNS only: its visitors come without the edge, and would be refused.';
  if (!name.counted) return 'Nobody tells who comes for it.';
  if (pullsOf(name) > 0) return 'Seen: the edge gets in.';
  return othersOf(name) > 0 ? 'Nobody came by the edge yet.' : 'Nobody came yet.';
}

function tilesOf({ total, by_other_names: { total: others } }: Callers): readonly Tile[] {
  const shown = COUNTS.filter(({ of, bad }) => bad || of === 'accepted' || total[of] > 0);
  const byOtherNames: readonly Tile[] = [
    {
      title: 'By another name or by the address',
      count: refusable(others),
      says: 'They would be refused too.',
      bad: true,
    },
    {
      title: 'By another name, with a certificate',
      count: certified(others),
      says: 'Refused too, where the virtual host does not have that name.',
      bad: true,
    },
  ];
  return [
    ...shown.map(({ of, ...tile }) => ({ ...tile, count: total[of] })),
    ...byOtherNames.filter(({ count }) => count > 0),
  ];
}

function Tiles({ callers }: { readonly callers: Callers }) {
  return (
    <dl class="setup-counts" aria-label="Requests counted">
      {tilesOf(callers).map(({ title, count, says, bad }) => (
        <div key={title} class={`setup-count${bad && count > 0 ? ' bad' : ''}`}>
          <dt>{title}</dt>
          <dd>
            <strong>{count.toLocaleString()}</strong>
            {count > 0 && <span class="hint">{says}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function looksText(looks: number): string {
  return looks === 1 ? 'One look of Postern itself is' : `${looks.toLocaleString()} looks of Postern itself are`;
}

function listed(hosts: ReadonlySet<string>): string {
  return `${[...hosts].join(', ')} ${hosts.size === 1 ? 'tells' : 'tell'}`;
}

function Sources({
  callers: { sources, total },
  server,
}: {
  readonly callers: Callers;
  readonly server: string | undefined;
}) {
  return (
    <div>
      <p class="hint">
        {listed(new Set(sources.map(({ host }) => host)))} it, last{' '}
        <Moment
          at={
            sources
              .map(({ reported_on }) => reported_on)
              .toSorted()
              .at(-1) ?? ''
          }
        />
        .
      </p>
      <details>
        <summary>How it is counted</summary>
        <p class="hint">
          By stretches of five minutes, of at most an hour.
          {total.looks > 0 && ` ${looksText(total.looks)} left out.`}
          {server === 'caddy' &&
            ' Who comes by another name or by the address is counted only where the lock alone writes the log.'}
        </p>
      </details>
    </div>
  );
}

function Examples({ callers: { examples, by_other_names: others } }: { readonly callers: Callers }) {
  if (examples.length + others.examples.length === 0) return null;
  return (
    <>
      <h3>Who would be refused</h3>
      {examples.length > 0 && <Addresses caption="Addresses that would be refused" examples={examples} />}
      {others.examples.length > 0 && (
        <>
          <p class="hint">By another name or by the address:</p>
          <Addresses caption="Addresses that come by another name or by the address" examples={others.examples} />
        </>
      )}
    </>
  );
}

function Addresses({ caption, examples }: { readonly caption: string; readonly examples: readonly CallerExample[] }) {
  return (
    <Table
      caption={caption}
      rows={examples}
      keyOf={({ address }) => address}
      columns={[
        { title: 'Address', names: true, cell: ({ address }) => <span class="mono">{address}</span> },
        { title: 'Requests', align: 'end', cell: ({ count }) => count.toLocaleString() },
      ]}
    />
  );
}

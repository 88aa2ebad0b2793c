import type { HostnameTraffic } from '../../api/analytics.ts';
import { useResource } from '../../api/resource.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { SelectField } from '../../parts/field.tsx';
import { useKept } from '../../parts/kept.ts';
import { Moment } from '../../parts/moment.tsx';
import { Pager, pageNumber } from '../../parts/pager.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Search } from '../../parts/search.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { place, setQuery } from '../../route.tsx';
import type { Zone } from '../../zone.tsx';

const PER_PAGE = 25;
const LOOK_EVERY = 10_000;

const ORDERS = [
  { value: 'pulls', text: 'Most pulls' },
  { value: 'without_certificate', text: 'Most without a certificate' },
  { value: 'plaintext', text: 'Most over plain HTTP' },
  { value: 'refused', text: 'Most refused' },
  { value: 'failed', text: 'Most failed' },
  { value: 'hostname', text: 'By name' },
] as const;

const count = (
  title: string,
  of: (row: HostnameTraffic) => number,
  rest: Partial<Column<HostnameTraffic>> = {},
): Column<HostnameTraffic> => ({ title, align: 'end', cell: (row) => of(row).toLocaleString(), ...rest });

const COLUMNS: readonly Column<HostnameTraffic>[] = [
  { title: 'Hostname', names: true, cell: ({ hostname }) => hostname },
  count('Pulls', ({ pulls }) => pulls),
  count('Without certificate', ({ without_certificate }) => without_certificate),
  count('Plain HTTP', ({ plaintext }) => plaintext, { optional: true }),
  count('Refused', ({ refused }) => refused),
  count('Failed', ({ failed }) => failed, { optional: true }),
  { title: 'Last pull', optional: true, cell: ({ last_at }) => <Moment at={last_at} /> },
];

/** What each hostname of a zone was asked in the last hour. */
export function Hostnames({ zone }: { readonly zone: Zone }) {
  const { query: address } = place.value;
  const search = address.get('q') ?? '';
  const order = ORDERS.find(({ value }) => value === address.get('order'))?.value ?? 'pulls';
  const query = new URLSearchParams({ order, page: String(pageNumber()), per_page: String(PER_PAGE) });
  if (search !== '') query.set('search', search);
  const path = `/postern/v1/zones/${zone.id}/analytics/hostnames?${query}`;
  const [found, refresh] = useResource<readonly HostnameTraffic[]>(path, { every: LOOK_EVERY });
  const rows = useKept(found);
  return (
    <Panel
      title="Hostnames in the last hour"
      about="By the name of their record: those below a wildcard count as the wildcard."
      aside={<Search label="Search hostnames" />}
    >
      <div class="hostname-order">
        <SelectField
          label="Order"
          required
          value={order}
          onChange={(value) => setQuery({ order: value === 'pulls' ? null : value, page: null })}
          options={ORDERS}
        />
      </div>
      <Awaited
        of={rows}
        retry={refresh}
        lines={5}
        empty={<p>{search === '' ? 'Nothing was pulled in the last hour.' : 'No hostname like this was pulled.'}</p>}
      >
        {(value, info) => (
          <>
            <Table
              caption="Hostnames in the last hour"
              columns={COLUMNS}
              rows={value}
              keyOf={({ hostname }) => hostname}
            />
            <Pager info={info} what="hostnames" />
          </>
        )}
      </Awaited>
    </Panel>
  );
}

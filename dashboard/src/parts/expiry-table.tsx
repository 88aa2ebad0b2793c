import { endingWords, type Expiry } from '../api/overview.ts';
import { expiryPath } from '../api/places.ts';
import { Link } from '../route.tsx';
import { Moment } from './moment.tsx';
import { type Column, Table } from './table.tsx';

const COLUMNS: readonly Column<Expiry>[] = [
  { title: 'Name', names: true, cell: (expiry) => <Name expiry={expiry} /> },
  { title: 'Ends', cell: ({ ends_on }) => <Moment at={ends_on} /> },
  {
    title: 'Day',
    optional: true,
    cell: ({ ends_on }) => <Moment at={ends_on} day />,
  },
  { title: 'Renews itself', cell: ({ renews_itself }) => (renews_itself ? 'Yes' : 'No, by hand') },
];

function Name({ expiry }: { readonly expiry: Expiry }) {
  const { name, zone } = expiry;
  const path = expiryPath(expiry);
  return (
    <>
      <span class="expiry-name break">{path === null ? name : <Link to={path}>{name}</Link>}</span>
      <span class="hint block">{[endingWords(expiry), ...(zone === null ? [] : [zone.name])].join(' · ')}</span>
    </>
  );
}

/** What ends, the soonest first. */
export function ExpiryTable({ caption, expiries }: { readonly caption: string; readonly expiries: readonly Expiry[] }) {
  return (
    <Table
      caption={caption}
      columns={COLUMNS}
      rows={expiries}
      keyOf={({ what, id, zone }) => `${what} ${id} ${zone?.id}`}
    />
  );
}

import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { markedId, useMarked } from './marked.ts';
import { useScrolls } from './scrolling.ts';
import '../style/table.css';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** The cell that names the row, for screen readers, and heads its card where there is no room for a table. */
  readonly names?: boolean;
  readonly align?: 'end';
  /** Less asked for: quieter in a card. */
  readonly optional?: boolean;
}

interface TableProps<Row> {
  /** What the table is of; for those who do not see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Stays a table however narrow: a few short numbers. */
  readonly dense?: boolean;
  readonly class?: string;
  /** By what a link may lead to a row, where it is not its key. */
  readonly markOf?: (row: Row) => string;
  readonly rowClass?: (row: Row) => string | undefined;
}

/** What people do with a row stands in the column of this title; in a card it needs no label. */
const ACTS = 'Actions';

/** How much room columns take at least, in rem, before their words are broken to pieces. */
const ROOM = { names: 9, end: 5.5, other: 7 } as const;

function roomFor<Row>(columns: readonly Column<Row>[]): number {
  return columns.reduce((sum, { names, align, title }) => {
    const kind = names === true ? 'names' : align === 'end' && title !== ACTS ? 'end' : 'other';
    return sum + ROOM[kind];
  }, 0);
}

/** How rows are laid out: with all that one can do side by side, below each other, or as cards. */
type Look = 'roomy' | 'tight' | 'cards';

/** The best look for the room that there is, by what columns need at least and by what turned out to stand in them. */
function useLook(frame: RefObject<HTMLElement | null>, room: number): Look {
  const [look, setLook] = useState<Look>('roomy');
  const least = useRef({ roomy: 0, tight: 0 });
  const measure = () => {
    const element = frame.current;
    if (element === null || room === 0) return;
    const { clientWidth: width, scrollWidth: needed } = element;
    if (look !== 'cards' && needed > width) least.current[look] = needed;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const { roomy, tight } = least.current;
    setLook(width < Math.max(room * rem, tight) ? 'cards' : width < roomy ? 'tight' : 'roomy');
  };
  const newest = useRef(measure);
  newest.current = measure;
  // Each drawing may have brought longer words, so it is looked at after each.
  useLayoutEffect(measure);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const size = new ResizeObserver(() => newest.current());
    size.observe(element);
    return () => size.disconnect();
  }, []);
  return look;
}

const classOf = <Row,>({ align, optional, title }: Column<Row>) =>
  [align === 'end' ? 'end' : '', optional ? 'optional' : '', title === ACTS ? 'acts' : '']
    .filter((name) => name !== '')
    .join(' ') || undefined;

// Some browsers forget what a table is when its parts are laid out otherwise; the roles tell them (ARIA 1.2, 5.3).
const ROLES = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  column: { role: 'columnheader' },
  name: { role: 'rowheader' },
  cell: { role: 'cell' },
} as const;

/** Rows and columns; where there is no room for them, a card for each row. */
export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
  dense = false,
  markOf = keyOf,
  rowClass,
  ...rest
}: TableProps<Row>) {
  const frame = useRef<HTMLElement>(null);
  const look = useLook(frame, dense ? 0 : roomFor(columns));
  const scrolls = useScrolls(frame);
  const marked = markedId();
  return (
    <section
      ref={frame}
      class={`table-frame ${dense ? 'dense' : look}`}
      aria-label={`Table: ${caption}`}
      {...(scrolls ? { tabIndex: 0 } : {})}
    >
      <table {...ROLES.table} {...rest}>
        <caption class="unseen">{caption}</caption>
        <thead {...ROLES.group}>
          <tr {...ROLES.row}>
            {columns.map((column) => (
              <th key={column.title} scope="col" {...ROLES.column} class={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody {...ROLES.group}>
          {rows.map((row) => (
            <TableRow
              key={keyOf(row)}
              columns={columns}
              row={row}
              look={rowClass?.(row)}
              isMarked={marked !== null && markOf(row) === marked}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface TableRowProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly row: Row;
  readonly look: string | undefined;
  /** A link led to it. */
  readonly isMarked: boolean;
}

function TableRow<Row>({ columns, row, look, isMarked }: TableRowProps<Row>) {
  const element = useMarked<HTMLTableRowElement>(isMarked);
  const mark = isMarked ? ({ tabIndex: -1, 'aria-current': 'true' } as const) : {};
  return (
    <tr ref={element} {...ROLES.row} class={isMarked ? `marked ${look ?? ''}`.trim() : look} {...mark}>
      {columns.map((column) => (
        <Cell key={column.title} column={column} row={row} />
      ))}
    </tr>
  );
}

function Cell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) {
  if (column.names === true) {
    return (
      <th scope="row" {...ROLES.name} class={classOf(column)}>
        {column.cell(row)}
      </th>
    );
  }
  return (
    <td {...ROLES.cell} class={classOf(column)} data-label={column.title}>
      {column.cell(row)}
    </td>
  );
}

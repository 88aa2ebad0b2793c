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

/** Whether there is less room than that, or than what turned out to stand in the table. */
function useNarrow(frame: RefObject<HTMLElement | null>, room: number): boolean {
  const [isNarrow, setNarrow] = useState(false);
  const least = useRef(0);
  const look = () => {
    const element = frame.current;
    if (element === null || room === 0) return;
    if (!isNarrow && element.scrollWidth > element.clientWidth) least.current = element.scrollWidth;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    setNarrow(element.clientWidth < Math.max(room * rem, least.current));
  };
  const newest = useRef(look);
  newest.current = look;
  // Each drawing may have brought longer words, so it is looked at after each.
  useLayoutEffect(look);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const size = new ResizeObserver(() => newest.current());
    size.observe(element);
    return () => size.disconnect();
  }, []);
  return isNarrow;
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
  const isNarrow = useNarrow(frame, dense ? 0 : roomFor(columns));
  const scrolls = useScrolls(frame);
  const marked = markedId();
  const look = isNarrow ? ' cards' : dense ? ' dense' : '';
  return (
    <section
      ref={frame}
      class={`table-frame${look}`}
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

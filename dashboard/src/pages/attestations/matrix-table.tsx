import { SeenMark } from '../../parts/seen-mark.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import type { Cell, Matrix, MatrixRow } from './matrix.ts';

// An answer that nothing rests on is no way in: another page, or a redirect.
const markOf = ({ kind, judged }: Cell) => (kind === 'answered' && judged === 'plain' ? 'other' : kind);

/** Which credential was let in by which door: what was seen, not what is configured. */
export function MatrixTable({ matrix }: { readonly matrix: Matrix }) {
  const { target, doors, rows, detours } = matrix;
  return (
    <>
      <Grid caption={`What ${target} did with each credential`} doors={doors} rows={rows} />
      {detours.length > 0 && (
        <details class="detours" open={detours.some(isBad)}>
          <summary>
            {detours.length} {detours.length === 1 ? 'way' : 'ways'} around the lock that{' '}
            {detours.length === 1 ? 'was' : 'were'} tried
          </summary>
          <p class="hint">
            By the name of this site, by one that no site has, or by none. Names of other sites on the same server were
            not tried here.
          </p>
          <Grid caption={`Ways around the lock of ${target}`} doors={doors} rows={detours} />
        </details>
      )}
    </>
  );
}

function isBad({ cells }: MatrixRow): boolean {
  return [...cells.values()].some(({ judged }) => judged === 'bad');
}

interface GridProps {
  readonly caption: string;
  readonly doors: readonly string[];
  readonly rows: readonly MatrixRow[];
}

function Grid({ caption, doors, rows }: GridProps) {
  // A door at which none of these was tried says nothing here.
  const used = doors.filter((door) => rows.some(({ cells }) => cells.has(door)));
  const isOverTls = doors.some((door) => door !== 'plain HTTP');
  const columns: readonly Column<MatrixRow>[] = [
    { title: 'Shown to the origin', names: true, cell: (row) => <Credential row={row} /> },
    ...used.map((door) => ({
      // It was spoken at the port of the site's TLS: another port is another target.
      title: door === 'plain HTTP' ? (isOverTls ? 'Plain HTTP, same port' : 'Plain HTTP') : door,
      cell: ({ cells }: MatrixRow) => <CellView cell={cells.get(door)} />,
    })),
  ];
  return (
    <Table
      caption={caption}
      class="matrix"
      columns={columns}
      rows={rows}
      keyOf={({ credential, how }) => `${credential} ${how}`}
      rowClass={({ isEdge }) => (isEdge ? 'as-edge' : undefined)}
    />
  );
}

function Credential({ row: { credential, how, isEdge, kin } }: { readonly row: MatrixRow }) {
  return (
    <>
      {capital(credential)}
      {isEdge && how === '' && (
        <>
          {' '}
          <span class="tag">the edge</span>
        </>
      )}
      {kin !== null && <span class="hint how">{kin}</span>}
      {how !== '' && <span class="hint how">{how}</span>}
    </>
  );
}

function CellView({ cell }: { readonly cell: Cell | undefined }) {
  if (cell === undefined) {
    return (
      <span class="cell none" title="Not tried this way; see what was not checked, and why.">
        Not tried
      </span>
    );
  }
  return (
    <SeenMark mark={markOf(cell)} judged={cell.judged} title={cell.saw}>
      {cell.word}
      <span class="hint cell-saw">{cell.brief}</span>
    </SeenMark>
  );
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

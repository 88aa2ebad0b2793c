import { SeenMark } from '../../parts/seen-mark.tsx';
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
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1).
    <section class="table-frame" tabIndex={0} aria-label={`Table: ${caption}`}>
      <table class="matrix">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Shown to the origin</th>
            {used.map((door) => (
              <th key={door} scope="col">
                {door === 'plain HTTP' ? 'Plain HTTP' : door}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.credential} ${row.how}`} class={row.isEdge ? 'as-edge' : undefined}>
              <th scope="row">
                {capital(row.credential)}
                {row.isEdge && row.how === '' && <span class="tag"> the edge</span>}
                {row.how !== '' && <span class="hint how">{row.how}</span>}
              </th>
              {used.map((door) => (
                <td key={door}>
                  <CellView cell={row.cells.get(door)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
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

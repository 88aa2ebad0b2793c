import { stripVTControlCharacters, styleText } from 'node:util';

/** How many columns a text takes, without its colours. */
function width(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** As `table`, and in a window that is too narrow for it the widest column is cut, so that lines do not wrap. */
export function fittedTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  const widths = header.map((title, column) => Math.max(width(title), ...rows.map((row) => width(row[column] ?? ''))));
  const over = widths.reduce((sum, one) => sum + one + 2, -2) - columns;
  if (over <= 0) return table(header, rows);
  const widest = widths.indexOf(Math.max(...widths));
  const room = Math.max(8, (widths[widest] ?? 0) - over);
  return table(
    header,
    rows.map((row) => row.map((cell, column) => (column === widest ? cut(cell, room) : cell))),
  );
}

function cut(text: string, room: number): string {
  return width(text) <= room ? text : `${stripVTControlCharacters(text).slice(0, room - 1)}…`;
}

/** Names before values, one in a line. */
export function facts(rows: readonly (readonly [name: string, value: string])[]): string {
  const widest = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${styleText('dim', name.padEnd(widest))}  ${value}`).join('\n');
}

/** Rows under a header, aligned by the widest cell of each column. Colours in cells do not disturb the alignment. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(width(title), ...rows.map((row) => width(row[column] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd();
  const rule = styleText('dim', '─'.repeat(widths.reduce((sum, one) => sum + one + 2, -2)));
  return [styleText('bold', line(header)), rule, ...rows.map(line)].join('\n');
}

/** A tick or a cross. */
export function mark(ok: boolean): string {
  return ok ? styleText('green', '✓') : styleText('red', '✗');
}

/** What is neither: not known, or not yet. */
export function doubtMark(): string {
  return styleText('yellow', '!');
}

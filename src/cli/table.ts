import { stripVTControlCharacters, styleText } from 'node:util';

/** How many columns a text takes, without its colours. */
function width(text: string): number {
  return stripVTControlCharacters(text).length;
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

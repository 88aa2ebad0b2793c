/** Lines of a configuration, without their final newlines. */
export type Lines = readonly string[];

/** `open` and `close` around the indented lines; empty lines stay empty. */
export function section(open: string, lines: Lines, close: string): Lines {
  return [open, ...lines.map((line) => (line === '' ? '' : `  ${line}`)), close];
}

/** The paragraphs that are not empty, with one empty line between them. */
export function paragraphs(...parts: readonly Lines[]): Lines {
  return parts.filter((part) => part.length > 0).flatMap((part, index) => (index === 0 ? part : ['', ...part]));
}

/** The text of a file. */
export function fileText(lines: Lines): string {
  return `${lines.join('\n')}\n`;
}

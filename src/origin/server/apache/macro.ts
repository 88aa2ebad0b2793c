import type { ApacheLine } from './syntax.ts';

/** A `<Macro>` (mod_macro): lines in which parameters stand for what a `Use` gives. */
export interface ApacheMacro {
  /** As they are written in the lines, such as `$host`. */
  readonly params: readonly string[];
  readonly lines: readonly ApacheLine[];
  readonly file: string;
}

/** The lines of a macro with values in place of its parameters. Pure. */
export function macroLines({ params, lines }: ApacheMacro, values: readonly string[]): readonly ApacheLine[] {
  const given = new Map(params.map((param, index) => [param, values[index] ?? '']));
  // Of two that begin in one place, the longer is meant.
  const pattern = [...given.keys()].filter((param) => param !== '').sort((a, b) => b.length - a.length);
  if (pattern.length === 0) return lines;
  const any = new RegExp(pattern.map((param) => param.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g');
  return lines.map((line) => ({ ...line, text: line.text.replace(any, (param) => given.get(param) ?? param) }));
}

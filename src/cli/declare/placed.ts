import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml';
import { Failure } from '../failure.ts';

/** A place in a file as errors name it: the file, the line, and the keys that lead there. */
export type Place = (...path: readonly PropertyKey[]) => string;

/** What a file says, and where. */
export interface Placed {
  readonly value: unknown;
  readonly at: Place;
  /** What holds a key, as errors name it, with the line of that key. */
  readonly holding: (key: string, path: readonly PropertyKey[]) => string;
}

/** Reads a text of YAML or JSON. `file` names it in errors. */
export function readPlaced(file: string, text: string): Placed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  try {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const value: unknown = document.toJS();
    const line = (path: readonly PropertyKey[]) => lineOf(document, lines, path);
    return {
      value,
      at: (...path) => `${file}:${line(path)}: ${keys(path)}`,
      holding: (key, path) => `${file}:${line([...path, key])}: ${keys(path)}`,
    };
  } catch (error) {
    const [said = ''] = error instanceof Error ? error.message.split('\n') : [];
    // `url: *.example.test` is an alias to YAML, and no text.
    const fix = /alias/i.test(said) ? 'Put a value that begins with * in quotes.' : 'Mend the line named.';
    throw new Failure(`${file} is not YAML: ${said}`, fix);
  }
}

function keys(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text.replace(/^\./, '') || 'the file';
}

/** The line of the last step of a path that is there: what is missing is missed in what should hold it. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = offsetOf(node);
  for (const part of path) {
    const inside = isAlias(node) ? node.resolve(document) : node;
    const pair = isMap(inside) ? inside.items.find((item) => isKey(item, part)) : undefined;
    node = isSeq(inside) ? inside.items[Number(part)] : pair?.value;
    // A key stands where its line is read; its value may begin below.
    offset = offsetOf(pair?.key ?? node) ?? offset;
  }
  return lines.linePos(offset ?? 0).line;
}

function isKey({ key }: Pair, part: PropertyKey): boolean {
  return String(isScalar(key) ? key.value : key) === String(part);
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

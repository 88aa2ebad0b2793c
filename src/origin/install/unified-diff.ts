import type { FileChange } from './plan.ts';

const CONTEXT = 3;
/** Beyond this many lines that differ, a file is shown as replaced: comparing grows with the square. */
const MAX_COMPARED = 2_000;

type Line = { readonly mark: ' ' | '-' | '+'; readonly text: string };

/** The change as `diff -u` shows it, so that `patch` takes it. Empty where nothing changes. */
export function unifiedDiff({ path, before, after }: FileChange): string {
  if (before === after) return '';
  const lines = compared(linesOf(before), linesOf(after));
  const name = (side: string, text: string | null) => (text === null ? '/dev/null' : `${side}${path}`);
  return [`--- ${name('a', before)}`, `+++ ${name('b', after)}`, ...hunks(lines), ''].join('\n');
}

function linesOf(text: string | null): readonly string[] {
  return text === null || text === '' ? [] : text.split(/(?<=\n)/);
}

/** Both texts as one list of kept, removed and added lines. */
function compared(a: readonly string[], b: readonly string[]): readonly Line[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail += 1;
  const kept = (text: string): Line => ({ mark: ' ', text });
  return [
    ...a.slice(0, head).map(kept),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(kept),
  ];
}

function middle(a: readonly string[], b: readonly string[]): readonly Line[] {
  const removed = (text: string): Line => ({ mark: '-', text });
  const added = (text: string): Line => ({ mark: '+', text });
  if (a.length + b.length > MAX_COMPARED) return [...a.map(removed), ...b.map(added)];
  const table = longestCommon(a, b);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      lines.push({ mark: ' ', text: left });
      i += 1;
      j += 1;
    } else if (
      left !== undefined &&
      (table[i + 1]?.[j] ?? -1) >= (right === undefined ? -1 : (table[i]?.[j + 1] ?? -1))
    ) {
      lines.push(removed(left));
      i += 1;
    } else {
      lines.push(added(right ?? ''));
      j += 1;
    }
  }
  return lines;
}

/** Lengths of the longest common subsequence from each pair of positions on. */
function longestCommon(a: readonly string[], b: readonly string[]): readonly (readonly number[])[] {
  const table = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [row, next] = [table[i], table[i + 1]];
      if (row === undefined || next === undefined) continue;
      row[j] = a[i] === b[j] ? (next[j + 1] ?? 0) + 1 : Math.max(next[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}

function hunks(lines: readonly Line[]): readonly string[] {
  const shown = new Set<number>();
  lines.forEach(({ mark }, index) => {
    if (mark !== ' ') for (let near = index - CONTEXT; near <= index + CONTEXT; near += 1) shown.add(near);
  });
  const out: string[] = [];
  let [before, after] = [1, 1];
  for (let index = 0; index < lines.length; ) {
    if (!shown.has(index)) {
      before += 1;
      after += 1;
      index += 1;
      continue;
    }
    const from = index;
    while (index < lines.length && shown.has(index)) index += 1;
    const hunk = lines.slice(from, index);
    const count = (marks: string) => hunk.filter(({ mark }) => marks.includes(mark)).length;
    const [removed, added] = [count(' -'), count(' +')];
    out.push(`@@ -${range(before, removed)} +${range(after, added)} @@`, ...hunk.flatMap(lineText));
    before += removed;
    after += added;
  }
  return out;
}

function range(start: number, count: number): string {
  return count === 0 ? `${start - 1},0` : count === 1 ? String(start) : `${start},${count}`;
}

function lineText({ mark, text }: Line): readonly string[] {
  if (text.endsWith('\n')) return [mark + text.slice(0, -1)];
  return [mark + text, '\\ No newline at end of file'];
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, '../..');

/** A fenced block with where it stands. `info` is what follows the opening fence. */
export interface Block {
  readonly info: string;
  readonly text: string;
  /** The nearest heading above, without its marks. */
  readonly heading: string;
  /** The paragraph before it. */
  readonly before: string;
  readonly line: number;
}

/** A document without its fenced blocks, and those blocks. */
export interface Document {
  readonly path: string;
  readonly text: string;
  readonly prose: readonly string[];
  readonly headings: readonly string[];
  readonly blocks: readonly Block[];
}

/** Every document of the repository, by its path from the root. */
export function documentPaths(): readonly string[] {
  const below = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const found = below.filter((name) => name.endsWith('.md')).map((name) => join('docs', name));
  return ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...found.sort()];
}

/** Reads a document. Throws where a fence is not closed. */
export function readDocument(path: string): Document {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const prose: string[] = [];
  const headings: string[] = [];
  const blocks: Block[] = [];
  let open: { info: string; lines: string[]; line: number } | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (open !== null) {
      if (line !== '```') open.lines.push(line);
      else {
        blocks.push({
          info: open.info,
          text: open.lines.join('\n'),
          heading: headings.at(-1) ?? '',
          before: lastParagraph(prose),
          line: open.line,
        });
        open = null;
      }
    } else if (line.startsWith('```')) open = { info: line.slice(3), lines: [], line: index + 1 };
    else {
      prose.push(line);
      const title = /^#+ (.*)$/.exec(line)?.[1];
      if (title !== undefined) headings.push(title);
    }
  }
  if (open !== null) throw new Error(`${path}:${open.line}: the fence is not closed`);
  return { path, text, prose, headings, blocks };
}

/** The targets of all links in the prose. */
export function links({ prose }: Document): readonly string[] {
  return [...prose.join('\n').matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target ?? '');
}

/** The anchor that a heading gets on the usual hosts. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function lastParagraph(lines: readonly string[]): string {
  return lines.join('\n').trimEnd().split('\n\n').at(-1) ?? '';
}

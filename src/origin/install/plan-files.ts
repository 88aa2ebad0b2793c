import { join } from 'node:path';
import type { ConfigSource } from '../server/config-source.ts';
import type { FileChange } from './plan.ts';
import type { InstallRequest } from './request.ts';
import { edited, type TextEdit } from './text-edit.ts';

/** Where a lock of a name keeps its files. */
export interface LockPlace {
  readonly name: string;
  readonly directory: string;
}

/** The lock's own file of a server, the first or a further one. */
export function ownPath({ name, directory }: LockPlace, server: string, index: number): string {
  return join(directory, server, `${name}.${index === 0 ? '' : `${index + 1}.`}conf`);
}

/** Collects what a plan writes: files of its own, and edits of others. */
export class PlanFiles {
  readonly #request: InstallRequest;
  readonly #texts: ReadonlyMap<string, string>;
  readonly #edits = new Map<string, TextEdit[]>();
  readonly #own = new Map<string, string>();
  readonly notes: string[] = [];

  /** `texts` are the files of others as they are without the lock. */
  constructor(request: InstallRequest, texts: ReadonlyMap<string, string>) {
    this.#request = request;
    this.#texts = texts;
  }

  textOf(path: string): string {
    return this.#texts.get(path) ?? '';
  }

  edit(path: string, edit: TextEdit): void {
    this.#edits.set(path, [...(this.#edits.get(path) ?? []), edit]);
  }

  /** A file of the lock's own, under its heading. */
  own(path: string, lines: readonly string[]): void {
    const { name, zone, hostnames } = this.#request;
    const heading = [
      `# Lock of ${hostnames.join(', ')} (zone ${zone}). Made by: postern origin install`,
      `# Not to be edited; undone by: postern origin uninstall ${name}`,
    ];
    this.#own.set(path, [...heading, ...lines, ''].join('\n'));
  }

  get ownCount(): number {
    return this.#own.size;
  }

  /** The lock's own files, as text. */
  get ownTexts(): ReadonlyMap<string, string> {
    return this.#own;
  }

  /** Files of others that hold lines of the lock. */
  get editedPaths(): readonly string[] {
    return [...this.#edits.keys()];
  }

  /** What differs from the disk. */
  changes(read: (path: string) => string | null): readonly FileChange[] {
    const own = [...this.#own].map(([path, text]) => [path, Buffer.from(text, 'utf8').toString('latin1')] as const);
    const others = [...this.#edits].map(([path, edits]) => [path, edited(this.textOf(path), edits)] as const);
    return [...own, ...others]
      .map(([path, after]) => ({ path, before: read(path), after }))
      .filter(({ before, after }) => before !== after);
  }
}

/** Reads a source as text or nothing. */
export function readerOf(source: ConfigSource): (path: string) => string | null {
  return (path) => {
    const read = source.read(path);
    return 'text' in read ? read.text : null;
  };
}

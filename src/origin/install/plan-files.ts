import { join } from 'node:path';
import type { ModeLine } from '../lock-record.ts';
import type { ConfigSource } from '../server/config-source.ts';
import type { Door } from '../server/doors.ts';
import { type Listener, uniqueSockets, type VirtualHost } from '../server/virtual-host.ts';
import type { Chosen } from './chosen-hosts.ts';
import type { FileChange, InstallPlan, Neighbour } from './plan.ts';
import type { InstallRequest } from './request.ts';
import { edited, type TextEdit, withoutLines } from './text-edit.ts';

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
  /** The files of others as they are without the lock. */
  readonly texts: ReadonlyMap<string, string>;
  readonly #edits = new Map<string, TextEdit[]>();
  readonly #own = new Map<string, string>();
  readonly #lines = new Map<string, ModeLine[]>();
  readonly notes: string[] = [];

  constructor(request: InstallRequest, texts: ReadonlyMap<string, string>) {
    this.#request = request;
    this.texts = texts;
  }

  textOf(path: string): string {
    return this.texts.get(path) ?? '';
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

  /** Says that a line of the lock, which an edit puts into a file of others, differs between the modes. */
  differs(path: string, line: ModeLine): void {
    this.#lines.set(path, [...(this.#lines.get(path) ?? []), line]);
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

  /** Lines that differ between the modes. */
  get differingLines(): ReadonlyMap<string, readonly ModeLine[]> {
    return this.#lines;
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

/** What a plan comes to, whatever the kind of server. */
interface Finished {
  readonly files: PlanFiles;
  readonly source: ConfigSource;
  readonly chosen: Chosen<VirtualHost>;
  readonly doors: readonly Door[];
  /** Sockets on which names are refused that no site has. */
  readonly refusing?: readonly Listener[];
  readonly neighbours?: readonly Neighbour[];
}

/** The plan that these files are. */
export function finishedPlan({
  files,
  source,
  chosen: { locked, plain },
  doors,
  refusing = [],
  neighbours = [],
}: Finished): InstallPlan {
  return {
    kind: 'plan',
    changes: files.changes(readerOf(source)),
    texts: files.ownTexts,
    edited: files.editedPaths,
    lines: files.differingLines,
    locked,
    sockets: uniqueSockets([...locked, ...plain].flatMap(({ listeners }) => listeners)),
    refusing,
    doors,
    neighbours,
    notes: files.notes,
  };
}

/** The mark behind each line of a lock, where lines of its own stand in others' files. */
export function ours(name: string): string {
  return `# postern: ${name}`;
}

/** The files of a source without the lines that a lock of this name put into them. */
export function sourceWithout(source: ConfigSource, name: string, isInserted: (line: string) => boolean): ConfigSource {
  return {
    ...source,
    read: (path) => {
      const read = source.read(path);
      return 'text' in read ? { text: withoutLines(read.text, name, isInserted) } : read;
    },
  };
}

/** Reads a source as text or nothing. */
function readerOf(source: ConfigSource): (path: string) => string | null {
  return (path) => {
    const read = source.read(path);
    return 'text' in read ? read.text : null;
  };
}

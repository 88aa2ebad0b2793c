import type { ConfigSource } from '../config-source.ts';
import { type Place, type Stop, stop } from '../place.ts';

/** One line of a configuration of stunnel. Names are in lower case: stunnel does not care. */
export interface StunnelOption {
  readonly name: string;
  readonly value: string;
  readonly place: Place;
}

/** A service with what holds for it: first what the global section says, then its own. */
export interface StunnelService {
  /** Empty for what stands before the first section. */
  readonly name: string;
  readonly place: Place;
  readonly options: readonly StunnelOption[];
}

/** A whole configuration. */
export interface StunnelFile {
  readonly services: readonly StunnelService[];
  readonly stops: readonly Stop[];
}

const MAX_LINES = 100_000;
const MAX_FILES = 1_000;

/** Reads a configuration with the directories that it includes. A service has the global options too. */
export function readStunnel(main: string, source: ConfigSource): StunnelFile {
  const stops: Stop[] = [];
  const sections: { name: string; place: Place; options: StunnelOption[] }[] = [
    { name: '', place: { file: main, line: 1 }, options: [] },
  ];
  for (const line of linesOf(main, source, stops, { file: main, line: 1 })) {
    const section = /^\[(.*)\]$/.exec(line.text)?.[1];
    if (section !== undefined) {
      sections.push({ name: section.trim(), place: line.place, options: [] });
      continue;
    }
    const [, name, value = ''] = /^([A-Za-z_]+)\s*=\s*(.*)$/s.exec(line.text) ?? [];
    if (name === undefined) stops.push(stop('unfinished', line.place, 'a line without ='));
    else sections.at(-1)?.options.push({ name: name.toLowerCase(), value: value.trim(), place: line.place });
  }
  const [global, ...own] = sections;
  const common = global?.options ?? [];
  const services = own.map(({ name, place, options }) => ({ name, place, options: [...common, ...options] }));
  // Without any section the global options are the one service.
  return { services: own.length === 0 && global !== undefined ? [global] : services, stops };
}

interface Line {
  readonly text: string;
  readonly place: Place;
}

function linesOf(file: string, source: ConfigSource, stops: Stop[], from: Place, depth = 0): readonly Line[] {
  const read = source.read(file);
  if ('code' in read) {
    stops.push(stop(read.code === 'ENOENT' ? 'missing' : 'unreadable', from, file));
    return [];
  }
  const rows = read.text.replace(/^\u00ef\u00bb\u00bf/, '').split(/\r?\n/);
  if (rows.length > MAX_LINES) {
    stops.push(stop('too_many', { file, line: MAX_LINES }));
    return [];
  }
  return rows.flatMap((row, index) => {
    const [text, place] = [row.trim(), { file, line: index + 1 }];
    if (text === '' || text.startsWith(';') || text.startsWith('#')) return [];
    const directory = /^include\s*=\s*(.+)$/i.exec(text)?.[1]?.trim();
    if (directory === undefined) return [{ text, place }];
    const stopped = (code: Stop['code']) => {
      stops.push(stop(code, place, directory));
      return [];
    };
    if (depth > 0) return stopped('too_deep');
    if (!source.isDirectory(directory)) return stopped('missing');
    const found = source.list(`${directory.replace(/\/$/, '')}/*`);
    if (found.length > MAX_FILES) return stopped('too_many');
    return found.flatMap((path) => linesOf(path, source, stops, place, depth + 1));
  });
}

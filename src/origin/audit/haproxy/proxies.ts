import type { HaproxyTree } from '../../server/haproxy/hosts.ts';
import type { HaproxyLine } from '../../server/haproxy/syntax.ts';
import type { Place } from '../../server/place.ts';
import { type NamedTests, namedTests } from './condition.ts';

/** A frontend, backend or listen, with what it takes over from its defaults. */
export interface ProxySection {
  readonly kind: string;
  readonly name: string;
  readonly file: string;
  readonly place: Place;
  readonly lines: readonly HaproxyLine[];
  /** Lines of its defaults; they come first. */
  readonly defaults: readonly (HaproxyLine & { readonly file: string })[];
  readonly tests: NamedTests;
  readonly mode: string;
}

/** A HAProxy as it is configured. */
export interface Proxies {
  readonly all: readonly ProxySection[];
  readonly backends: ReadonlyMap<string, ProxySection>;
  readonly global: readonly HaproxyLine[];
}

/** The words of a line. */
export function wordsOf({ words }: HaproxyLine): readonly string[] {
  return words.map(({ text }) => text);
}

/** The proxies in the order of the files. */
export function haproxyProxies({ sections }: HaproxyTree): Proxies {
  const all = sections.flatMap((section, index): readonly ProxySection[] => {
    const { kind, name, file, head, lines } = section;
    if (kind !== 'frontend' && kind !== 'backend' && kind !== 'listen') return [];
    const words = wordsOf(head);
    const from = words.at(-2) === 'from' ? words.at(-1) : undefined;
    const before = sections.slice(0, index).filter((one) => one.kind === 'defaults');
    const chosen = before.findLast((one) => from === undefined || one.name === from);
    const defaults = (chosen?.lines ?? []).map((line) => ({ ...line, file: chosen?.file ?? file }));
    const mode = [...defaults, ...lines].findLast((line) => wordsOf(line)[0] === 'mode');
    const tests = namedTests([...defaults, ...lines]);
    return [
      {
        kind,
        name,
        file,
        place: { file, line: head.line },
        lines,
        defaults,
        tests,
        mode: (mode === undefined ? undefined : wordsOf(mode)[1]) ?? 'tcp',
      },
    ];
  });
  const backends = new Map(all.filter(({ kind }) => kind !== 'frontend').map((one) => [one.name, one]));
  return { all, backends, global: sections.filter(({ kind }) => kind === 'global').flatMap(({ lines }) => lines) };
}

/** The words behind the name of a setting in `global`. */
export function globalSetting({ global }: Pick<Proxies, 'global'>, name: string): readonly string[] | null {
  const found = global.findLast((line) => wordsOf(line)[0] === name);
  return found === undefined ? null : wordsOf(found).slice(1);
}

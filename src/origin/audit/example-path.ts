import { fits } from './pattern.ts';

/** A path that a regular expression fits, where one is easily found; null otherwise. */
export function examplePath(pattern: string): string | null {
  const written = new Example(pattern).written();
  if (written === null) return null;
  return [written, `/${written}`, `/x${written}`].find((path) => path.startsWith('/') && fits(pattern, path)) ?? null;
}

const MAX_LENGTH = 200;
const CLASSES: Readonly<Record<string, string>> = { d: '1', w: 'x', s: ' ', D: 'x', W: '-', S: 'x' };

/** Writes what a pattern wants: the first of alternatives, and once what may be there more than once. */
class Example {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  written(): string | null {
    if (this.#pattern.length > MAX_LENGTH) return null;
    this.#take(/\(\?[a-z]+\)/y);
    const found = this.#alternatives();
    return this.#at === this.#pattern.length ? found : null;
  }

  #alternatives(): string | null {
    const first = this.#sequence();
    while (this.#take(/\|/y) !== null) if (this.#sequence() === null) return null;
    return first;
  }

  #sequence(): string | null {
    let written = '';
    while (this.#at < this.#pattern.length && !/[|)]/.test(this.#pattern[this.#at] ?? '')) {
      const atom = this.#atom();
      if (atom === null) return null;
      const times = this.#take(/(?:[*+?]|\{\d[\d,]{0,5}\})[?+]?/y);
      const least = Number(/^\{(\d)/.exec(times ?? '')?.[1] ?? 1);
      written += atom.repeat(least);
    }
    return written;
  }

  #atom(): string | null {
    if (this.#take(/[\^$]|\\[AbzZ]/y) !== null) return '';
    const escaped = this.#take(/\\./y)?.slice(1);
    if (escaped !== undefined) return /\w/.test(escaped) ? (CLASSES[escaped] ?? null) : escaped;
    const one = this.#take(/\[(?!\^)(?:\\.|[^\]])[^\]]*\]/y);
    if (one !== null) return one[1] === '\\' ? (CLASSES[one[2] ?? ''] ?? one[2] ?? null) : (one[1] ?? null);
    if (this.#take(/\[\^[^\]]+\]/y) !== null || this.#take(/\./y) !== null) return 'x';
    if (this.#take(/\((?:\?:|(?!\?))/y) !== null) {
      const inner = this.#alternatives();
      return this.#take(/\)/y) === null ? null : inner;
    }
    return this.#take(/[^()[\]{}*+?\\]/y);
  }

  #take(what: RegExp): string | null {
    what.lastIndex = this.#at;
    const found = what.exec(this.#pattern)?.[0] ?? null;
    this.#at += found?.length ?? 0;
    return found;
  }
}

import type { Hostname } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { shown } from '../../wire/faults.ts';
import { typedPattern } from '../../wire/names.ts';

/** Hostnames and wildcards as somebody typed them, each once; the pointer of a problem says which one is none. */
export function typedNames(texts: readonly string[], at: string): readonly Hostname[] | Problem {
  const names = new Set<Hostname>();
  for (const [index, text] of texts.entries()) {
    const name = typedPattern(text);
    if (name === null) return problem('bad_body', `${shown(text)} is not a hostname`, `${at}/${index}`);
    names.add(name);
  }
  return [...names];
}

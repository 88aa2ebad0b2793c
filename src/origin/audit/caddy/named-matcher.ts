import type { Matcher, MatcherSet } from './model.ts';

/** What stands behind the name of a matcher, in either language. */
export interface MatcherWords {
  readonly words: readonly string[];
  /** Those that `not` turns around. */
  readonly sets: () => readonly MatcherSet[];
}

/** A matcher by its name; one that is not known here is unclear. */
export function namedMatcher(name: string, { words, sets }: MatcherWords): Matcher {
  switch (name) {
    case 'host':
      return { kind: 'host', names: words.map((one) => one.toLowerCase()) };
    case 'path':
      return { kind: 'path', paths: words };
    case 'path_regexp':
      return { kind: 'path', paths: ['/*/'] };
    case 'expression':
      return { kind: 'expression', text: words.join(' ') };
    case 'not':
      return { kind: 'not', sets: sets() };
    case 'remote_ip':
    case 'client_ip':
      return { kind: 'address', networks: words.map(networkOf) };
    case 'header':
    case 'header_regexp':
    case 'query':
    case 'method':
      return { kind: 'fields' };
    case 'protocol':
      return { kind: 'scheme', scheme: words[0] ?? '' };
    case 'file':
      return { kind: 'files' };
    default:
      return { kind: 'unclear' };
  }
}

// One of the networks that this word stands for is enough: nobody reaches any of them from outside.
function networkOf(text: string): string {
  return text === 'private_ranges' ? '10.0.0.0/8' : text;
}

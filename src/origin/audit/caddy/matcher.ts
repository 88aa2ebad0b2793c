import { coversLoopback, isPublic } from '../public-address.ts';
import { escaped, type Holds } from '../text.ts';
import { type CaddyCaller, placeholder } from './caller.ts';
import { expressionHolds, opposite } from './expression.ts';
import type { Matcher, MatcherSet } from './model.ts';

/** Whether one of several sets fits, all of whose matchers must; where there is none, it does. */
export function setsHold(sets: readonly MatcherSet[], caller: CaddyCaller, asks: boolean): Holds {
  if (sets.length === 0) return 'yes';
  const each = sets.map((set) => all(set.map((matcher) => matcherHolds(matcher, caller, asks))));
  if (each.includes('yes')) return 'yes';
  if (each.every((one) => one === 'no')) return 'no';
  return each.includes('unclear') ? 'unclear' : 'either';
}

function all(each: readonly Holds[]): Holds {
  if (each.includes('no')) return 'no';
  if (each.every((one) => one === 'yes')) return 'yes';
  return each.includes('unclear') ? 'unclear' : 'either';
}

function matcherHolds(matcher: Matcher, caller: CaddyCaller, asks: boolean): Holds {
  switch (matcher.kind) {
    case 'host':
      return matcher.names.some((name) => fitsName(name, caller.host)) ? 'yes' : 'no';
    case 'path':
      return pathHolds(matcher.paths);
    case 'expression':
      return expressionHolds(matcher.text, (name) => placeholder(name, caller, asks));
    case 'not':
      return opposite(setsHold(matcher.sets, caller, asks));
    case 'address':
      return caller.freedom.address && matcher.networks.some((one) => isWithinReach(one, caller)) ? 'either' : 'no';
    case 'fields':
      return caller.freedom.fields ? 'either' : 'no';
    case 'scheme':
      return (matcher.scheme === 'https') === caller.tls ? 'yes' : 'no';
    case 'files':
      return 'either';
    case 'unclear':
      return 'unclear';
  }
}

function isWithinReach(network: string, { local }: CaddyCaller): boolean {
  return isPublic(network) || (local && coversLoopback(network));
}

/** Whether a name of a configuration stands for another: `*` is one label. */
export function fitsName(pattern: string, name: string): boolean {
  if (pattern === name || pattern === '*') return true;
  return pattern.includes('*') && new RegExp(`^${escaped(pattern).replaceAll('\\*', '[^.]*')}$`).test(name);
}

// Single paths are let off on purpose, and those by which certificates are obtained (RFC 8555 §8.3).
function pathHolds(paths: readonly string[]): Holds {
  if (paths.some((path) => path === '*' || path === '/*')) return 'yes';
  const isMany = (path: string) => (path.includes('*') || path === '/') && !path.startsWith('/.well-known/');
  return paths.some(isMany) ? 'either' : 'no';
}

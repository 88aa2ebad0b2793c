import { isIP } from 'node:net';
import { hostnamePattern } from '../../../domain/ids.ts';
import { examplePath } from '../example-path.ts';
import type { RuledPath } from '../gate.ts';
import { testOf, type Test } from './condition.ts';
import { type ProxySection, wordsOf } from './proxies.ts';

/** The names that rules of a proxy compare Host or the name in the handshake with: it has no other list of them. */
export function namesInRules(proxy: ProxySection): readonly string[] {
  const lines = [...proxy.defaults, ...proxy.lines].map(wordsOf);
  const variables = hostVariables(lines);
  const tests = lines.flatMap(testsIn);
  const names = tests.filter((test) => isOfHost(test, variables)).flatMap(namesOf);
  return [...new Set(names.flatMap((name) => hostnamePattern(name.toLowerCase()) ?? []))].filter(
    (name) => name.includes('.') && isIP(name) === 0,
  );
}

const HOST = /^(?:(?:req\.)?f?hdr\(host\b|ssl_fc_sni|req\.ssl_sni|req_ssl_sni)/i;

/** Variables that hold what Host says. */
function hostVariables(lines: readonly (readonly string[])[]): ReadonlySet<string> {
  const found = lines.flatMap((words) => {
    const at = words.findIndex((word) => word.startsWith('set-var('));
    return at >= 0 && HOST.test(words[at + 1] ?? '')
      ? [words[at]?.slice('set-var('.length).replace(/[,)].*$/, '') ?? '']
      : [];
  });
  return new Set(found);
}

function testsIn(words: readonly string[]): readonly Test[] {
  if (words[0] === 'acl') return [testOf(words.slice(2))];
  const tests: Test[] = [];
  for (const [at, word] of words.entries()) {
    const end = word === '{' || word === '!{' ? words.indexOf('}', at) : -1;
    if (end >= 0) tests.push(testOf(words.slice(at + 1, end)));
  }
  return tests;
}

function isOfHost({ sample }: Test, variables: ReadonlySet<string>): boolean {
  if (sample === null) return false;
  const written = `${sample.fetch}(${sample.args}`;
  return HOST.test(written) || HOST.test(sample.fetch) || (sample.fetch === 'var' && variables.has(sample.args));
}

function namesOf({ comparison, values }: Test): readonly string[] {
  if (comparison === 'equal' || comparison === 'begins') return values.map((value) => value.replace(/:\d+$/, ''));
  if (comparison === 'ends') return values.map((value) => (value.startsWith('.') ? `*${value}` : value));
  return [];
}

/** The paths that rules of a proxy speak of. */
export function pathsInRules(proxy: ProxySection): readonly RuledPath[] {
  const found = proxy.lines.flatMap((line) =>
    testsIn(wordsOf(line))
      .filter(({ sample }) => sample !== null && PATHS.has(sample.fetch))
      .flatMap(({ comparison, values }) => values.flatMap((value) => pathThat(comparison, value) ?? []))
      .filter((path) => path !== '/')
      .map((path) => ({ path, where: { file: proxy.file, line: line.line } })),
  );
  return [...new Map(found.map((one) => [one.path, one])).values()];
}

/** A path for which a comparison holds; null where none is known. */
function pathThat(comparison: Test['comparison'], value: string): string | null {
  switch (comparison) {
    case 'fits':
      return examplePath(value);
    case 'ends':
      return value.startsWith('/') ? value : `/x${value}`;
    case 'contains':
      return `/${value.replace(/^\/+/, '')}/x`;
    default:
      return value.startsWith('/') ? value : null;
  }
}

const PATHS: ReadonlySet<string> = new Set(['path', 'pathq', 'url']);

import { fits } from '../pattern.ts';
import type { Said } from '../said.ts';
import { tellsOfCertificate } from '../telling-header.ts';
import { type Proxies, type ProxySection, wordsOf } from './proxies.ts';

interface HeaderRule {
  readonly action: string;
  readonly name: string;
  readonly isConditional: boolean;
  /** How the name is meant: `del-header NAME -m reg`. */
  readonly method: string;
  readonly value: string;
  readonly where: Said['where'];
}

/** Lines that tell the application of a certificate, and leave a caller's own word beside or in place of it. */
export function haproxyHeaders(proxies: Proxies, frontend: ProxySection): readonly Said[] {
  const used = frontend.lines.map(wordsOf).filter(([first]) => first === 'use_backend' || first === 'default_backend');
  const backends = used.flatMap((words) => proxies.backends.get(words[1] ?? '') ?? []);
  const rules = [frontend, ...new Set(backends)].flatMap(headerRules);
  const telling = rules.filter(
    ({ action, name, value }) => action !== 'del-header' && (tellsOfCertificate(name) || value.includes('ssl_c_')),
  );
  const names = new Set(telling.map(({ name }) => name.toLowerCase()));
  return [...names].flatMap((name): readonly Said[] => {
    const [first] = telling.filter((rule) => rule.name.toLowerCase() === name);
    if (first === undefined || rules.some((rule) => !rule.isConditional && clears(rule, name))) return [];
    const code = first.action === 'set-header' ? 'header_only_on_success' : 'header_passed';
    return [{ code, where: first.where, detail: first.name }];
  });
}

function headerRules(proxy: ProxySection): readonly HeaderRule[] {
  return [...proxy.defaults, ...proxy.lines].flatMap((line) => {
    const words = wordsOf(line);
    const [kind, action = '', name = '', ...rest] = words;
    if (kind !== 'http-request' || !/^(?:set|add|del)-header$/.test(action)) return [];
    const at = rest.indexOf('-m');
    const isConditional = rest.some((word) => word === 'if' || word === 'unless');
    const where = { file: proxy.file, line: line.line };
    return [
      { action, name, isConditional, method: at < 0 ? 'str' : (rest[at + 1] ?? ''), value: rest[0] ?? '', where },
    ];
  });
}

function clears({ action, name, method }: HeaderRule, wanted: string): boolean {
  if (action === 'add-header') return false;
  const own = name.toLowerCase();
  if (action === 'set-header' || method === 'str') return own === wanted;
  if (method === 'beg') return wanted.startsWith(own);
  if (method === 'end') return wanted.endsWith(own);
  if (method === 'sub') return wanted.includes(own);
  return fits(name, wanted, 'i') === true;
}

import { targetIn } from '../../server/apache/hosts.ts';
import type { ApacheEffective } from '../../server/apache/tree.ts';
import { fits } from '../pattern.ts';
import { isWithinPath, sectionFits } from './sections.ts';
import { type ApacheSite, setting } from './sites.ts';

/** What a site hands a path to: `tcp:HOST:PORT`, `files:DIR` and so on; nothing where it has nothing. Pure. */
export function apacheContent(site: ApacheSite, path: string): readonly string[] {
  const handed = proxiedTo(site, path) ?? rewrittenTo(site, path);
  if (handed !== null) return [handed, ...membersOf(site, handed)];
  const alias = aliasOf(site, path);
  if (alias !== null) return [alias];
  const root = setting(site, 'documentroot')?.args[0];
  return root === undefined ? [] : [`files:${root}`];
}

/** The applications behind a `balancer://`, so that another site that reaches one of them is seen to. */
function membersOf({ level, above }: ApacheSite, handed: string): readonly string[] {
  if (!handed.startsWith('balancer:')) return [];
  const name = `balancer://${handed.slice('balancer:'.length)}`;
  const sections = [...above, ...level].filter((one) => one.name === 'proxy' && one.args[0]?.toLowerCase() === name);
  return sections
    .flatMap(({ inner }) => inner ?? [])
    .filter((one) => one.name === 'balancermember')
    .flatMap(({ args }) => targetIn(args) ?? []);
}

function proxiedTo({ level, above }: ApacheSite, path: string): string | null {
  const inSections = [...above, ...level]
    .filter((one) => one.inner !== null && sectionFits(one, path) === true)
    .flatMap(({ inner }) => inner ?? [])
    .findLast(({ name }) => name === 'proxypass' || name === 'proxypassmatch' || name === 'sethandler');
  const within = inSections === undefined ? null : targetIn(handlerArgs(inSections));
  if (within !== null) return within;
  for (const { name, args } of [...level, ...above]) {
    if (name !== 'proxypass' && name !== 'proxypassmatch') continue;
    const [from = '', to = ''] = args;
    const isMeant = name === 'proxypass' ? isWithinPath(path, from) : fits(from, path) !== false;
    if (!isMeant) continue;
    if (to === '!') return null;
    const target = targetIn(args);
    if (target !== null) return target;
  }
  return null;
}

// `SetHandler "proxy:unix:/run/php.sock|fcgi://localhost"`.
function handlerArgs({ name, args }: ApacheEffective): readonly string[] {
  return name === 'sethandler' ? args.map((arg) => arg.replace(/^proxy:/, '')) : args;
}

function rewrittenTo({ level }: ApacheSite, path: string): string | null {
  for (const { name, args } of level) {
    if (name !== 'rewriterule' || !/(?:^|[[,])(?:P|proxy)(?:[\],]|$)/.test(args[2] ?? '')) continue;
    if (fits(args[0] ?? '', path) === false) continue;
    const target = targetIn([args[1] ?? '']);
    if (target !== null) return target;
  }
  return null;
}

const ALIASES: Readonly<Record<string, string>> = { alias: 'files', scriptalias: 'files', wsgiscriptalias: 'wsgi' };

function aliasOf({ level, above }: ApacheSite, path: string): string | null {
  for (const { name, args } of [...level, ...above]) {
    const kind = ALIASES[name];
    const [from = '', to = ''] = args;
    if (kind !== undefined && isWithinPath(path, from)) return `${kind}:${to}`;
  }
  return null;
}

import type { ApacheEffective, ApacheTree } from '../../server/apache/tree.ts';
import type { Place } from '../../server/place.ts';

/** A module that a configuration needs and does not load. */
export interface MissingModule {
  /** As LoadModule names it. */
  readonly module: string;
  /** The first directive that needs it, as it is written. */
  readonly what: string;
  readonly where: Place;
  /** The command that loads it where Debian's tools are there. */
  readonly fix: string;
}

/** To which module directives belong, in lower case; only of modules that locks and sites are made with. */
const OWNERS: readonly (readonly [RegExp, string])[] = [
  [/^ssl/, 'ssl_module'],
  [/^(?:request)?header$/, 'headers_module'],
  [/^proxyhtml/, 'proxy_html_module'],
  [/^proxyfcgi/, 'proxy_fcgi_module'],
  [/^proxyscgi/, 'proxy_scgi_module'],
  [/^proxyftp/, 'proxy_ftp_module'],
  [/^proxyexpress/, 'proxy_express_module'],
  [/^proxyhc/, 'proxy_hcheck_module'],
  [/^proxywebsocket/, 'proxy_wstunnel_module'],
  [/^(?:proxy|noproxy$|balancer)/, 'proxy_module'],
  [/^rewrite/, 'rewrite_module'],
  [/^(?:alias|scriptalias|redirect)/, 'alias_module'],
  [/^(?:setenvif|browsermatch)/, 'setenvif_module'],
  [/^(?:require|requireall|requireany|requirenone|authmerging)$/, 'authz_core_module'],
  [/^(?:order|allow|deny|satisfy)$/, 'access_compat_module'],
  [/^remoteip/, 'remoteip_module'],
  [/^h2/, 'http2_module'],
  [/^macro$/, 'macro_module'],
];

/** What `Require` asks for, by the module that can answer. */
const PROVIDERS: Readonly<Record<string, string>> = {
  ip: 'authz_host_module',
  host: 'authz_host_module',
  'forward-dns': 'authz_host_module',
  local: 'authz_host_module',
  ssl: 'ssl_module',
  'ssl-verify-client': 'ssl_module',
  user: 'authz_user_module',
  'valid-user': 'authz_user_module',
  group: 'authz_groupfile_module',
};

/**
 * Modules whose directives stand in a configuration that loads others and not them: Apache then refuses to start. Nothing is
 * known where no module is loaded at all, for another file loads them and includes this one.
 */
export function missingModules({ effective, modules, texts }: ApacheTree): readonly MissingModule[] {
  if (!effective.some(({ name }) => name === 'loadmodule')) return [];
  const missing = new Map<string, MissingModule>();
  for (const one of everyDirective(effective)) {
    for (const module of neededBy(one)) {
      if (modules.has(module) || missing.has(module)) continue;
      const fix = `a2enmod ${module.replace(/_module$/, '')}`;
      missing.set(module, { module, what: spelling(one, texts), where: one.place, fix });
    }
  }
  return [...missing.values()];
}

function* everyDirective(level: readonly ApacheEffective[]): Iterable<ApacheEffective> {
  for (const one of level) {
    yield one;
    if (one.inner !== null) yield* everyDirective(one.inner);
  }
}

function neededBy({ name, args }: ApacheEffective): readonly string[] {
  const owner = OWNERS.find(([names]) => names.test(name))?.[1];
  return owner === undefined ? [] : [owner, ...withinDirective(name, args)];
}

/** What a directive needs for its arguments, beside the module that it is of. */
function withinDirective(name: string, args: readonly string[]): readonly string[] {
  const words = args.map((arg) => arg.toLowerCase());
  if (name === 'require') return providerOf(words);
  if (name !== 'sslsessioncache' && name !== 'sslstaplingcache') return [];
  const store = /^(?:shmcb|dbm|memcache|redis)(?=:)/.exec(words[0] ?? '')?.[0];
  return store === undefined ? [] : [`socache_${store}_module`];
}

function providerOf(words: readonly string[]): readonly string[] {
  const module = PROVIDERS[(words[0] === 'not' ? words[1] : words[0]) ?? ''];
  return module === undefined ? [] : [module];
}

/** The directive as its line spells it: a section with its bracket. */
function spelling({ name, place }: ApacheEffective, texts: ApacheTree['texts']): string {
  const line = texts.get(place.file)?.split('\n')[place.line - 1] ?? '';
  const word = /^\s*(<?\w+)/.exec(line)?.[1] ?? '';
  return word.replace('<', '').toLowerCase() === name ? word : name;
}

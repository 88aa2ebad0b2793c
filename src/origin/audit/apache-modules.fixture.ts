import type { AuditCase } from './audited-case.fixture.ts';
import { APP, BASE, LOCK, LOCKED, site } from './apache-lines.fixture.ts';

/** A configuration that loads all modules of the cases but one. */
function without(module: string): string {
  return BASE.replace(new RegExp(`^LoadModule ${module} .*\\n`, 'm'), '');
}

function refused(title: string, config: string, refusal: string): AuditCase {
  return {
    title,
    config,
    refusal,
    claims: ['a.test *:443 broken'],
    refs: ['LO-01'],
    codes: ['would_not_start'],
  };
}

const INVALID = (name: string) => `Invalid command '${name}'`;
const TOLD = 'RequestHeader set X-Edge-Verified "%{SSL_CLIENT_VERIFY}s"';

/** Configurations of Apache that need a module which they do not load. */
export const APACHE_MODULES: readonly AuditCase[] = [
  refused(
    'a header that is told, without mod_headers',
    without('headers_module') + site('a.test', LOCK, APP, TOLD),
    INVALID('RequestHeader'),
  ),
  refused('TLS without mod_ssl', without('ssl_module') + site('a.test', LOCK, APP), INVALID('SSLEngine')),
  refused(
    'an application without mod_proxy',
    without('proxy(?:_http)?_module') + site('a.test', LOCK, APP),
    'mod_proxy',
  ),
  refused(
    'a rewrite without mod_rewrite',
    without('rewrite_module') + site('a.test', LOCK, APP, 'RewriteEngine on'),
    INVALID('RewriteEngine'),
  ),
  refused(
    'a rule without mod_authz_core',
    without('authz_core_module').replace(/^LoadModule (?:authz_host|access_compat).*\n/gm, '') +
      site('a.test', LOCK, APP, '<Location />', '<RequireAll>', 'Require all granted', '</RequireAll>', '</Location>'),
    INVALID('<RequireAll'),
  ),
  refused(
    'an address without mod_authz_host',
    without('authz_host_module') + site('a.test', LOCK, APP, '<Location />', 'Require not ip 192.0.2.1', '</Location>'),
    'Unknown Authz provider: ip',
  ),
  refused(
    'sessions without the module that keeps them',
    `${without('socache_shmcb_module')}SSLSessionCache "shmcb:/t/sessions(51200)"\n${site('a.test', LOCK, APP)}`,
    "'shmcb' session cache not supported",
  ),
  refused(
    'a macro without mod_macro',
    `${without('macro_module')}<Macro Nothing>\n</Macro>\n${site('a.test', LOCK, APP)}`,
    INVALID('<Macro'),
  ),
  {
    title: 'a header that is told where mod_headers is loaded',
    config: without('headers_module') + site('a.test', LOCK, APP, '<IfModule mod_headers.c>', TOLD, '</IfModule>'),
    claims: LOCKED,
    refs: [],
    codes: [],
  },
];

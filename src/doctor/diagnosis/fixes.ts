import { FINDINGS, type FindingCode } from './findings.ts';
import { APACHE_FIXES } from './fixes-apache.ts';
import { HAPROXY_FIXES } from './fixes-haproxy.ts';
import { LIGHTTPD_FIXES } from './fixes-lighttpd.ts';
import { NODE_FIXES } from './fixes-node.ts';
import { CADDY_FIXES } from './fixes-caddy.ts';
import { NGINX_FIXES } from './fixes-nginx.ts';
import { STUNNEL_FIXES } from './fixes-stunnel.ts';

/** Servers in whose words and syntax fixes are told. */
export const SERVER_KINDS = ['nginx', 'apache', 'haproxy', 'caddy', 'lighttpd', 'stunnel', 'node'] as const;

export type ServerKind = (typeof SERVER_KINDS)[number];

/** The fixes of one server, where it has words of its own: lines of its configuration, each on a line of its own. */
export type ServerFixes = Readonly<Partial<Record<FindingCode, string>>>;

const FIXES: Readonly<Partial<Record<ServerKind, ServerFixes>>> = {
  apache: APACHE_FIXES,
  haproxy: HAPROXY_FIXES,
  lighttpd: LIGHTTPD_FIXES,
  node: NODE_FIXES,
  nginx: NGINX_FIXES,
  caddy: CADDY_FIXES,
  stunnel: STUNNEL_FIXES,
};

/** What to do about a finding, in the words of the server found. */
export function fixText(code: FindingCode, server: ServerKind | null): string {
  const own = server === null ? undefined : FIXES[server]?.[code];
  return own ?? FINDINGS[code].fix;
}

const LISTENS_BY_DEFAULT = 'default_server';
const AS_LOCKED = '# each listen as that of the server that is locked: with its address in front, where it has one';

/** The same for the socket that was asked, as a target has it in its text: the usual port would change nothing there. */
export function fixAt(fix: string, target: string): string {
  const port = /:(\d+)$/.exec(target)?.[1];
  if (port === undefined || port === '443' || !/\b443\b/.test(fix)) return fix;
  const moved = fix.replaceAll(/\b443\b/g, port);
  return moved.includes(LISTENS_BY_DEFAULT) ? `${AS_LOCKED}\n${moved}` : moved;
}

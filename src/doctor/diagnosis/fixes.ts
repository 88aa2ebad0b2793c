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

import { FINDINGS, type FindingCode } from './findings.ts';
import { APACHE_FIXES } from './fixes-apache.ts';
import { HAPROXY_FIXES } from './fixes-haproxy.ts';
import { LIGHTTPD_FIXES } from './fixes-lighttpd.ts';
import { NODE_FIXES } from './fixes-node.ts';
import { CADDY_FIXES } from './fixes-caddy.ts';
import { NGINX_FIXES } from './fixes-nginx.ts';
import { STUNNEL_FIXES } from './fixes-stunnel.ts';
import type { Place, ServerFixes } from './server-fixes.ts';

/** Servers in whose words and syntax fixes are told. */
export const SERVER_KINDS = ['nginx', 'apache', 'haproxy', 'caddy', 'lighttpd', 'stunnel', 'node'] as const;

export type ServerKind = (typeof SERVER_KINDS)[number];

const FIXES: Readonly<Partial<Record<ServerKind, ServerFixes>>> = {
  apache: APACHE_FIXES,
  haproxy: HAPROXY_FIXES,
  lighttpd: LIGHTTPD_FIXES,
  node: NODE_FIXES,
  nginx: NGINX_FIXES,
  caddy: CADDY_FIXES,
  stunnel: STUNNEL_FIXES,
};

/** What to do about a finding, in the words of the server found, and for the socket of `target` (`targetText`). */
export function fixText(code: FindingCode, server: ServerKind | null, target: string | null = null): string {
  const own = server === null ? undefined : FIXES[server]?.[code];
  if (own === undefined) return FINDINGS[code].fix;
  const place = placeOf(target);
  if (typeof own === 'function') return own(place);
  // The usual port would change nothing at another one.
  return place === null || place.port === 443 ? own : own.replaceAll(/\b443\b/g, String(place.port));
}

function placeOf(target: string | null): Place | null {
  const parts = /^(\S+) at (?:\[([^\]]+)\]|([\d.]+)):(\d+)$/.exec(target ?? '');
  const [, host, six, four, port] = parts ?? [];
  const address = six ?? four;
  return host === undefined || address === undefined ? null : { host, address, port: Number(port) };
}

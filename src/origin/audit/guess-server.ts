import { basename, join } from 'node:path';
import type { ServerKind } from '../../doctor/diagnosis/fixes.ts';
import type { ConfigSource } from '../server/config-source.ts';
import { isNginxDump } from './nginx/dump.ts';

/** Main files as packages name them. */
const MAIN_FILES: Readonly<Record<string, ServerKind>> = {
  'nginx.conf': 'nginx',
  Caddyfile: 'caddy',
  'haproxy.cfg': 'haproxy',
  'apache2.conf': 'apache',
  'httpd.conf': 'apache',
  'lighttpd.conf': 'lighttpd',
  'stunnel.conf': 'stunnel',
};

/** What each language has and no other; the first that fits is believed. */
const MARKS: readonly (readonly [ServerKind, RegExp])[] = [
  ['apache', /^[ \t]*<(?:VirtualHost|IfModule|Directory|Location)\b|^[ \t]*SSL(?:Engine|VerifyClient)\b/im],
  ['haproxy', /^(?:frontend|backend|listen|defaults)\b[^{;]*$[\s\S]*^[ \t]+(?:bind|server|mode)\s/m],
  ['lighttpd', /^[ \t]*(?:ssl\.engine|server\.(?:port|document-root|modules))\s*\+?=|^[ \t]*\$(?:HTTP|SERVER)\[/m],
  ['stunnel', /^[ \t]*(?:accept|connect|CAfile|verifyChain|verify)[ \t]*=/im],
  ['nginx', /^[ \t]*(?:listen|server_name|proxy_pass|ssl_\w+)\s[^;{}]*;|^[ \t]*(?:http|events|server)\s*\{[^}]*;/m],
];

/** The server whose configuration a text is, by the name of the file and by what it holds; null where neither tells. */
export function guessServer(path: string, text: string): ServerKind | null {
  const named = MAIN_FILES[basename(path)];
  if (named !== undefined) return named;
  if (isNginxDump(text)) return 'nginx';
  if (isCaddyJson(text)) return 'caddy';
  const bare = text.replaceAll(/^[ \t]*[#;].*$/gm, '');
  const found = MARKS.find(([, mark]) => mark.test(bare));
  if (found !== undefined) return found[0];
  return /^[ \t]*(?:client_auth|reverse_proxy|file_server|respond|tls)\b|^\S+[ \t]+\{[ \t]*$/m.test(bare)
    ? 'caddy'
    : null;
}

/** A text of Caddy's own language. */
export function isCaddyJson(text: string): boolean {
  return /^\s*\{\s*"/.test(text);
}

/** The main file of a directory such as /etc/nginx; the path itself where it is a file. */
export function mainFile(path: string, source: Pick<ConfigSource, 'isDirectory' | 'read'>): string | null {
  if (!source.isDirectory(path)) return path;
  const candidates = Object.keys(MAIN_FILES).map((name) => join(path, name));
  return candidates.find((one) => 'text' in source.read(one)) ?? null;
}

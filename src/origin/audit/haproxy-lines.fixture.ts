export const BASE = `global
  tune.ssl.cachesize 0
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
`;
export const BACKEND = `backend app
  server one 127.0.0.1:3000
backend other
  server two 127.0.0.1:4000
`;
export const OPEN = ['a.test *:443 open'];
export const LOCKED = ['a.test *:443 locked'];
export const HOSTS = ['a.test'];
export const CA = 'ca-file /t/edge.pem';
export const SITE = 'crt /t/site.pem no-tls-tickets';
export const RULE = 'http-request deny unless { ssl_c_used } { ssl_c_verify 0 }';

export function front(bind: string, ...lines: readonly string[]): string {
  return `${BASE}frontend f\n  bind *:443 ssl ${bind}\n${[...lines, 'default_backend app'].map((line) => `  ${line}\n`).join('')}${BACKEND}`;
}

export const LIST = `/t/site.pem [${CA} verify required] a.test\n/t/site.pem b.test\n`;
export const LIST_OPEN_FIRST = `/t/site.pem b.test\n/t/site.pem [${CA} verify required] a.test\n`;
export const ROUTES = ['use_backend app if { hdr(host) -i a.test }', 'use_backend other if { hdr(host) -i b.test }'];

export function listed(bind: string, ...lines: readonly string[]): string {
  return `${BASE}frontend f\n  bind *:443 ssl crt-list /t/list ${bind}\n${lines.map((line) => `  ${line}\n`).join('')}${BACKEND}`;
}

import type { Server } from './case.ts';

/** What a server needs around the part of a configuration that a case is about. */
export const FRAMES: Readonly<Record<Server, (text: string) => string>> = {
  nginx: (text) => `
worker_processes 1;
error_log error.log info;
events { worker_connections 256; }
http {
  access_log off;
  server_names_hash_bucket_size 64;
  ssl_certificate site.pem;
  ssl_certificate_key site.key;
  ssl_protocols TLSv1.2 TLSv1.3;
${text}
}
`,
  apache: (text) => `
Define MODULES /usr/lib/apache2/modules
ServerRoot "@DIR@"
PidFile "@DIR@/apache.pid"
DefaultRuntimeDir "@DIR@"
ErrorLog "@DIR@/error.log"
LogLevel warn ssl:info
ServerName front.test
User www-data
Group www-data
${APACHE_MODULES.map((name) => `LoadModule ${name}_module \${MODULES}/mod_${name}.so`).join('\n')}
TypesConfig /dev/null
AddType text/html .html
${text}
`,
  haproxy: (text) => `
global
  crt-base @DIR@
  ca-base @DIR@
  ssl-default-bind-options ssl-min-ver TLSv1.2
  tune.ssl.default-dh-param 2048
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
${text}
backend app
  server app 127.0.0.1:@APP@
backend blog
  server blog 127.0.0.1:@BLOG@
`,
  caddy: (text) => (text.trimStart().startsWith('{') ? text : `${CADDY_GLOBAL}\n${text}`),
  lighttpd: (text) => `
server.document-root = "@DIR@/www"
server.errorlog = "@DIR@/error.log"
server.pid-file = "@DIR@/lighttpd.pid"
server.modules = ("mod_openssl", "mod_proxy", "mod_redirect", "mod_access", "mod_setenv")
${text}
`,
  stunnel: (text) => `
foreground = yes
pid = @DIR@/stunnel.pid
syslog = no
debug = 5
${text}
`,
  node: (text) => `
const { readFileSync } = require('node:fs');
const https = require('node:https');
const http = require('node:http');
const tls = require('node:tls');
const { constants } = require('node:crypto');
const file = (name) => readFileSync('@DIR@/' + name);
const show = (body, status = 200) => (request, response) =>
  response.writeHead(status, { 'content-type': 'text/html' }).end(body);
const orders = '<title>Orders</title><p>All the orders of all the customers, told one after the other at some length.';
const garden = '<title>Garden</title><p>Thoughts about gardens and about what grows in them in spring and in autumn.';
const application = show(orders);
const blog = show(garden);
const refused = show('<title>No</title><p>Nobody is let in here who does not show what is asked for.', 403);
const misdirected = show('<title>Elsewhere</title><p>This is not the place for that name.', 421);
const site = { key: file('site.key'), cert: file('site.pem') };
const nameOf = (request) => String(request.headers.host).replace(/:\\d+$/, '').replace(/\\.$/, '').toLowerCase();
${text}
`,
};

const APACHE_MODULES = [
  'mpm_event',
  'authz_core',
  'authz_host',
  'access_compat',
  'authn_core',
  'headers',
  'setenvif',
  'ssl',
  'socache_shmcb',
  'proxy',
  'proxy_http',
  'rewrite',
  'alias',
  'mime',
  'dir',
  'macro',
  'http2',
];

/** What Caddy does beside serving sites, switched off. */
export const CADDY_QUIET = `  admin off
  storage file_system @DIR@/caddy
  auto_https off
  skip_install_trust`;

const CADDY_GLOBAL = `{\n${CADDY_QUIET}\n}`;

import { type Case, IDENTITY, locked, NEIGHBOUR_NAME, NOTHING, open, TENANTS } from '../case.ts';

const PROXY = 'location / { proxy_pass http://127.0.0.1:@APP@; }';
const REJECT = 'server { listen 127.0.0.1:@TLS@ ssl default_server; server_name _; ssl_reject_handshake on; }';
const nginx = (inside: string, name = 'a.test') =>
  `${REJECT}\n  server { listen 127.0.0.1:@TLS@ ssl; server_name ${name}; ${inside} }`;
const VERIFY = 'ssl_client_certificate edge-ca.pem; ssl_verify_client on;';

/** Less usual ways to write a lock in nginx, and to undo it. */
export const LOCKS_OF_NGINX: readonly Case[] = [
  {
    name: 'a name that is a pattern',
    text: nginx(`${VERIFY} ${PROXY}`, '"~^(www\\.)?a\\.test$"'),
    hand: IDENTITY,
    live: locked(),
    written: { verdict: ['locked', 'unknown'] },
  },
  {
    name: 'a name that is a pattern, and the same application without it',
    text: `${nginx(`${VERIFY} ${PROXY}`, '"~^www\\.a\\.test$"')}\n  server { listen 127.0.0.1:@TLS@ ssl; server_name *.test; ${PROXY} }`,
    hand: IDENTITY,
    live: open('NE-01'),
    written: { verdict: ['open', 'unknown'], also: ['NE-01', 'NE-07'] },
  },
  {
    name: 'one verdict from two maps, of which both must say yes',
    text: `map $ssl_client_verify $verified { default 0; SUCCESS 1; }
  map $ssl_client_s_dn $ours { default 0; "CN=tenant-a.edge.test,O=Callers" 1; }
  map $verified$ours $let { default 0; 11 1; }
  ${nginx(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; if ($let = 0) { return 403; } ${PROXY}`)}`,
    hand: TENANTS,
    live: locked(),
    written: { verdict: ['locked', 'unknown'] },
  },
  {
    name: 'one verdict from two maps, of which either may say yes',
    text: `map $ssl_client_verify $verified { default 0; SUCCESS 1; }
  map $remote_addr $near { default 0; 127.0.0.1 1; }
  map $verified$near $let { default 1; 00 0; }
  ${nginx(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; if ($let = 0) { return 403; } ${PROXY}`)}`,
    hand: IDENTITY,
    live: open('NE-02'),
    written: { verdict: ['open', 'unknown'], also: ['NE-02', 'NE-22', 'HT-06'] },
  },
  {
    name: 'a later file that switches the lock off again',
    text: nginx(`${VERIFY.replace('ssl_verify_client on;', '')} include conf.d/*.conf; ${PROXY}`),
    files: { 'conf.d/90-local.conf': 'ssl_verify_client off;\n' },
    hand: IDENTITY,
    live: open('NE-01'),
    written: { verdict: 'open', also: ['NE-01', 'NE-17'] },
  },
  {
    name: 'the authority that an edge uses for all, seen without any identity',
    text: nginx(`ssl_client_certificate shared-ca.pem; ssl_verify_client on; ${PROXY}`),
    hand: NOTHING,
    live: locked('TT-04'),
    written: locked('TT-04'),
  },
  {
    name: 'a request that is checked by another one inside',
    text: nginx(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    location = /verdict { internal; if ($ssl_client_verify != SUCCESS) { return 403; } return 204; }
    location / { auth_request /verdict; proxy_pass http://127.0.0.1:@APP@; }`),
    hand: IDENTITY,
    live: locked(),
    written: { verdict: ['locked', 'unknown'] },
  },
];

const BIND = 'bind 127.0.0.1:@TLS@ ssl crt site.pem ca-file edge-ca.pem';

/** The same in HAProxy. */
export const LOCKS_OF_HAPROXY: readonly Case[] = [
  {
    name: 'an option, and the name of the certificate a duty',
    text: `
frontend front
  ${BIND} verify optional
  http-request deny unless { ssl_c_s_dn(cn) -m str tenant-a.edge.test }
  default_backend app`,
    hand: TENANTS,
    live: locked(),
    written: { verdict: ['locked', 'unknown'] },
  },
  {
    name: 'rules with names, in the order in which they count',
    text: `
frontend front
  ${BIND} verify optional
  acl shown ssl_c_used
  acl good ssl_c_verify 0
  acl health path /health
  http-request allow if health
  http-request deny if !shown or !good
  default_backend app`,
    hand: IDENTITY,
    live: { verdict: 'locked', notChecked: [/other paths/] },
    written: { verdict: ['locked', 'open'], also: ['NE-05'] },
  },
  {
    name: 'rules with names, in an order in which the first one lets all in',
    text: `
frontend front
  ${BIND} verify optional
  acl good ssl_c_verify 0
  http-request allow if { method GET HEAD }
  http-request deny unless { ssl_c_used } good
  default_backend app`,
    hand: IDENTITY,
    live: open('NE-02'),
    written: { verdict: 'open', also: ['NE-02', 'NE-22', 'NE-05'] },
  },
];

const TLS = 'SSLEngine on\n  SSLCertificateFile site.pem\n  SSLCertificateKeyFile site.key';
const host = (name: string, inside: string) => `
<VirtualHost *:@TLS@>
  ServerName ${name}
  ${TLS}
  ${inside}
</VirtualHost>`;

/** The same in Apache. */
export const LOCKS_OF_APACHE: readonly Case[] = [
  {
    name: 'a lock for the whole server that one site takes back',
    text: `SSLCACertificateFile edge-ca.pem
SSLVerifyClient require
Listen 127.0.0.1:@TLS@${host('a.test', 'ProxyPass / http://127.0.0.1:@APP@/')}${host('b.test', 'SSLVerifyClient none\n  ProxyPass / http://127.0.0.1:@APP@/')}`,
    hand: NEIGHBOUR_NAME,
    live: open('NE-07'),
    written: open('NE-07'),
  },
  {
    name: 'a lock that hangs on a module which is not loaded',
    text: `Listen 127.0.0.1:@TLS@${host(
      'a.test',
      `<IfModule mod_nothing.c>
    SSLCACertificateFile edge-ca.pem
    SSLVerifyClient require
  </IfModule>
  ProxyPass / http://127.0.0.1:@APP@/`,
    )}`,
    hand: IDENTITY,
    live: open('NE-01'),
    written: open('NE-01'),
  },
  {
    name: 'a lock from an included file, with names that were defined',
    text: `Define TRUST edge-ca.pem
Listen 127.0.0.1:@TLS@${host('a.test', 'Include snippets/*.conf\n  ProxyPass / http://127.0.0.1:@APP@/')}`,
    files: { 'snippets/lock.conf': `SSLCACertificateFile \${TRUST}\nSSLVerifyClient require\n` },
    hand: IDENTITY,
    live: locked(),
    written: locked(),
  },
];

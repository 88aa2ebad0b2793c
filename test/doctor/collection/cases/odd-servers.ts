import { type Case, IDENTITY, NEIGHBOUR_NAME, NOTHING } from '../case.ts';

const APACHE_TLS = 'SSLEngine on\n  SSLCertificateFile site.pem\n  SSLCertificateKeyFile site.key';
const PROXY = 'ProxyPass / http://127.0.0.1:@APP@/';
const apache = (inside: string) => `Listen 127.0.0.1:@TLS@
<VirtualHost *:@TLS@>
  ServerName a.test
  ${APACHE_TLS}
  ${inside}
</VirtualHost>`;
const holds = { live: { verdict: 'locked' }, written: { verdict: 'locked' } } as const;

/** Apache as people really have it. */
export const ODD_APACHE: readonly Case[] = [
  {
    name: 'the words of before: SSLRequire, for everything',
    text: apache(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional
  <Location "/">
    SSLRequire %{SSL_CLIENT_VERIFY} eq "SUCCESS"
  </Location>\n  ${PROXY}`),
    hand: IDENTITY,
    ...holds,
  },
  {
    name: 'a condition that denies callers without a certificate',
    text: apache(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional
  <If "%{SSL_CLIENT_VERIFY} != 'SUCCESS'">
    Require all denied
  </If>\n  ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'locked' },
    written: { verdict: ['locked', 'unknown'] },
  },
  {
    name: 'what was verified is told to the application, which lets everybody in',
    text: apache(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional\n  SSLVerifyDepth 2\n  SSLOptions +StdEnvVars
  RequestHeader set X-SSL-Subject %{SSL_CLIENT_S_DN}e
  RequestHeader set X-Client-Verify %{SSL_CLIENT_VERIFY}e\n  ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'open', refs: ['NE-02'] },
    written: { verdict: 'open', refs: ['NE-02'] },
  },
  {
    name: 'a page for the forbidden that is a file',
    text: apache(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient optional
  Alias "/blocked.html" "@DIR@/www/blocked.html"
  ProxyPass /blocked.html !
  <Location "/">
    Require ssl-verify-client
  </Location>
  <Location "/blocked.html">
    Require all granted
  </Location>
  ErrorDocument 403 /blocked.html\n  ${PROXY}`),
    files: { 'www/blocked.html': '<title>Blocked</title><p>Only the edge comes in here.' },
    hand: IDENTITY,
    ...holds,
  },
  {
    name: 'challenges for certificates that are exempted from the lock',
    text: apache(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient require
  Alias "/.well-known/acme-challenge" "@DIR@/www"
  ProxyPass /.well-known !\n  ${PROXY}`),
    hand: IDENTITY,
    ...holds,
  },
  {
    name: 'a dynamic application, an open site beside it, and HTTP/2',
    text: `Protocols h2 http/1.1
Listen 127.0.0.1:@TLS@
<VirtualHost *:@TLS@>
  ServerName b.test
  ${APACHE_TLS}
  ProxyPass / http://127.0.0.1:@BLOG@/
</VirtualHost>
${apache(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient require\n  ${PROXY}`).replace(/^.*\n/, '')}`,
    application: 'dynamic',
    hand: NEIGHBOUR_NAME,
    ...holds,
  },
  {
    name: 'files of a directory that a certificate opens',
    text: apache(`SSLCACertificateFile edge-ca.pem\n  SSLVerifyClient require\n  DocumentRoot "@DIR@/www"
  <Directory "@DIR@/www">
    Require all granted
  </Directory>`),
    hand: IDENTITY,
    ...holds,
  },
];

const BIND = 'bind 127.0.0.1:@TLS@ ssl crt site.pem ca-file edge-ca.pem';

/** HAProxy as people really have it. */
export const ODD_HAPROXY: readonly Case[] = [
  {
    name: 'callers with a certificate get the application, and all others another one',
    text: `
frontend front
  ${BIND} verify optional
  use_backend app if { ssl_c_used } { ssl_c_verify 0 }
  default_backend blog`,
    hand: IDENTITY,
    live: { verdict: ['locked', 'unknown'] },
    written: { verdict: ['locked', 'unknown'] },
  },
  {
    name: 'verification that only chooses among two ways to the same application',
    text: `
frontend front
  ${BIND} verify optional crt-ignore-err all
  use_backend app unless { ssl_c_verify 0 }
  default_backend app`,
    hand: IDENTITY,
    live: { verdict: 'open', refs: ['NE-02'] },
    written: { verdict: 'open', also: ['NE-02', 'NE-19', 'NE-18'] },
  },
  {
    name: 'connections without a certificate are ended without a word',
    text: `
frontend front
  ${BIND} verify optional
  http-request reject unless { ssl_c_used } { ssl_c_verify 0 }
  default_backend app`,
    hand: IDENTITY,
    live: { verdict: ['locked', 'unknown'] },
    written: { verdict: 'locked' },
  },
  {
    name: 'what was verified is told to the application, whatever the caller says',
    text: `
frontend front
  ${BIND} verify required
  http-request set-header X-SSL-Client-Verify %[ssl_c_verify]
  http-request set-header X-SSL-Client-CN %{+Q}[ssl_c_s_dn(cn)]
  default_backend app`,
    hand: IDENTITY,
    ...holds,
  },
  {
    name: 'a page of its own for the denied',
    text: `
frontend front
  ${BIND} verify optional
  http-request return status 403 content-type text/html string "<title>Blocked</title>Only the edge comes in here." unless { ssl_c_used } { ssl_c_verify 0 }
  default_backend app`,
    hand: IDENTITY,
    ...holds,
  },
  {
    name: 'no server behind the lock',
    text: `
frontend front
  ${BIND} verify required
  default_backend none
backend none
  server none 127.0.0.1:1`,
    hand: IDENTITY,
    live: { verdict: ['locked', 'unknown'] },
    written: { verdict: 'locked' },
  },
];

const asked = (mode: string) => `tls @DIR@/site.pem @DIR@/site.key {
    client_auth {
      mode ${mode}
      trusted_ca_cert_file @DIR@/edge-ca.pem
    }
  }`;
const caddy = (...lines: readonly string[]) => `
https://a.test:@TLS@ {
  bind 127.0.0.1
  ${lines.join('\n  ')}
}`;

/** Caddy as people really have it. */
export const ODD_CADDY: readonly Case[] = [
  {
    name: 'a matcher that finds no fingerprint to compare where there is no certificate',
    text: caddy(
      asked('verify_if_given'),
      '@stranger expression `{http.request.tls.client.fingerprint} == ""`',
      'respond @stranger 403',
      'reverse_proxy 127.0.0.1:@APP@',
    ),
    hand: IDENTITY,
    live: { verdict: 'open', refs: ['NE-02'] },
    written: { verdict: ['unknown', 'open'], also: ['NE-02'] },
  },
  {
    name: 'an option that a pin makes a duty, and connections of others aborted',
    text: caddy(
      asked('verify_if_given'),
      '@edge expression `{http.request.tls.client.fingerprint} == "@SHA256@"`',
      'handle @edge {\n    reverse_proxy 127.0.0.1:@APP@\n  }',
      'handle {\n    abort\n  }',
    ),
    hand: IDENTITY,
    live: { verdict: ['locked', 'unknown'] },
    written: { verdict: ['locked', 'unknown'] },
  },
  {
    name: 'an answer for checks of health, and a few words for the rest',
    text: caddy(asked('require_and_verify'), 'respond /health 200', 'respond "Before the build" 200'),
    hand: IDENTITY,
    live: { verdict: 'locked' },
    written: { verdict: 'locked' },
  },
  {
    name: 'an application that answers anew each time, compressed',
    text: caddy(asked('require_and_verify'), 'encode gzip', 'reverse_proxy 127.0.0.1:@APP@'),
    application: 'dynamic',
    hand: IDENTITY,
    live: { verdict: 'locked' },
    written: { verdict: 'locked' },
  },
  {
    name: 'names of a whole zone behind one lock',
    text: caddy(asked('require_and_verify'), 'reverse_proxy 127.0.0.1:@APP@').replace(
      'https://a.test:@TLS@',
      'https://a.test:@TLS@, https://*.a.test:@TLS@',
    ),
    hand: IDENTITY,
    live: { verdict: 'locked' },
    written: { verdict: 'locked' },
  },
];

/** Programs for Node as people really have them. */
export const ODD_NODE: readonly Case[] = [
  {
    name: 'sockets that are not authorized are destroyed',
    text: `const server = https.createServer(
  { ...site, ca: file('edge-ca.pem'), requestCert: true, rejectUnauthorized: false },
  application,
);
server.on('secureConnection', (socket) => {
  if (!socket.authorized) socket.destroy();
});
server.listen(@TLS@, '127.0.0.1');`,
    hand: IDENTITY,
    live: { verdict: ['locked', 'unknown'] },
    written: null,
  },
  {
    name: 'a few words of JSON for whoever is not authorized',
    text: `https.createServer(
  { ...site, ca: file('edge-ca.pem'), requestCert: true, rejectUnauthorized: false },
  (request, response) => {
    if (request.socket.authorized) return application(request, response);
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"certificate required"}');
  },
).listen(@TLS@, '127.0.0.1');`,
    hand: IDENTITY,
    live: { verdict: 'locked' },
    written: null,
  },
  {
    name: 'a few words of JSON for whoever is not authorized, and nothing at hand',
    text: `https.createServer(
  { ...site, ca: file('edge-ca.pem'), requestCert: true, rejectUnauthorized: false },
  (request, response) => {
    if (request.socket.authorized) return application(request, response);
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"certificate required"}');
  },
).listen(@TLS@, '127.0.0.1');`,
    hand: NOTHING,
    live: { verdict: 'unknown' },
    written: null,
  },
  {
    name: 'TLS without HTTP behind it',
    text: `tls.createServer(
  { ...site, ca: file('edge-ca.pem'), requestCert: true, rejectUnauthorized: true },
  (socket) => socket.on('error', () => socket.destroy()).end('220 ready\\r\\n'),
).listen(@TLS@, '127.0.0.1');`,
    hand: NOTHING,
    live: { verdict: ['locked', 'unknown'] },
    written: null,
  },
  {
    name: 'no TLS at all where TLS should be',
    text: `require('node:net').createServer((socket) => socket.on('error', () => socket.destroy()).end('220 ready\\r\\n')).listen(@TLS@, '127.0.0.1');`,
    hand: NOTHING,
    live: { verdict: 'unknown' },
    written: null,
  },
  {
    name: 'plain HTTP where TLS should be',
    text: "http.createServer(application).listen(@TLS@, '127.0.0.1');",
    hand: NOTHING,
    live: { verdict: 'open', also: ['NE-10', 'NE-23', 'NE-01'] },
    written: null,
  },
];

import { type Case, IDENTITY, NEIGHBOUR_NAME, NOTHING, open, TENANTS, unknown } from '../case.ts';

const PROXY = 'location / { proxy_pass http://127.0.0.1:@APP@; }';
const LOCK = 'ssl_client_certificate edge-ca.pem; ssl_verify_client on;';
const site = (inside: string) => `
  server {
    listen 127.0.0.1:@TLS@ ssl;
    server_name a.test;
    ${inside}
  }`;
const reject = 'server { listen 127.0.0.1:@TLS@ ssl default_server; server_name _; ssl_reject_handshake on; }';
const both = (...refs: readonly string[]) => ({ live: open(...refs), written: open(...refs) });

/** Locks of nginx that let somebody in who should stay outside. */
export const NGINX_OPEN: readonly Case[] = [
  { name: 'no lock at all', text: site(PROXY), hand: IDENTITY, ...both('NE-01') },
  { name: 'no lock at all, and nothing at hand', text: site(PROXY), hand: NOTHING, ...both('NE-01') },
  {
    name: 'a socket of the application to which connections are switched, left out of the lock',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    location / { if ($ssl_client_verify != SUCCESS) { return 403; } proxy_pass http://127.0.0.1:@APP@; }
    location /live { proxy_pass http://127.0.0.1:@APP@; proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }`),
    hand: { ...IDENTITY, path: '/live' },
    live: open('NE-28'),
    written: open('NE-05'),
  },
  {
    name: 'a balancer in front that asks nobody, and shows the certificate of the edge for everybody',
    text: `
  server { listen 127.0.0.1:@OTHER@ ssl; server_name a.test; ${LOCK} ${PROXY} }
  server { listen 127.0.0.1:@TLS@ ssl; server_name a.test;
    location / { proxy_pass https://127.0.0.1:@OTHER@; proxy_set_header Host $host;
      proxy_ssl_certificate tenant-a-with-key.pem; proxy_ssl_certificate_key tenant-a-with-key.pem; } }`,
    hand: IDENTITY,
    live: open('NE-01', 'HT-05'),
    written: open('NE-11'),
  },
  {
    name: 'an authority that is named, and verification switched off',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client off; ${PROXY}`),
    hand: IDENTITY,
    live: open('NE-01'),
    written: { verdict: 'open', refs: [], also: ['NE-01', 'NE-17'] },
  },
  {
    name: 'a certificate that is optional',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; ${PROXY}`),
    hand: IDENTITY,
    ...both('NE-02'),
  },
  {
    name: 'a certificate that is optional, and nothing at hand',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; ${PROXY}`),
    hand: NOTHING,
    ...both('NE-02'),
  },
  {
    name: 'a certificate that is optional and not verified',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional_no_ca; ${PROXY}`),
    hand: IDENTITY,
    ...both('NE-03'),
  },
  {
    name: 'a test that turns away only those without any certificate',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional_no_ca;
    if ($ssl_client_verify = NONE) { return 403; }
    ${PROXY}`),
    hand: IDENTITY,
    ...both('NE-04'),
  },
  {
    name: 'a test in one location only, beside the path that is asked for',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    location /admin { if ($ssl_client_verify != SUCCESS) { return 403; } proxy_pass http://127.0.0.1:@APP@; }
    ${PROXY}`),
    hand: IDENTITY,
    ...both('NE-05'),
  },
  {
    name: 'a test in the location that is asked for, and the rest open',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    location = / { if ($ssl_client_verify != SUCCESS) { return 403; } proxy_pass http://127.0.0.1:@APP@; }
    ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'locked', notChecked: [/path/] },
    written: open('NE-05'),
  },
  {
    name: 'an exempted path, which is asked for',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    location = /health { proxy_pass http://127.0.0.1:@APP@; }
    location / { if ($ssl_client_verify != SUCCESS) { return 403; } proxy_pass http://127.0.0.1:@APP@; }`),
    hand: { ...IDENTITY, path: '/health' },
    live: open('NE-05'),
    // Which path is asked for is not written there.
    written: { verdict: ['locked', 'open'], also: ['NE-05'] },
  },
  {
    name: 'an error page that is the application',
    text: site(`${LOCK} error_page 495 496 =200 @fallback; location @fallback { proxy_pass http://127.0.0.1:@APP@; }
    ${PROXY}`),
    hand: IDENTITY,
    ...both('NE-06'),
  },
  {
    name: 'a default server with the same application',
    text: `server { listen 127.0.0.1:@TLS@ ssl default_server; server_name _; ${PROXY} }${site(`${LOCK} ${PROXY}`)}`,
    hand: IDENTITY,
    live: open('NE-07', 'NE-27'),
    written: open('NE-07'),
  },
  {
    name: 'another name with the same application',
    text: `${reject}
  server { listen 127.0.0.1:@TLS@ ssl; server_name b.test; ${PROXY} }${site(`${LOCK} ${PROXY}`)}`,
    hand: NEIGHBOUR_NAME,
    ...both('NE-07'),
  },
  {
    name: 'another name with the same application, which says the name that was asked for',
    text: `${reject}
  server { listen 127.0.0.1:@TLS@ ssl; server_name b.test; location / { proxy_pass http://127.0.0.1:@APP@; proxy_set_header Host $host; } }
  ${site(`${LOCK} location / { proxy_pass http://127.0.0.1:@APP@; proxy_set_header Host $host; }`)}`,
    hand: NEIGHBOUR_NAME,
    application: 'echo',
    live: { verdict: 'open', refs: ['NE-07'] },
    written: open('NE-07'),
  },
  {
    name: 'an authority of partners at the default server, and no name in the handshake',
    text: `server { listen 127.0.0.1:@TLS@ ssl default_server; server_name p.test;
    ssl_client_certificate partner-ca.pem; ssl_verify_client on; return 200 partners; }${site(`${LOCK} ${PROXY}`)}`,
    hand: { ...IDENTITY, foreign: ['partner'] },
    ...both('NE-09'),
  },
  {
    name: 'plain HTTP with the application',
    text: `server { listen 127.0.0.1:@HTTP@; server_name a.test; ${PROXY} }${reject}${site(`${LOCK} ${PROXY}`)}`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    ...both('NE-10'),
  },
  {
    name: 'plain HTTP for every name, found without any identity',
    text: `server { listen 127.0.0.1:@HTTP@; ${PROXY} }${reject}${site(`${LOCK} ${PROXY}`)}`,
    hand: { also: [['HTTP']] },
    ...both('NE-10'),
  },
  {
    name: 'both kinds of listener in the server that is locked',
    text: `${reject}
  server {
    listen 127.0.0.1:@HTTP@;
    listen 127.0.0.1:@TLS@ ssl;
    server_name a.test;
    ssl_client_certificate edge-ca.pem;
    ssl_verify_client optional;
    if ($https = "") { set $pass 1; }
    if ($ssl_client_verify = SUCCESS) { set $pass 1; }
    if ($pass != 1) { return 403; }
    ${PROXY}
  }`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    live: open('NE-10'),
    written: { verdict: 'open', also: ['NE-10', 'NE-02'] },
  },
  {
    name: 'another port without a lock',
    text: `${reject}${site(`${LOCK} ${PROXY}`)}
  server { listen 127.0.0.1:@OTHER@ ssl; server_name a.test; ${PROXY} }`,
    hand: { ...IDENTITY, also: [['OTHER']] },
    ...both('NE-11'),
  },
  {
    name: "the application's own port",
    text: `${reject}${site(`${LOCK} ${PROXY}`)}`,
    hand: { ...IDENTITY, also: [['APP']] },
    live: open('NE-23'),
    written: { verdict: 'locked' },
  },
  {
    name: 'IPv6 in a server without a lock',
    text: `${reject}${site(`${LOCK} ${PROXY}`)}
  server { listen [::1]:@TLS@ ssl; server_name a.test; ${PROXY} }`,
    hand: { ...IDENTITY, also: [['TLS', '::1']] },
    ...both('NE-12'),
  },
  {
    name: 'addresses that will do instead of a certificate',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    set $let 0;
    if ($ssl_client_verify = SUCCESS) { set $let 1; }
    if ($remote_addr ~ "^127\\.") { set $let 1; }
    if ($let = 0) { return 403; }
    ${PROXY}`),
    hand: IDENTITY,
    live: open('NE-22'),
    written: { verdict: 'open', also: ['NE-22', 'NE-02', 'HT-06'] },
  },
  {
    name: 'a list of addresses instead of a certificate',
    text: site(`allow 127.0.0.0/8; deny all; ${PROXY}`),
    hand: IDENTITY,
    live: open('NE-01'),
    written: { verdict: 'open', also: ['NE-01', 'HT-06'] },
  },
  {
    name: 'a secret header instead of a certificate, without which everybody is forbidden',
    text: site(`if ($http_x_origin_secret != "4f2a") { return 403; } ${PROXY}`),
    hand: NOTHING,
    live: unknown('HT-06'),
    written: { verdict: 'open', also: ['NE-01', 'HT-06'] },
  },
  {
    name: 'an authority that serves several customers, of which another comes',
    text: `${reject}${site(`${LOCK} ${PROXY}`)}`,
    hand: TENANTS,
    live: open('TT-04'),
    written: { verdict: 'locked', also: ['TT-04'] },
  },
  {
    name: "the authority for origins' own certificates beside that of the edge",
    text: `${reject}${site(`ssl_client_certificate edge-and-origin.pem; ssl_verify_client on; ${PROXY}`)}`,
    hand: { ...IDENTITY, foreign: ['origin-customer'] },
    live: open('TT-03'),
    written: { verdict: 'locked', refs: ['TT-03'], also: ['TT-07'] },
  },
  {
    name: 'an authority for stapling that callers may use too',
    text: `${reject}${site(`${LOCK} ssl_trusted_certificate partner-ca.pem; ${PROXY}`)}`,
    hand: { ...IDENTITY, foreign: ['partner'] },
    live: open('TT-02'),
    written: { verdict: ['locked', 'open'], refs: ['TT-02'] },
  },
  {
    name: 'a pin whose pattern has no end',
    text: `${reject}${site(`${LOCK} if ($ssl_client_s_dn !~ "CN=tenant-a.edge.test") { return 403; } ${PROXY}`)}`,
    hand: { ...IDENTITY, foreign: ['tenant-a-evil', 'tenant-b'] },
    live: open('TT-05'),
    written: { verdict: 'locked', refs: ['TT-05'] },
  },
  {
    name: 'an issuer that is compared by its name only',
    text: `${reject}${site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional_no_ca;
    if ($ssl_client_i_dn != "CN=Pulls of the edge,O=Edge") { return 403; }
    ${PROXY}`)}`,
    hand: IDENTITY,
    ...both('TT-15'),
  },
  {
    name: 'a header that the caller may send itself',
    text: `${reject}${site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    location / { proxy_pass http://127.0.0.1:@APP@; proxy_set_header X-Edge-Name edge; }`)}`,
    hand: { header: 'X-Edge-Verified' },
    application: 'believing',
    live: open('HT-01'),
    written: { verdict: 'open', also: ['NE-02', 'HT-01'] },
  },
  {
    name: 'a header that is set for the server and lost in a location',
    text: `${reject}${site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    proxy_set_header X-Edge-Verified $ssl_client_verify;
    location / { proxy_pass http://127.0.0.1:@APP@; proxy_set_header Host $host; }`)}`,
    hand: { header: 'X-Edge-Verified' },
    application: 'believing',
    live: open('HT-02'),
    written: { verdict: 'open', refs: ['HT-02'], also: ['NE-02', 'HT-01'] },
  },
  {
    name: 'a header with underscores that passes beside the real one',
    text: `underscores_in_headers on;
  ${reject}${site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    location / { proxy_pass http://127.0.0.1:@APP@; proxy_set_header X-Edge-Verified $ssl_client_verify; }`)}`,
    hand: { header: 'X-Edge-Verified' },
    application: 'folding',
    live: open('HT-03'),
    written: { verdict: 'open', refs: ['HT-03'], also: ['NE-02', 'HT-01'] },
  },
];

import {
  type AtHand,
  type Case,
  type Expected,
  IDENTITY,
  locked,
  NEIGHBOUR_NAME,
  NOTHING,
  open,
  TENANTS,
} from '../case.ts';

const PROXY = 'location / { proxy_pass http://127.0.0.1:@APP@; }';
const LOCK = 'ssl_client_certificate edge-ca.pem; ssl_verify_client on;';
const REJECT = 'server { listen 127.0.0.1:@TLS@ ssl default_server; server_name _; ssl_reject_handshake on; }';
const TIGHT = 'ssl_session_tickets off; ssl_session_cache off;';
const site = (inside: string) => `
  ${REJECT}
  server {
    listen 127.0.0.1:@TLS@ ssl;
    server_name a.test;
    ${TIGHT}
    ${inside}
  }`;
const both = (...refs: readonly string[]) => ({ live: locked(...refs), written: locked(...refs) });
const seen = (live: Expected, written: Expected = live) => ({ live, written });
const authority: AtHand = { ...IDENTITY, authority: 'edge' };

/** Locks of nginx that hold. */
export const NGINX_LOCKED: readonly Case[] = [
  {
    name: 'everything that a lock should have: a pin, no sessions, no default, plain HTTP that redirects',
    text: `
  map $ssl_client_fingerprint $edge_ok { default 0; @SHA1@ 1; }
  server { listen 127.0.0.1:@TLS@ ssl http2 default_server; listen [::1]:@TLS@ ssl http2 default_server;
    server_name _; ssl_session_tickets off; ssl_reject_handshake on; return 421; }
  server {
    listen 127.0.0.1:@TLS@ ssl http2; listen [::1]:@TLS@ ssl http2; server_name a.test;
    ssl_session_tickets off;
    ssl_client_certificate edge-ca.pem; ssl_verify_client on; ssl_verify_depth 1;
    if ($edge_ok = 0) { return 403; }
    location / { proxy_set_header X-Edge-Verified $ssl_client_verify; proxy_pass http://127.0.0.1:@APP@; }
  }
  server { listen 127.0.0.1:@HTTP@ default_server; return 301 https://a.test$request_uri; }`,
    hand: {
      ...TENANTS,
      authority: 'edge',
      revoked: true,
      header: 'X-Edge-Verified',
      also: [['HTTP'], ['TLS', '::1']],
    },
    ...seen({ verdict: 'locked', notChecked: [/HTTP\/3/, /other paths/] }, locked()),
  },
  {
    name: 'the plain lock, which needs the name in the handshake',
    text: site(`${LOCK} ${PROXY}`),
    hand: IDENTITY,
    ...seen(locked('LO-09'), locked()),
  },
  {
    name: 'the plain lock, and nothing at hand',
    text: site(`${LOCK} ${PROXY}`),
    hand: NOTHING,
    ...seen({ verdict: 'locked', notChecked: [/edge.*(?:gets|let) in/, /pin/, /customer/] }, locked()),
  },
  {
    name: 'the plain lock, and only the public half of the identity at hand',
    text: site(`${LOCK} ${PROXY}`),
    hand: { ...IDENTITY, keyless: true },
    ...seen({ verdict: 'locked', notChecked: [/chain.*accepted/] }, locked()),
  },
  {
    name: 'the plain lock under every kind of certificate of its own authority',
    text: site(`${LOCK} ${PROXY}`),
    hand: { ...authority, revoked: true },
    ...seen(locked('TT-11', 'TT-06'), { verdict: 'locked', also: ['TT-11'] }),
  },
  {
    name: 'a lock for all servers at once, in the part that they share',
    text: `ssl_client_certificate edge-ca.pem; ssl_verify_client on;
  server { listen 127.0.0.1:@TLS@ ssl; server_name a.test; ${PROXY} }
  server { listen 127.0.0.1:@TLS@ ssl; server_name b.test; ${PROXY} }`,
    hand: NEIGHBOUR_NAME,
    ...both(),
  },
  {
    name: 'a lock in an included file',
    text: site(`include snippets/*.conf; ${PROXY}`),
    files: { 'snippets/lock.conf': `${LOCK}\n` },
    hand: IDENTITY,
    ...both(),
  },
  {
    name: 'an option that the whole server makes a duty',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    if ($ssl_client_verify != SUCCESS) { return 403; }
    ${PROXY}`),
    hand: IDENTITY,
    ...both(),
  },
  {
    name: 'an option that the whole server makes a duty, and nothing at hand',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
    if ($ssl_client_verify != SUCCESS) { return 403; }
    ${PROXY}`),
    hand: NOTHING,
    // That it is for want of a certificate that everybody is forbidden cannot be seen.
    ...seen({ verdict: 'unknown' }, locked()),
  },
  {
    name: 'a map of verdicts that refuses with a status of its own',
    text: `map $ssl_client_verify $refused { default 1; SUCCESS ""; }${site(`ssl_client_certificate edge-ca.pem;
    ssl_verify_client optional_no_ca;
    if ($refused) { return 444; }
    ${PROXY}`)}`,
    hand: IDENTITY,
    ...both(),
  },
  {
    name: 'a pin by fingerprint',
    text: `map $ssl_client_fingerprint $pinned { default 0; @SHA1@ 1; }${site(`${LOCK}
    if ($pinned = 0) { return 403; } ${PROXY}`)}`,
    hand: { ...TENANTS, authority: 'edge' },
    ...both(),
  },
  {
    name: 'a pin by the whole name',
    text: `map $ssl_client_s_dn $pinned { default 0; "CN=tenant-a.edge.test,O=Callers" 1; }${site(`${LOCK}
    if ($pinned = 0) { return 403; } ${PROXY}`)}`,
    hand: { ...IDENTITY, foreign: ['tenant-b', 'tenant-a-evil'] },
    ...both(),
  },
  {
    name: 'a list of revoked certificates',
    text: site(`${LOCK} ssl_crl edge.crl; ${PROXY}`),
    hand: { ...authority, revoked: true },
    live: { verdict: 'locked', without: ['TT-11'] },
    written: locked(),
  },
  {
    name: 'lists for a whole chain',
    text: site(
      `ssl_client_certificate edge-ca.pem; ssl_verify_client on; ssl_verify_depth 2; ssl_crl chain.crl; ${PROXY}`,
    ),
    hand: { identity: 'via-intermediate' },
    ...both(),
  },
  {
    name: 'the authority of before beside the one in use',
    text: site(`ssl_client_certificate edge-and-old.pem; ssl_verify_client on; ${PROXY}`),
    hand: IDENTITY,
    ...both(),
  },
  {
    name: 'an intermediate beside its root',
    text: site(`ssl_client_certificate edge-and-intermediate.pem; ssl_verify_client on; ssl_verify_depth 2; ${PROXY}`),
    hand: { identity: 'via-intermediate' },
    ...both(),
  },
  {
    name: 'a certificate that is its own authority',
    text: site(`ssl_client_certificate self-signed.pem; ssl_verify_client on; ${PROXY}`),
    hand: { identity: 'self-signed' },
    ...seen(locked(), { verdict: 'locked', also: ['TT-10', 'LO-04', 'LO-02'] }),
  },
  {
    name: 'an error page for the refused that is a fixed file',
    text: site(`${LOCK} error_page 495 496 =403 /blocked.html;
    location = /blocked.html { root @DIR@/www; }
    ${PROXY}`),
    files: { 'www/blocked.html': '<title>Blocked</title><p>Only the edge comes in here.' },
    hand: IDENTITY,
    ...both(),
  },
  {
    name: 'an error page of 400, which is none of a missing certificate',
    text: site(`${LOCK} error_page 400 = /; ${PROXY}`),
    hand: IDENTITY,
    ...seen(locked(), { verdict: 'locked' }),
  },
  {
    name: 'plain HTTP that only redirects',
    text: `${site(`${LOCK} ${PROXY}`)}
  server { listen 127.0.0.1:@HTTP@; server_name a.test; return 301 https://$host$request_uri; }`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    ...both(),
  },
  {
    name: 'plain HTTP that only answers challenges for certificates',
    text: `${site(`${LOCK} ${PROXY}`)}
  server { listen 127.0.0.1:@HTTP@; server_name a.test;
    location /.well-known/acme-challenge/ { root @DIR@/www; }
    location / { return 308 https://a.test$request_uri; } }`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    ...both(),
  },
  {
    name: 'another site with pages of its own that may stay open',
    text: `${site(`${LOCK} ${PROXY}`)}
  server { listen 127.0.0.1:@TLS@ ssl; server_name b.test; location / { proxy_pass http://127.0.0.1:@BLOG@; } }`,
    hand: NEIGHBOUR_NAME,
    ...both(),
  },
  {
    name: 'another site with pages of its own as the default',
    text: `server { listen 127.0.0.1:@TLS@ ssl default_server; server_name b.test; location / { proxy_pass http://127.0.0.1:@BLOG@; } }
  server { listen 127.0.0.1:@TLS@ ssl; server_name a.test; ${LOCK} ${PROXY} }`,
    hand: NEIGHBOUR_NAME,
    ...both(),
  },
  {
    name: 'two authorities on one address, and nobody at the default',
    text: `${site(`${LOCK} ${PROXY}`)}
  server { listen 127.0.0.1:@TLS@ ssl; server_name b.test; ssl_client_certificate partner-ca.pem; ssl_verify_client on;
    location / { proxy_pass http://127.0.0.1:@BLOG@; } }`,
    hand: { ...NEIGHBOUR_NAME, foreign: ['partner'] },
    ...both(),
  },
  {
    name: 'a header that is always set',
    text: site(`ssl_client_certificate edge-ca.pem; ssl_verify_client on;
    location / { proxy_set_header X-Edge-Verified $ssl_client_verify; proxy_set_header X_Edge_Verified "";
      proxy_pass http://127.0.0.1:@APP@; }`),
    hand: { ...IDENTITY, header: 'X-Edge-Verified' },
    application: 'believing',
    ...both(),
  },
  {
    name: 'only TLS 1.3',
    text: site(`ssl_protocols TLSv1.3; ${LOCK} ${PROXY}`).replace(
      'server_name _;',
      'server_name _; ssl_protocols TLSv1.3;',
    ),
    hand: IDENTITY,
    ...seen(locked('LO-10'), { verdict: 'locked' }),
  },
  {
    name: 'only TLS 1.2',
    text: site(`ssl_protocols TLSv1.2; ${LOCK} ${PROXY}`).replace(
      'server_name _;',
      'server_name _; ssl_protocols TLSv1.2;',
    ),
    hand: IDENTITY,
    ...seen(locked('LO-10'), { verdict: 'locked' }),
  },
  {
    name: 'sessions that last, which keep a revoked caller in',
    text: `${REJECT} server { listen 127.0.0.1:@TLS@ ssl; server_name a.test; ssl_session_cache shared:all:1m;
    ${LOCK} ${PROXY} }`,
    hand: IDENTITY,
    ...seen(locked('NE-24', 'LO-15'), { verdict: 'locked' }),
  },
  {
    name: 'early data',
    text: `ssl_early_data on;${site(`${LOCK} ${PROXY}`).replace(TIGHT, '')}`,
    hand: IDENTITY,
    ...both('NE-15'),
  },
  {
    name: 'files of a directory instead of an application',
    text: site(`${LOCK} root @DIR@/www; location / { try_files $uri $uri/ =404; }`),
    hand: IDENTITY,
    ...both(),
  },
  {
    name: 'one authority for all customers of an edge, and nobody at hand who is another',
    text: site(`ssl_client_certificate shared-ca.pem; ssl_verify_client on; ${PROXY}`),
    hand: { identity: 'shared' },
    ...both('TT-04'),
  },
  {
    name: 'hundreds of public authorities, of which nobody is at hand',
    text: site(`ssl_client_certificate bundle.pem; ssl_verify_client on; ssl_verify_depth 3; ${PROXY}`),
    hand: IDENTITY,
    ...seen({ verdict: 'unknown', refs: ['TT-01', 'LO-17'], notChecked: [/public authority/] }, open('TT-01')),
  },
  {
    name: 'a server that only answers under its name, told from one that does not',
    text: `server { listen 127.0.0.1:@TLS@ ssl default_server; server_name ""; ${LOCK} return 421; }
  server { listen 127.0.0.1:@TLS@ ssl; server_name a.test *.a.test; ${LOCK} ${PROXY} }`,
    hand: IDENTITY,
    ...both(),
  },
];

import { type Case, IDENTITY, locked, NEIGHBOUR_NAME, NOTHING, open } from '../case.ts';

const PROXY = 'location / { proxy_pass http://127.0.0.1:@APP@; }';
const REJECT = 'server { listen 127.0.0.1:@TLS@ ssl default_server; server_name _; ssl_reject_handshake on; }';
const server = (inside: string, name = 'a.test') =>
  `server { listen 127.0.0.1:@TLS@ ssl; server_name ${name}; ${inside} }`;
const site = (inside: string) => `${REJECT}\n  ${server(inside)}`;
const LOCK = 'ssl_client_certificate edge-ca.pem; ssl_verify_client on;';
const OPTIONAL = 'ssl_client_certificate edge-ca.pem; ssl_verify_client optional;';
const UNVERIFIED = 'ssl_client_certificate edge-ca.pem; ssl_verify_client optional_no_ca;';
const FALLBACK = 'location @app { proxy_pass http://127.0.0.1:@APP@; }';
const both = (...refs: readonly string[]) => ({ live: open(...refs), written: open(...refs) });
const holds = (...refs: readonly string[]) => ({ live: locked(...refs), written: locked(...refs) });

/** Further ways in which nginx is locked, or is not. */
export const FURTHER_NGINX: readonly Case[] = [
  {
    name: 'an error page for wrong certificates only that is the application',
    text: site(`${LOCK} error_page 495 =200 @app; ${FALLBACK} ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-06', 'NE-04', 'NE-20'] },
    written: open('NE-06'),
  },
  {
    name: 'an error page for the forbidden that is the application',
    text: site(
      `${OPTIONAL} error_page 403 =200 @app; if ($ssl_client_verify != SUCCESS) { return 403; } ${FALLBACK} ${PROXY}`,
    ),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-02', 'NE-06'] },
    written: { verdict: 'open', also: ['NE-02', 'NE-06'] },
  },
  {
    name: 'a mark for whoever must be denied, which nobody looks at',
    text: site(`${OPTIONAL} set $denied 0; if ($ssl_client_verify != SUCCESS) { set $denied 1; } ${PROXY}`),
    hand: IDENTITY,
    ...both('NE-02'),
  },
  {
    name: 'whoever has no certificate gets the end of the connection',
    text: site(`${OPTIONAL} if ($ssl_client_verify != SUCCESS) { return 444; } ${PROXY}`),
    hand: IDENTITY,
    ...holds(),
  },
  {
    name: 'the name of the subject is compared, and nobody verifies it',
    text: site(`${UNVERIFIED} if ($ssl_client_s_dn_legacy !~ "CN=tenant-a.edge.test") { return 403; } ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-03', 'NE-04', 'NE-20', 'TT-15', 'TT-05'] },
    written: { verdict: 'open', also: ['NE-03', 'NE-04', 'NE-20', 'TT-15', 'TT-05'] },
  },
  {
    name: 'the names of issuer and subject are compared, and nobody verifies them',
    text: site(`${UNVERIFIED}
    if ($ssl_client_i_dn !~ "CN=Pulls of the edge") { return 403; }
    if ($ssl_client_s_dn !~ "CN=tenant-a.edge.test") { return 403; }
    ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'open', refs: ['TT-15'] },
    written: { verdict: 'open', also: ['NE-03', 'NE-04', 'NE-20', 'TT-15', 'TT-05'] },
  },
  {
    name: 'the name of an intermediate is compared, and nobody verifies it',
    text: site(`${UNVERIFIED} if ($ssl_client_i_dn !~ "CN=Pulls of the edge.* intermediate") { return 403; } ${PROXY}`),
    hand: { identity: 'via-intermediate' },
    live: { verdict: 'open', refs: ['TT-15'] },
    written: { verdict: 'open', also: ['NE-03', 'NE-04', 'NE-20', 'TT-15', 'TT-05'] },
  },
  {
    name: 'the serial number is compared, and nobody verifies the rest',
    text: site(`${UNVERIFIED} if ($ssl_client_serial != "@SERIAL@") { return 403; } ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-03', 'NE-04', 'NE-20', 'TT-15'] },
    written: { verdict: 'open', also: ['NE-03', 'NE-20', 'TT-15', 'NE-04'] },
  },
  {
    name: 'an error page for plain HTTP at the port of TLS that is the application',
    text: site(`${LOCK} error_page 497 =200 @app; ${FALLBACK} ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-10', 'NE-06'] },
    written: { verdict: 'open', also: ['NE-06', 'NE-10'] },
  },
  {
    name: 'an error page for plain HTTP at the port of TLS that is the application, and nothing at hand',
    text: site(`${LOCK} error_page 497 =200 @app; ${FALLBACK} ${PROXY}`),
    hand: NOTHING,
    live: { verdict: ['open', 'unknown'], also: ['NE-10', 'NE-06'] },
    written: { verdict: 'open', also: ['NE-06', 'NE-10'] },
  },
  {
    name: 'an error page for misdirected requests that is the application',
    text: `${REJECT}
  ${server(`error_page 421 =200 @app; ${FALLBACK} location / { proxy_pass http://127.0.0.1:@BLOG@; }`, 'b.test')}
  ${server(`${LOCK} ${PROXY}`)}`,
    hand: NEIGHBOUR_NAME,
    live: { verdict: 'open', also: ['NE-06', 'NE-08', 'NE-13'] },
    written: { verdict: 'open', also: ['NE-06', 'NE-08'] },
  },
  {
    name: 'a lock for reading, and none for looking at heads',
    text: site(`${OPTIONAL}
    set $who "$request_method:$ssl_client_verify";
    if ($who ~ "^(GET|POST):(NONE|FAILED)") { return 403; }
    ${PROXY}`),
    hand: IDENTITY,
    live: { verdict: ['open', 'locked'], also: ['NE-05', 'NE-02'], notChecked: [/methods/] },
    written: { verdict: ['open', 'unknown'], also: ['NE-05', 'NE-02', 'NE-28', 'NE-22'] },
  },
  {
    name: 'a lock that exempts WebSockets',
    text: `map $http_upgrade $free { default 0; websocket 1; }
  map "$ssl_client_verify:$free" $denied { default 1; "SUCCESS:0" 0; "SUCCESS:1" 0; "NONE:1" 0; }
  ${site(`${OPTIONAL} if ($denied) { return 403; } ${PROXY}`)}`,
    hand: IDENTITY,
    live: { verdict: ['open', 'locked'], notChecked: [/header/] },
    written: { verdict: ['open', 'unknown'], also: ['NE-02', 'NE-28', 'NE-05', 'NE-22'] },
  },
  {
    name: 'an old application that sends everybody to HTTPS, unless a header says that it was HTTPS',
    text: `${site(`${LOCK} location / { proxy_pass http://127.0.0.1:@APP@; proxy_set_header X-Forwarded-Proto https; }`)}
  server { listen 127.0.0.1:@HTTP@; server_name a.test; location / { proxy_pass http://127.0.0.1:@APP@; proxy_set_header Host $host; } }`,
    application: 'secureOnly',
    hand: { ...IDENTITY, also: [['HTTP']] },
    live: { verdict: 'open', refs: ['NE-10'] },
    written: open('NE-10'),
  },
  {
    name: 'plain HTTP that redirects the path that is asked for, and serves another',
    text: `${site(`${LOCK} ${PROXY}`)}
  server { listen 127.0.0.1:@HTTP@; server_name a.test; location = / { return 301 https://$host/; } ${PROXY} }`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    live: { verdict: 'locked', notChecked: [/other paths/] },
    written: open('NE-10'),
  },
  {
    name: 'plain HTTP that redirects only under the name, and serves the application under the address',
    text: `${site(`${LOCK} ${PROXY}`)}
  server { listen 127.0.0.1:@HTTP@; server_name a.test; return 301 https://$host$request_uri; }
  server { listen 127.0.0.1:@HTTP@ default_server; server_name _; ${PROXY} }`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    live: { verdict: 'open', also: ['NE-10', 'NE-07', 'NE-27'] },
    written: { verdict: 'open', also: ['NE-10', 'NE-07', 'NE-27'] },
  },
  {
    name: 'a listener that waits for the PROXY protocol, and addresses that will do',
    text: `${REJECT.replace(' ssl ', ' ssl proxy_protocol ')}
  server { listen 127.0.0.1:@TLS@ ssl proxy_protocol; server_name a.test; ${PROXY} }`,
    hand: NOTHING,
    live: { verdict: ['unknown', 'open'] },
    written: open('NE-01'),
  },
  {
    name: 'a lock that only HTTP/1.1 has',
    text: `${REJECT.replace(' ssl ', ' ssl http2 ')}
  server { listen 127.0.0.1:@TLS@ ssl http2; server_name a.test; ${OPTIONAL}
    set $who "$server_protocol:$ssl_client_verify";
    if ($who ~ "^HTTP/1[.][01]:(NONE|FAILED)") { return 403; }
    ${PROXY} }`,
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-28', 'NE-05', 'NE-02', 'NE-25'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-02', 'NE-05', 'NE-28'] },
  },
  {
    name: 'a lock that a wrong certificate passes over HTTP/2',
    text: `${REJECT.replace(' ssl ', ' ssl http2 ')}
  server { listen 127.0.0.1:@TLS@ ssl http2; server_name a.test; ${UNVERIFIED}
    set $who "$server_protocol:$ssl_client_verify";
    if ($who ~ "^HTTP/1[.][01]:(NONE|FAILED)") { return 403; }
    if ($who ~ "^HTTP/2.0:NONE") { return 403; }
    ${PROXY} }`,
    hand: IDENTITY,
    live: { verdict: 'open', also: ['NE-28', 'NE-20', 'NE-02', 'NE-04', 'NE-03'] },
    written: { verdict: ['open', 'unknown'], also: ['NE-03', 'NE-04', 'NE-20', 'NE-02', 'NE-05'] },
  },
  {
    name: 'an option that browsers alone are let in with',
    text: site(`${OPTIONAL} ${PROXY}`),
    application: 'browsersOnly',
    hand: NOTHING,
    live: { verdict: ['open', 'unknown'], also: ['NE-02'] },
    written: open('NE-02'),
  },
];

import type { AuditRow } from '../audit.fixture.ts';
import { APP, CERT, LOCK, REST, site } from './pieces.fixture.ts';

/** Configurations that lock. */
export const HOLDING: readonly AuditRow[] = [
  [
    'a refusal that says so with 200',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
      if ($ssl_client_verify != SUCCESS) { return 200 "only the edge"; } ${APP}`),
    'locked',
    [],
  ],
  ['verification on', site(`${LOCK} ${APP}`), 'locked', []],
  [
    'a block behind it with no name but the same one, which is never asked',
    `${site(`${LOCK} ${APP}`)} ${site(APP)}`,
    'locked',
    [],
  ],
  ['settings inherited from http', `${LOCK}\n${site(APP)}`, 'locked', []],
  [
    'the whole reference configuration',
    `ssl_session_tickets off;
    map $ssl_client_fingerprint $edge_ok { default 0; 3aa20e9a86bede9610160084066e2f37c75eefa1 1; }
    ${REST}
    server { listen 443 ssl http2; listen [::]:443 ssl http2; server_name a.test; ${CERT} ${LOCK} ssl_verify_depth 1;
      if ($edge_ok = 0) { return 403; }
      location / { proxy_set_header X-Edge-Verified $ssl_client_verify; proxy_pass http://127.0.0.1:3000; } }
    server { listen 80 default_server; listen [::]:80 default_server; return 301 https://a.test$request_uri; }`,
    'locked',
    [],
  ],
  [
    'optional, and refused at the level of the server',
    site(
      `ssl_client_certificate edge-ca.pem; ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 403; } ${APP}`,
    ),
    'locked',
    [],
  ],
  [
    'optional, and only NONE refused: a bad one is refused by nginx itself',
    site(
      `ssl_client_certificate edge-ca.pem; ssl_verify_client optional; if ($ssl_client_verify = NONE) { return 403; } ${APP}`,
    ),
    'locked',
    [],
  ],
  [
    'a verdict through a map, with one path let off by its exact name',
    `map "$ssl_client_verify:$uri" $shut { default 1; "~^SUCCESS:" 0; "NONE:/healthz" 0; }
     ${site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; if ($shut) { return 403; } ${APP}`)}`,
    'locked',
    [],
  ],
  [
    'a variable that is set on the way',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional_no_ca; set $ok 0;
      if ($ssl_client_verify = "SUCCESS") { set $ok 1; } if ($ok != 1) { return 444; } ${APP}`),
    'locked',
    [],
  ],
  [
    'every location refuses for itself',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
      location / { if ($ssl_client_verify != SUCCESS) { return 403; } proxy_pass http://127.0.0.1:3000; }
      location = /health { return 200 ok; }`),
    'locked',
    [],
  ],
  [
    'plain HTTP for certificates and redirects alone',
    `${site(`${LOCK} ${APP}`)} server { listen 80; server_name a.test; root /var/www/acme;
      location /.well-known/acme-challenge/ { try_files $uri =404; } location / { return 301 https://$host$request_uri; } }`,
    'locked',
    [],
  ],
  [
    'another application beside it',
    `${site(`${LOCK} ${APP}`)} server { listen 443 ssl; server_name blog.test; ${CERT} location / { proxy_pass http://127.0.0.1:4000; } }`,
    'locked',
    [],
  ],
  [
    'error pages that are files, and one for plain HTTP that redirects',
    site(`${LOCK} error_page 495 496 =403 /blocked.html; error_page 497 https://$host$request_uri;
      location = /blocked.html { root /usr/share/nginx/html; internal; } ${APP}`),
    'locked',
    [],
  ],
  [
    'an error page for misdirected requests, where nobody can be misdirected to what is locked',
    `${REST} ${site(`${LOCK} error_page 421 =200 @app; location @app { proxy_pass http://127.0.0.1:3000; } ${APP}`)}`,
    'locked',
    [],
  ],
  [
    'an error page for misdirected requests of a site that is alone',
    site(`${LOCK} error_page 421 =200 @app; location @app { proxy_pass http://127.0.0.1:3000; } ${APP}`),
    'locked',
    [],
  ],
  [
    'two authorities, one of them refused with every other name',
    `${REST} ${site(`${LOCK} ${APP}`)} server { listen 443 ssl; server_name b.test; ${CERT}
     ssl_client_certificate other-ca.pem; ssl_verify_client on; location / { proxy_pass http://127.0.0.1:4000; } }`,
    'locked',
    [],
  ],
  [
    'an intermediate beside its root',
    site(`ssl_client_certificate edge-chain.pem; ssl_verify_client on; ${APP}`),
    'locked',
    [],
  ],
  [
    'a self-signed leaf as its own authority',
    site(`ssl_client_certificate self.pem; ssl_verify_client on; ${APP}`),
    'locked',
    [],
  ],
  [
    'an old authority beside the new one',
    site(`ssl_client_certificate rotated.pem; ssl_verify_client on; ${APP}`),
    'locked',
    [],
  ],
  [
    'a file with the line ends of Windows',
    site(`ssl_client_certificate windows.pem; ssl_verify_client on; ${APP}`),
    'locked',
    [],
  ],
  ['revocation lists', site(`${LOCK} ssl_crl edge.crl; ${APP}`), 'locked', []],
  [
    'lists of every authority',
    site(`ssl_client_certificate edge-chain.pem; ssl_verify_client on; ssl_crl chain.crl; ${APP}`),
    'locked',
    [],
  ],
  [
    'stapling with an intermediate that ends no path',
    site(`${LOCK} ssl_trusted_certificate intermediate.pem; ${APP}`),
    'locked',
    [],
  ],
  [
    'a listener of the machine itself',
    `${site(`${LOCK} ${APP}`)} server { listen 127.0.0.1:8080; ${APP} }`,
    'locked',
    [],
  ],
  [
    'a private address that may come without',
    `${site(`${LOCK} ${APP}`)}
     server { listen 8443 ssl; server_name a.test; ${CERT} allow 10.0.0.0/8; deny all; ${APP} }`,
    'locked',
    [],
  ],
  [
    'Lua with braces in its strings',
    site(
      `${LOCK} location / { access_by_lua_block { local a = "}" -- }\n local b = [[ } ]] } proxy_pass http://127.0.0.1:3000; }`,
    ),
    'locked',
    [],
  ],
];

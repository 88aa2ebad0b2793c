import type { AuditRow } from '../audit.fixture.ts';
import { APP, CERT, LOCK, site } from './pieces.fixture.ts';

/** Configurations that let strangers in. */
export const OPEN: readonly AuditRow[] = [
  [
    'NE-07 a block behind it with the same name and another one',
    `${site(`${LOCK} ${APP}`)} server { listen 443 ssl; server_name a.test b.test; ${CERT} ${APP} }`,
    'open',
    ['open_sibling'],
  ],
  [
    'NE-06 an error page for plain HTTP at the port of TLS',
    site(`${LOCK} error_page 497 =200 @app; location @app { proxy_pass http://127.0.0.1:3000; } ${APP}`),
    'open',
    ['error_page'],
  ],
  [
    'NE-08 an error page for misdirected requests, in a site with an application of its own',
    `${site(`${LOCK} ${APP}`)} server { listen 443 ssl; server_name b.test; ${CERT} error_page 421 =200 @app;
     location @app { proxy_pass http://127.0.0.1:3000; } location / { proxy_pass http://127.0.0.1:4000; } }`,
    'open',
    ['name_mismatch'],
  ],
  [
    'NE-08 an error page for misdirected requests, in a site that asks for certificates itself',
    `server { listen 443 ssl; server_name a.test www.a.test; ${CERT} ${LOCK} error_page 421 =200 @app;
     location @app { proxy_pass http://127.0.0.1:3000; } ${APP} }
     server { listen 443 ssl; server_name c.test; ${CERT} return 404; }`,
    'open',
    ['name_mismatch'],
  ],
  ['NE-01 nothing is asked', site(APP), 'open', ['not_asked']],
  ['NE-01 an authority, and nothing asked', site(`ssl_client_certificate edge-ca.pem; ${APP}`), 'open', ['not_asked']],
  ['NE-01 switched off again in the server', `${LOCK} ${site(`ssl_verify_client off; ${APP}`)}`, 'open', ['not_asked']],
  [
    'NE-02 optional',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; ${APP}`),
    'open',
    ['optional'],
  ],
  ['NE-03 optional_no_ca', site(`ssl_verify_client optional_no_ca; ${APP}`), 'open', ['unverified']],
  [
    'NE-04 NONE alone is refused',
    site(`ssl_verify_client optional_no_ca; if ($ssl_client_verify = NONE) { return 403; } ${APP}`),
    'open',
    ['tests_for_none_only'],
  ],
  [
    'NE-05 one location',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
     location /admin { if ($ssl_client_verify != SUCCESS) { return 403; } proxy_pass http://127.0.0.1:3000; } ${APP}`),
    'open',
    ['some_paths_only'],
  ],
  [
    'NE-05 a nested location forgets it',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
     location / { if ($ssl_client_verify != SUCCESS) { return 403; } proxy_pass http://127.0.0.1:3000;
       location /api/ { proxy_pass http://127.0.0.1:3000; } }`),
    'open',
    ['some_paths_only'],
  ],
  [
    'NE-05 a pattern of paths in the server',
    site(
      `ssl_client_certificate edge-ca.pem; ssl_verify_client optional; set $shut "";
     if ($uri ~ ^/admin) { set $shut A; } if ($ssl_client_verify != SUCCESS) { set $shut "$\{shut}B"; } if ($shut = AB) { return 403; } ${APP}`.replace(
        '\\',
        '',
      ),
    ),
    'open',
    ['some_paths_only'],
  ],
  [
    'NE-05 the program behind the files',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; root /srv/www;
     location / { if ($ssl_client_verify != SUCCESS) { return 403; } try_files $uri /index.php; }
     location ~ \\.php$ { fastcgi_pass unix:/run/php.sock; }`),
    'open',
    ['some_paths_only'],
  ],
  [
    'NE-06 an error page that is the application',
    site(`${LOCK} error_page 495 496 =200 @app; location @app { proxy_pass http://127.0.0.1:3000; } ${APP}`),
    'open',
    ['error_page'],
  ],
  ['NE-06 through a path', site(`${LOCK} error_page 496 /welcome; ${APP}`), 'open', ['error_page']],
  [
    'NE-06 around a refusal of its own',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 403; }
     error_page 403 = @app; location @app { proxy_pass http://127.0.0.1:3000; } ${APP}`),
    'open',
    ['error_page'],
  ],
  [
    'NE-07 another name for the same',
    `${site(`${LOCK} ${APP}`)} server { listen 443 ssl; server_name b.test; ${CERT} ${APP} }`,
    'open',
    ['open_sibling'],
  ],
  [
    'NE-07 the same through an upstream',
    `upstream app { server localhost:3000; } ${site(`${LOCK} location / { proxy_pass http://app; }`)}
     server { listen 443 ssl default_server; ${CERT} ${APP} }`,
    'open',
    ['open_sibling'],
  ],
  [
    'NE-07 the same files',
    `${site(`${LOCK} root /srv/www/;`)} server { listen 443 ssl; server_name b.test; ${CERT} root /srv/www; }`,
    'open',
    ['open_sibling'],
  ],
  [
    'NE-09 the default server trusts another',
    `server { listen 443 ssl default_server; server_name b.test; ${CERT} ssl_client_certificate other-ca.pem; ssl_verify_client on;
     location / { proxy_pass http://127.0.0.1:4000; } } ${site(`${LOCK} ${APP}`)}`,
    'open',
    ['two_authorities'],
  ],
  [
    'NE-10 port 80',
    `${site(`${LOCK} ${APP}`)} server { listen 80; server_name a.test; ${APP} }`,
    'open',
    ['plain_http'],
  ],
  ['NE-10 the same server without TLS', site(`${LOCK} ${APP}`, 'listen 443 ssl; listen 80;'), 'open', ['plain_http']],
  [
    'NE-11 another port',
    `${site(`${LOCK} ${APP}`)} server { listen 8443 ssl; server_name a.test; ${CERT} ${APP} }`,
    'open',
    ['other_port'],
  ],
  [
    'NE-12 IPv6 in another server',
    `${site(`${LOCK} ${APP}`)} server { listen [::]:443 ssl; server_name a.test; ${CERT} ${APP} }`,
    'open',
    ['ipv6_open'],
  ],
  [
    'NE-22 a local address instead, in the words of conditions',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; set $let 0;
      if ($ssl_client_verify = SUCCESS) { set $let 1; } if ($remote_addr ~ "^127\\.") { set $let 1; } if ($let = 0) { return 403; } ${APP}`),
    'open',
    ['or_instead_of_and'],
  ],
  [
    'NE-22 an address instead',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; location / { satisfy any; allow 198.51.100.0/24; deny all; auth_basic x;
     proxy_pass http://127.0.0.1:3000; }`),
    'open',
    ['or_instead_of_and'],
  ],
  [
    'NE-25 QUIC in a server of its own',
    `${site(`${LOCK} ${APP}`)} server { listen 443 quic; server_name a.test; ${CERT} ${APP} }`,
    'open',
    ['http3'],
  ],
  [
    'NE-23 the application is nginx too, and reached by others',
    `${site(`${LOCK} location / { proxy_pass http://127.0.0.1:8080; }`)} server { listen 8080; root /srv/www; }`,
    'open',
    ['application_port'],
  ],
  [
    'TT-01 authorities of the web',
    site(`ssl_client_certificate public-and-edge.pem; ssl_verify_client on; ${APP}`),
    'open',
    ['public_authorities'],
  ],
  [
    'TT-02 more authorities by way of stapling',
    site(`${LOCK} ssl_trusted_certificate other-ca.pem; ${APP}`),
    'open',
    ['more_authorities'],
  ],
  [
    'TT-15 the issuer by its name',
    site(`ssl_verify_client optional_no_ca; if ($ssl_client_i_dn != "CN=edge root,O=Lab") { return 403; } ${APP}`),
    'open',
    ['issuer_by_name'],
  ],
  [
    'HT-02 a header lost on the way',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; proxy_set_header X-Edge-Verified $ssl_client_verify;
     location / { proxy_set_header Host $host; proxy_pass http://127.0.0.1:3000; }`),
    'open',
    ['header_inheritance', 'optional'],
  ],
  [
    'HT-01 a header set elsewhere only',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
     location /api { proxy_set_header X-Edge-Verified $ssl_client_verify; proxy_pass http://127.0.0.1:3000; } ${APP}`),
    'open',
    ['header_passed', 'optional'],
  ],
  [
    'HT-03 underscores',
    `underscores_in_headers on; ${site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
     location / { proxy_set_header X-Edge-Verified $ssl_client_verify; proxy_pass http://127.0.0.1:3000; }`)}`,
    'open',
    ['header_underscore', 'optional'],
  ],
  ['HT-06 addresses alone', site(`allow 198.51.100.0/24; deny all; ${APP}`), 'open', ['not_a_lock', 'not_asked']],
  [
    'HT-06 addresses in a table',
    `geo $cdn { default 0; 198.51.100.0/24 1; } ${site(`if ($cdn = 0) { return 403; } ${APP}`)}`,
    'open',
    ['not_a_lock', 'not_asked'],
  ],
  [
    'HT-06 a secret header',
    site(`if ($http_x_origin_secret != "s3cr3t") { return 403; } ${APP}`),
    'open',
    ['not_a_lock', 'not_asked'],
  ],
];

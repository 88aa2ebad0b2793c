import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Verdict } from '../../../domain/verdict.ts';
import { audited, auditFiles, grave, overall } from '../audit.fixture.ts';

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles();
});

const CERT = 'ssl_certificate site.pem; ssl_certificate_key site.key;';
const APP = 'location / { proxy_pass http://127.0.0.1:3000; }';
const LOCK = 'ssl_client_certificate edge-ca.pem; ssl_verify_client on;';
const REST = 'server { listen 443 ssl default_server; server_name _; ssl_reject_handshake on; return 421; }';

/** `http { }` with one locked site, and whatever stands beside it. */
function http(inner: string): string {
  return `events {}\nhttp {\n${inner}\n}\n`;
}

function site(inner: string, listen = 'listen 443 ssl;'): string {
  return `server { ${listen} server_name a.test; ${CERT}\n${inner}\n}`;
}

type Case = readonly [
  title: string,
  text: string,
  verdict: Verdict,
  grave: readonly string[],
  also?: readonly string[],
];

const HOLDS: readonly Case[] = [
  ['verification on', site(`${LOCK} ${APP}`), 'locked', []],
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

const OPEN: readonly Case[] = [
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
    'NE-22 an address instead',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; location / { satisfy any; allow 198.51.100.0/24; deny all; auth_basic x;
     proxy_pass http://127.0.0.1:3000; }`),
    'open',
    ['optional', 'or_instead_of_and'],
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

const BROKEN: readonly Case[] = [
  [
    'LO-01 the file is not there',
    site(`ssl_client_certificate nowhere.pem; ssl_verify_client on; ${APP}`),
    'broken',
    ['ca_file_missing'],
  ],
  ['LO-01 no file is named', site(`ssl_verify_client on; ${APP}`), 'broken', ['ca_file_missing']],
  [
    'LO-02 empty',
    site(`ssl_client_certificate empty.pem; ssl_verify_client on; ${APP}`),
    'broken',
    ['ca_file_unusable'],
  ],
  [
    'LO-02 a web page',
    site(`ssl_client_certificate page.pem; ssl_verify_client on; ${APP}`),
    'broken',
    ['ca_file_unusable'],
  ],
  ['LO-02 torn', site(`ssl_client_certificate torn.pem; ssl_verify_client on; ${APP}`), 'broken', ['ca_file_unusable']],
  [
    'LO-02 joined without a line end',
    site(`ssl_client_certificate joined.pem; ssl_verify_client on; ${APP}`),
    'broken',
    ['ca_file_unusable'],
  ],
  [
    'LO-02 a byte order mark',
    site(`ssl_client_certificate marked.pem; ssl_verify_client on; ${APP}`),
    'broken',
    ['ca_file_unusable'],
  ],
  [
    'LO-05 expired',
    site(`ssl_client_certificate expired.pem; ssl_verify_client on; ${APP}`),
    'broken',
    ['authority_expired'],
  ],
  ['LO-06 a list past its end', site(`${LOCK} ssl_crl stale.crl; ${APP}`), 'broken', ['revocation_stale']],
  [
    'LO-06 no list of the intermediate',
    site(`ssl_client_certificate edge-chain.pem; ssl_verify_client on; ssl_crl edge.crl; ${APP}`),
    'broken',
    ['revocation_stale'],
  ],
  [
    'TT-03 the authority for servers',
    site(`ssl_client_certificate origin-ca.pem; ssl_verify_client on; ${APP}`),
    'broken',
    ['origin_ca'],
  ],
  [
    'TT-08 too short',
    site(`ssl_client_certificate edge-long.pem; ssl_verify_client on; ${APP}`),
    'broken',
    ['depth_too_small'],
  ],
  [
    'TT-10 a leaf',
    site(`ssl_client_certificate leaf.pem; ssl_verify_client on; ${APP}`),
    'broken',
    ['leaf_as_authority'],
  ],
  [
    'TT-10 an intermediate',
    site(`ssl_client_certificate intermediate.pem; ssl_verify_client on; ${APP}`),
    'broken',
    ['leaf_as_authority'],
  ],
  [
    'verification off, and its result asked for',
    site(`if ($ssl_client_verify != SUCCESS) { return 403; } ${APP}`),
    'broken',
    ['edge_refused'],
  ],
  [
    'one server that does not start keeps all from starting',
    `${site(APP)} server { listen 443 ssl; server_name b.test; ${CERT} ssl_client_certificate nowhere.pem; ssl_verify_client on; }`,
    'broken',
    ['ca_file_missing'],
  ],
];

const FINDINGS: readonly Case[] = [
  [
    'TT-04 the certificate that all share',
    site(`ssl_client_certificate pull-ca.pem; ssl_verify_client on; ${APP}`),
    'locked',
    ['shared_identity'],
  ],
  [
    'TT-01 a crowd',
    site(`ssl_client_certificate many.pem; ssl_verify_client on; ${APP}`),
    'locked',
    ['public_authorities'],
  ],
  [
    'TT-07 the issuer of the server',
    site(`ssl_client_certificate company-ca.pem; ssl_verify_client on; ${APP}`),
    'locked',
    ['shared_authority'],
  ],
  [
    'TT-05 a loose pin',
    site(`${LOCK} if ($ssl_client_s_dn !~ "CN=edge.test") { return 403; } ${APP}`),
    'locked',
    ['loose_pin'],
  ],
  [
    'TT-05 a loose pin in a table',
    `map $ssl_client_s_dn $pinned { default 0; "~CN=edge" 1; } ${site(`${LOCK} if ($pinned = 0) { return 403; } ${APP}`)}`,
    'locked',
    ['loose_pin'],
  ],
  [
    'an exact pin',
    `map $ssl_client_s_dn $pinned { default 0; "CN=edge,O=x" 1; } ${site(`${LOCK} if ($pinned = 0) { return 403; } ${APP}`)}`,
    'locked',
    [],
  ],
  [
    'an anchored pin',
    site(`${LOCK} if ($ssl_client_s_dn !~ "^CN=edge\\\\.test,O=x$") { return 403; } ${APP}`),
    'locked',
    [],
  ],
  ['NE-15 early data', `ssl_early_data on; ${site(`${LOCK} ${APP}`)}`, 'locked', [], ['early_data']],
  ['NE-24 a cache', `ssl_session_cache shared:SSL:10m; ${site(`${LOCK} ${APP}`)}`, 'locked', [], ['lasting_sessions']],
  [
    'NE-24 a key of tickets',
    site(`${LOCK} ssl_session_ticket_key ticket.key; ${APP}`),
    'locked',
    [],
    ['lasting_sessions'],
  ],
  ['LO-10 one version', site(`${LOCK} ssl_protocols TLSv1.3; ${APP}`), 'locked', [], ['tls_version']],
  [
    'LO-11 signatures of another kind',
    site(`${LOCK} ssl_conf_command ClientSignatureAlgorithms RSA-PSS+SHA256:RSA+SHA256; ${APP}`),
    'broken',
    ['key_kind'],
  ],
  ['TT-08 too long', site(`${LOCK} ssl_verify_depth 9; ${APP}`), 'locked', [], ['depth_too_great']],
  [
    'LO-05 ending',
    site(`ssl_client_certificate ending.pem; ssl_verify_client on; ${APP}`),
    'locked',
    [],
    ['authority_ending'],
  ],
  ['TT-11 no lists', site(`${LOCK} ${APP}`), 'locked', [], ['no_revocation']],
  [
    'told to the application',
    site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional;
     location / { proxy_set_header X-Edge-Verified $ssl_client_verify; proxy_pass http://127.0.0.1:3000; }`),
    'unknown',
    [],
    ['left_to_application'],
  ],
  ['a part that is not there', site(`${LOCK} include nowhere.conf; ${APP}`), 'unknown', [], ['unread_configuration']],
  [
    'a script that decides',
    `js_set $ok main.ok; ${site(`ssl_client_certificate edge-ca.pem; ssl_verify_client optional; if ($ok = 0) { return 403; } ${APP}`)}`,
    'unknown',
    [],
  ],
];

describe('nginx: below HTTP', () => {
  const lock = (verify: string) =>
    `events {} stream { server { listen 443 ssl; ${CERT} ssl_client_certificate edge-ca.pem; ssl_verify_client ${verify}; proxy_pass 127.0.0.1:3000; } }`;
  for (const [title, text, verdict, expected] of [
    ['a lock of its own', lock('on'), 'locked', []],
    ['NE-02 optional', lock('optional'), 'open', ['optional']],
    [
      'NE-23 around a lock',
      `${http(site(`${LOCK} ${APP}`))} stream { server { listen 4443; proxy_pass 127.0.0.1:3000; } }`,
      'open',
      ['application_port'],
    ],
    [
      'passed on to the lock itself',
      `${http(site(`${LOCK} ${APP}`, 'listen 8443 ssl;'))} stream { map $ssl_preread_server_name $to { default 127.0.0.1:8443; }
        server { listen 443; ssl_preread on; proxy_pass $to; } }`,
      'locked',
      [],
    ],
  ] as const) {
    test(title, () => {
      const reading = audited(files, { server: 'nginx', text });
      assert.deepEqual({ verdict: overall(reading), grave: grave(reading) }, { verdict, grave: [...expected] });
    });
  }
});

describe('nginx: names that are given', () => {
  const both = http(
    `${site(`${LOCK} ${APP}`)} server { listen 443 ssl; server_name open.test; ${CERT} location / { proxy_pass http://127.0.0.1:4000; } }`,
  );

  test('are judged, whatever the configuration means to lock', () => {
    const reading = audited(files, { server: 'nginx', text: both, hosts: ['open.test'] });
    assert.deepEqual([overall(reading), grave(reading)], ['open', ['not_asked']]);
    assert.deepEqual([...new Set(reading.claims.map(({ host }) => host))], ['open.test']);
  });

  test('and those that no site has are answered by the default server', () => {
    const reading = audited(files, { server: 'nginx', text: both, hosts: ['unknown.test'] });
    assert.deepEqual(
      reading.claims.map(({ verdict, where }) => [verdict, where.line]),
      [['locked', 3]],
    );
  });
});

test('a finding says where it is, also in an included file', () => {
  const more = new Map([['/etc/lab/sites/b.conf', `\n\n${site(APP)}`]]);
  const reading = audited(files, { server: 'nginx', text: http('include sites/*.conf;'), more });
  assert.deepEqual(reading.findings[0]?.where, { file: '/etc/lab/sites/b.conf', line: 3 });
});

for (const [name, cases] of Object.entries({ HOLDS, OPEN, BROKEN, FINDINGS })) {
  describe(`nginx: ${name.toLowerCase()}`, () => {
    for (const [title, text, verdict, expected, also = []] of cases) {
      test(title, () => {
        const reading = audited(files, { server: 'nginx', text: http(text) });
        assert.ok(reading.claims.length > 0, 'nothing is claimed');
        assert.deepEqual(
          { verdict: overall(reading), grave: grave(reading) },
          { verdict, grave: [...expected].sort() },
          JSON.stringify(reading, null, 1),
        );
        const codes = reading.findings.map(({ code }) => code);
        for (const code of also)
          assert.ok(
            codes.some((one) => one === code),
            `${code} is missing in ${codes.join(' ')}`,
          );
      });
    }
  });
}

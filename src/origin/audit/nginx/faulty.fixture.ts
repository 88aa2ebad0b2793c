import type { AuditRow } from '../audit.fixture.ts';
import { APP, CERT, LOCK, site } from './pieces.fixture.ts';

/** Configurations that keep the edge out. */
export const BROKEN: readonly AuditRow[] = [
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

/** Those with something to say of them. */
export const REMARKED: readonly AuditRow[] = [
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

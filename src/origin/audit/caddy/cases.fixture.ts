import type { AuditRow } from '../audit.fixture.ts';

function tls(auth: string): string {
  return `\ttls site.pem site.key${auth === '' ? '' : ` {\n\t\tclient_auth {\n\t\t\t${auth}\n\t\t}\n\t}`}`;
}

const LOCK = 'mode require_and_verify\n\t\t\ttrusted_ca_cert_file edge-ca.pem';
const APP = '\treverse_proxy 127.0.0.1:3000';

function site(auth: string, inner = APP, address = 'a.test'): string {
  return `${address} {\n${tls(auth)}\n${inner}\n}\n`;
}

const PINNED = `\t@edge expression \`{http.request.tls.client.fingerprint} == "ab12"\`
\thandle @edge {\n\t${APP}\n\t}\n\thandle {\n\t\trespond 403\n\t}`;

/** Caddyfiles that lock. */
export const HOLDING: readonly AuditRow[] = [
  [
    'a header that is added behind the lock',
    site(LOCK, `\trequest_header +X-Edge-Verified SUCCESS\n${APP}`),
    'locked',
    [],
  ],
  ['required and verified', site(LOCK), 'locked', []],
  ['the mode left out', site('trusted_ca_cert_file edge-ca.pem'), 'locked', []],
  [
    'the reference configuration',
    `{\n\tservers {\n\t\tstrict_sni_host on\n\t\tprotocols h1 h2\n\t}\n}\n${site(LOCK, PINNED)}`,
    'locked',
    [],
  ],
  ['a leaf as its own authority', site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file leaf.pem'), 'locked', []],
  ['an intermediate alone', site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file intermediate.pem'), 'locked', []],
  ['any certificate, and a list of leaves', site('mode require\n\t\t\ttrusted_leaf_cert_file leaf.pem'), 'locked', []],
  ['plain HTTP that redirects', `${site(LOCK)}http://a.test {\n\tredir https://{host}{uri}\n}\n`, 'locked', []],
  [
    'plain HTTP with a single path',
    `${site(LOCK)}http://a.test {\n\trespond /health 200\n\trespond 404\n}\n`,
    'locked',
    [],
  ],
  [
    'another application beside it',
    `${site(LOCK)}${site('', '\treverse_proxy 127.0.0.1:4000', 'b.test')}`,
    'locked',
    [],
  ],
  [
    'a snippet',
    `(lock) {\n\ttls site.pem site.key {\n\t\tclient_auth {\n\t\t\tmode {args.0}\n\t\t\ttrusted_ca_cert_file edge-ca.pem\n\t\t}\n\t}\n}\na.test {\n\timport lock require_and_verify\n${APP}\n}\n`,
    'locked',
    [],
  ],
  [
    'asked for, and refused without',
    site('mode request', `\t@none expression \`{tls_client_fingerprint} != "ab12"\`\n\trespond @none 403\n${APP}`),
    'locked',
    [],
  ],
  [
    'strict off, and nobody else there',
    `{\n\tservers {\n\t\tstrict_sni_host insecure_off\n\t}\n}\n${site(LOCK)}`,
    'locked',
    [],
  ],
];

const IF_GIVEN = 'mode verify_if_given\n\t\t\ttrusted_ca_cert_file edge-ca.pem';
const SUBJECT = '{http.request.tls.client.subject}';
const proxied = (...lines: readonly string[]) =>
  `\treverse_proxy 127.0.0.1:3000 {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}`;

/** Those that let strangers in and tell the application of certificates: what it hears may be the stranger's own word. */
export const TELLING: readonly AuditRow[] = [
  [
    'HT-01 added to what the caller says',
    site(IF_GIVEN, `\trequest_header +X-Edge-Verified ${SUBJECT}\n${APP}`),
    'open',
    ['header_passed', 'optional'],
  ],
  [
    'HT-01 added where it is handed on',
    site(IF_GIVEN, proxied(`header_up +X-Edge-Verified ${SUBJECT}`)),
    'open',
    ['header_passed', 'optional'],
  ],
  [
    'HT-01 set for one path, and not for the rest',
    site(IF_GIVEN, `\trequest_header /admin* X-Edge-Verified ${SUBJECT}\n${APP}`),
    'open',
    ['header_only_on_success', 'optional'],
  ],
  [
    'HT-04 set on success only',
    site(
      IF_GIVEN,
      `\t@edge expression \`{http.request.tls.client.fingerprint} == "ab12"\`\n\trequest_header @edge X-Edge-Verified SUCCESS\n${APP}`,
    ),
    'open',
    ['header_only_on_success', 'optional'],
  ],
  [
    'HT-04 changed where it is there',
    site(IF_GIVEN, `\trequest_header X-Edge-Verified ^ ${SUBJECT}\n${APP}`),
    'open',
    ['header_passed', 'optional'],
  ],
  [
    'HT-03 set always, in one spelling',
    site(IF_GIVEN, proxied(`header_up X-Edge-Verified ${SUBJECT}`)),
    'open',
    ['header_underscore', 'optional'],
  ],
  [
    'set always, and the other spelling taken away',
    site(IF_GIVEN, proxied(`header_up X-Edge-Verified ${SUBJECT}`, 'header_up -X_Edge_Verified')),
    'open',
    ['optional'],
  ],
  [
    'every spelling taken away first, and set on success',
    site(
      IF_GIVEN,
      `\t@edge expression \`{http.request.tls.client.fingerprint} == "ab12"\`\n\trequest_header -*Verified\n\trequest_header @edge X-Edge-Verified SUCCESS\n${APP}`,
    ),
    'open',
    ['optional'],
  ],
  [
    'on the way to a fixed text, which hears nothing',
    site(IF_GIVEN, `\trequest_header +X-Edge-Verified ${SUBJECT}\n\trespond "hello"`),
    'open',
    ['optional'],
  ],
];

/** Those that let strangers in. */
export const OPEN: readonly AuditRow[] = [
  ['NE-01 nothing is asked', site(''), 'open', ['not_asked']],
  ['NE-02 request', site('mode request'), 'open', ['unverified']],
  [
    'NE-02 verified if given',
    site('mode verify_if_given\n\t\t\ttrusted_ca_cert_file edge-ca.pem'),
    'open',
    ['optional'],
  ],
  [
    'NE-02 a placeholder that is not set is not empty',
    site(
      'mode verify_if_given\n\t\t\ttrusted_ca_cert_file edge-ca.pem',
      `\t@none expression \`{http.request.tls.client.fingerprint} == ""\`\n\trespond @none 403\n${APP}`,
    ),
    'open',
    ['optional'],
  ],
  [
    'NE-04 only none is refused',
    site(
      'mode request',
      `\t@none not expression \`{http.request.tls.client.fingerprint}.matches(".+")\`\n\trespond @none 403\n${APP}`,
    ),
    'open',
    ['tests_for_none_only'],
  ],
  [
    'NE-05 one path',
    site(
      'mode request',
      `\t@bad {\n\t\tpath /admin*\n\t\tnot expression \`{http.request.tls.client.fingerprint} == "ab12"\`\n\t}\n\trespond @bad 403\n${APP}`,
    ),
    'open',
    ['some_paths_only'],
  ],
  [
    'NE-06 errors are answered by the application',
    site(
      'mode request',
      `\t@none expression \`{http.request.tls.client.fingerprint} != "ab12"\`\n\terror @none 403\n${APP}\n\thandle_errors {\n\t${APP}\n\t}`,
    ),
    'open',
    ['error_page'],
  ],
  ['NE-07 another name for the same', `${site(LOCK)}${site('', APP, 'b.test')}`, 'open', ['open_sibling']],
  ['NE-07 every name', `${site(LOCK)}${site('', APP, 'https://')}`, 'open', ['open_sibling']],
  [
    'NE-08 strict off',
    `{\n\tservers {\n\t\tstrict_sni_host insecure_off\n\t}\n}\n${site(LOCK)}${site('', '\treverse_proxy 127.0.0.1:4000', 'b.test')}`,
    'open',
    ['name_mismatch'],
  ],
  ['NE-10 plain HTTP', `${site(LOCK)}http://a.test {\n${APP}\n}\n`, 'open', ['plain_http']],
  ['NE-10 plain HTTP for every name', `${site(LOCK)}:80 {\n${APP}\n}\n`, 'open', ['plain_http']],
  ['NE-11 another port', `${site(LOCK)}${site('', APP, 'a.test:8443')}`, 'open', ['other_port']],
  ['NE-20 any certificate', site('mode require'), 'open', ['any_certificate']],
  [
    'NE-20 an empty mode and no authority',
    site('mode require\n\t\t\ttrusted_ca_cert_file edge-ca.pem'),
    'open',
    ['any_certificate'],
  ],
  ['TT-01 the authorities of the system', site('mode require_and_verify'), 'open', ['public_authorities']],
  [
    'TT-01 authorities of the web',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file public.pem'),
    'open',
    ['old_authority', 'public_authorities'],
  ],
  [
    'HT-06 addresses alone',
    site('', `\t@edge remote_ip 198.51.100.0/24\n\thandle @edge {\n\t${APP}\n\t}\n\thandle {\n\t\tabort\n\t}`),
    'open',
    ['not_a_lock', 'not_asked'],
  ],
];

/** Those that keep the edge out, or have something to say of them. */
export const FAULTY: readonly AuditRow[] = [
  [
    'TT-01 a leaf without its authority',
    site('mode require_and_verify\n\t\t\ttrusted_leaf_cert_file leaf.pem'),
    'broken',
    ['public_authorities'],
  ],
  [
    'TT-03 the authority for servers',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file origin-ca.pem'),
    'broken',
    ['origin_ca'],
  ],
  [
    'TT-04 the shared one',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file pull-ca.pem'),
    'locked',
    ['shared_identity'],
  ],
  [
    'TT-05 a loose pin',
    site(LOCK, PINNED.replace('fingerprint} == "ab12"', 'subject}.contains("CN=edge")')),
    'locked',
    ['loose_pin'],
  ],
  [
    'LO-01 not there',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file nowhere.pem'),
    'broken',
    ['ca_file_missing'],
  ],
  [
    'LO-02 empty',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file empty.pem'),
    'broken',
    ['ca_file_unusable'],
  ],
  [
    'LO-03 the second of a file',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file both.pem'),
    'locked',
    ['old_authority'],
  ],
  [
    'LO-05 expired',
    site('mode require_and_verify\n\t\t\ttrusted_ca_cert_file expired.pem'),
    'broken',
    ['authority_expired'],
  ],
  [
    'LO-10 one version',
    site(LOCK).replace('\t\tclient_auth', '\t\tprotocols tls1.3\n\t\tclient_auth'),
    'locked',
    [],
    ['tls_version'],
  ],
  ['TT-11 no lists', site(LOCK), 'locked', [], ['no_revocation']],
  ['no certificate is asked for, and one is wanted', site('', PINNED), 'broken', ['edge_refused']],
  ['an import that is not there', site(`${LOCK}\n\t\t\timport nowhere`), 'unknown', []],
];

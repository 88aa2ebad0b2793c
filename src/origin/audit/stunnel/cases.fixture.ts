import type { AuditRow } from '../audit.fixture.ts';

/** A service between 443 and an application. */
export function service(lines: string, name = 'site', accept = '443'): string {
  return `[${name}]\naccept = ${accept}\nconnect = 127.0.0.1:3000\ncert = site.pem\nkey = site.key\n${lines}\n`;
}

const LOCK = 'CAfile = edge-ca.pem\nverifyChain = yes\n';

/** Configurations of stunnel. */
export const CASES: readonly AuditRow[] = [
  ['verified', service(LOCK), 'locked', []],
  [
    'the reference configuration',
    service(`${LOCK}requireCert = yes\ncheckHost = my-edge.example\nCRLfile = edge.crl\nsslVersionMin = TLSv1.2\n`),
    'locked',
    [],
  ],
  [
    'options of all services, in any case of letters, with comments',
    `; a comment\n# another\ncafile = edge-ca.pem\nVERIFYCHAIN = yes\n${service('')}`,
    'locked',
    [],
  ],
  ['the older words', service('CAfile = edge-ca.pem\nverify = 2\n'), 'locked', []],
  ['one certificate alone', service('CAfile = leaf.pem\nverifyPeer = yes\n'), 'locked', []],
  ['an earlier no is overruled', service(`requireCert = no\n${LOCK}`), 'locked', []],
  [
    'a client beside it',
    `${service(LOCK)}[out]\nclient = yes\naccept = 127.0.0.1:25\nconnect = mail.test:465\n`,
    'locked',
    [],
  ],
  [
    'another application beside it',
    `${service(LOCK)}[other]\naccept = 8443\nconnect = 127.0.0.1:4000\ncert = site.pem\nkey = site.key\n`,
    'locked',
    [],
  ],
  ['NE-01 nothing asked', service(''), 'open', ['not_asked']],
  ['NE-02 verify = 1', service('CAfile = edge-ca.pem\nverify = 1\n'), 'open', ['optional']],
  ['NE-02 a later no', service(`${LOCK}requireCert = no\n`), 'open', ['optional']],
  ['NE-03 verify = 0', service('CAfile = edge-ca.pem\nverify = 0\n'), 'open', ['unverified']],
  ['NE-11 another port', `${service(LOCK)}${service('', 'other', '8443')}`, 'open', ['other_port']],
  [
    'NE-07 a name of its own without the lock',
    `${service(LOCK)}[other]\nsni = site:b.test\nconnect = 127.0.0.1:3000\ncert = site.pem\nkey = site.key\n`,
    'open',
    ['open_sibling'],
  ],
  ['NE-17 an authority alone', service('CAfile = edge-ca.pem\n'), 'open', ['verification_off']],
  ['NE-20 any certificate', service('CAfile = edge-ca.pem\nrequireCert = yes\n'), 'open', ['any_certificate']],
  ['TT-01 authorities of the web', service('CAfile = public.pem\nverifyChain = yes\n'), 'open', ['public_authorities']],
  ['TT-03 the authority for servers', service('CAfile = origin-ca.pem\nverifyChain = yes\n'), 'broken', ['origin_ca']],
  ['TT-04 the shared one', service('CAfile = pull-ca.pem\nverifyChain = yes\n'), 'locked', ['shared_identity']],
  [
    'TT-07 the issuer of the server',
    service('CAfile = company-ca.pem\nverifyChain = yes\n'),
    'locked',
    ['shared_authority'],
  ],
  ['TT-10 a leaf', service('CAfile = leaf.pem\nverifyChain = yes\n'), 'broken', ['leaf_as_authority']],
  [
    'an authority where the certificate itself is wanted',
    service('CAfile = edge-ca.pem\nverifyPeer = yes\n'),
    'broken',
    ['edge_refused'],
  ],
  ['LO-01 not there', service('CAfile = nowhere.pem\nverifyChain = yes\n'), 'broken', ['ca_file_missing']],
  ['LO-01 none named', service('verifyChain = yes\n'), 'broken', ['ca_file_missing']],
  ['LO-05 expired', service('CAfile = expired.pem\nverifyChain = yes\n'), 'broken', ['authority_expired']],
  ['LO-06 a list past its end', service(`${LOCK}CRLfile = stale.crl\n`), 'broken', ['revocation_stale']],
  ['LO-10 one version', service(`${LOCK}sslVersion = TLSv1.3\n`), 'locked', [], ['tls_version']],
  ['NE-24 sessions', service(LOCK), 'locked', [], ['lasting_sessions']],
  ['TT-11 no lists', service(LOCK), 'locked', [], ['no_revocation']],
];

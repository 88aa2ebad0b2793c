import type { AuditCase } from './audited-case.fixture.ts';
import { APP, BASE, EXPR, LOCK, LOCKED, OPEN, site, TLS } from './apache-lines.fixture.ts';

/** Configurations of Apache, for whom it trusts and what it tells the application. */
export const APACHE_TRUST: readonly AuditCase[] = [
  {
    title: 'no authority',
    config: BASE + site('a.test', 'SSLVerifyClient require', APP),
    claims: ['a.test *:443 broken'],
    refs: ['LO-01'],
    codes: ['ca_file_missing'],
  },
  {
    title: 'an authority that is not there',
    config: BASE + site('a.test', LOCK.replace('edge', 'nowhere'), APP),
    claims: ['a.test *:443 broken'],
    refs: ['LO-01'],
    codes: ['ca_file_missing'],
    unreal: true,
  },
  {
    title: 'a page instead of an authority',
    config: BASE + site('a.test', LOCK.replace('edge', 'page'), APP),
    claims: ['a.test *:443 broken'],
    refs: ['LO-02'],
    codes: ['ca_file_unusable'],
  },
  {
    title: 'an authority that has ended',
    config: BASE + site('a.test', LOCK.replace('edge', 'old'), APP),
    claims: ['a.test *:443 broken'],
    refs: ['LO-05'],
    codes: ['authority_expired'],
  },
  {
    title: 'a leaf for an authority',
    config: BASE + site('a.test', LOCK.replace('edge', 'leaf'), APP),
    claims: ['a.test *:443 broken'],
    refs: ['TT-10'],
    codes: ['leaf_as_authority'],
  },
  {
    title: 'an intermediate for an authority',
    config: BASE + site('a.test', LOCK.replace('edge', 'between'), 'SSLVerifyDepth 2', APP),
    claims: ['a.test *:443 broken'],
    refs: ['TT-10'],
    codes: ['leaf_as_authority'],
  },
  {
    title: "the authority of the server's own certificate",
    config: BASE + site('a.test', LOCK.replace('edge', 'other'), APP),
    claims: LOCKED,
    refs: ['TT-07'],
    codes: ['shared_authority'],
  },
  {
    title: 'the authorities of the system',
    config: BASE + site('a.test', 'SSLVerifyClient require', 'SSLCACertificatePath /etc/ssl/certs/', APP),
    claims: LOCKED,
    refs: ['TT-01'],
    codes: ['public_authorities'],
  },
  {
    title: 'a chain that is longer than is allowed',
    config: BASE + site('a.test', LOCK.replace('edge', 'both'), APP),
    claims: ['a.test *:443 broken'],
    refs: ['TT-08'],
    codes: ['depth_too_small'],
  },
  {
    title: 'no steps at all',
    config: BASE + site('a.test', LOCK, 'SSLVerifyDepth 0', APP),
    claims: ['a.test *:443 broken'],
    refs: ['TT-08'],
    codes: ['depth_too_small'],
  },
  {
    title: 'lists that nobody looks at',
    config: BASE + site('a.test', LOCK, 'SSLCARevocationFile fresh.crl', APP),
    claims: LOCKED,
    refs: ['TT-12'],
    codes: [],
  },
  {
    title: 'lists that are looked at',
    config: BASE + site('a.test', LOCK, 'SSLCARevocationFile fresh.crl', 'SSLCARevocationCheck leaf', APP),
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'a list past its end',
    config: BASE + site('a.test', LOCK, 'SSLCARevocationFile stale.crl', 'SSLCARevocationCheck leaf', APP),
    claims: ['a.test *:443 broken'],
    refs: ['LO-06'],
    codes: ['revocation_stale'],
  },
  {
    title: 'a name that also fits others',
    config:
      BASE +
      site(
        'a.test',
        LOCK,
        APP,
        '<Location />',
        `Require expr "%{SSL_CLIENT_S_DN_CN} =~ /my-edge\\.example/"`,
        '</Location>',
      ),
    claims: LOCKED,
    refs: ['TT-05'],
    codes: ['loose_pin'],
  },
  {
    title: 'a name that fits alone',
    config:
      BASE +
      site(
        'a.test',
        LOCK,
        APP,
        '<Location />',
        `Require expr "%{SSL_CLIENT_SAN_DNS_0} == 'my-edge.example'"`,
        '</Location>',
      ),
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'an error page that the application makes',
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        APP,
        'ErrorDocument 403 /refused',
        '<Location />',
        EXPR,
        '</Location>',
      ),
    claims: OPEN,
    refs: ['NE-06'],
    codes: ['error_page'],
  },
  {
    title: 'an error page that is a text',
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        APP,
        'ErrorDocument 403 "no"',
        '<Location />',
        EXPR,
        '</Location>',
      ),
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'authorities that are announced and not trusted',
    config: BASE + site('a.test', LOCK, 'SSLCADNRequestFile other.pem', APP),
    claims: LOCKED,
    refs: ['LO-12'],
    codes: [],
  },
  {
    title: 'one version of TLS',
    config: BASE + site('a.test', LOCK, 'SSLProtocol -all +TLSv1.3', APP),
    claims: LOCKED,
    refs: ['LO-10'],
    codes: [],
  },
  {
    title: 'sessions that last',
    config: `${BASE}SSLSessionCache shmcb:/t/cache(512000)\n${site('a.test', LOCK, APP)}`,
    claims: LOCKED,
    refs: ['NE-24'],
    codes: [],
  },
  {
    title: 'a header that is set only where there is none',
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        APP,
        'RequestHeader setifempty X-Edge-Verified "%{SSL_CLIENT_VERIFY}s"',
      ),
    claims: OPEN,
    refs: ['HT-01', 'NE-02'],
    codes: ['header_passed', 'optional'],
  },
  {
    title: 'a header that is set on success only',
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        APP,
        `RequestHeader set X-Edge-Verified SUCCESS "expr=%{SSL_CLIENT_VERIFY} == 'SUCCESS'"`,
      ),
    claims: OPEN,
    refs: ['HT-04'],
    codes: ['header_only_on_success', 'optional'],
  },
  {
    title: 'what the server says for all of its hosts',
    config: `${BASE}SSLCACertificateFile edge.pem\nSSLVerifyClient require\n${site('a.test', APP)}`,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'a host that takes back what the server says',
    config: `${BASE}SSLCACertificateFile edge.pem\nSSLVerifyClient require\n${site('a.test', 'SSLVerifyClient none', APP)}`,
    claims: OPEN,
    refs: ['NE-17'],
    codes: ['verification_off'],
  },
  {
    title: 'no virtual host at all',
    config: `${BASE}ServerName a.test\n${TLS}\n${LOCK}\n${APP}\n`,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'a macro',
    config: `${BASE}<Macro Site $name $verify>\n${site('$name', 'SSLCACertificateFile edge.pem', 'SSLVerifyClient $verify', APP)}</Macro>\nUse Site a.test optional\nUndefMacro Site\n`,
    claims: OPEN,
    refs: ['NE-02'],
    codes: ['optional'],
  },
  {
    title: 'a condition on the version, and a variable',
    config: `${BASE}Define mode require\n${site('a.test', 'SSLCACertificateFile edge.pem', '<IfVersion >= 2.4.50>', `SSLVerifyClient ${'$'}{mode}`, '</IfVersion>', '<IfVersion < 2.4.50>', 'SSLVerifyClient none', '</IfVersion>', APP)}`,
    version: '2.4.62',
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'an include',
    config: `${BASE}IncludeOptional sites/*.conf\n`,
    more: { '/t/sites/a.conf': site('a.test', 'SSLVerifyClient optional', 'SSLCACertificateFile edge.pem', APP) },
    claims: OPEN,
    refs: ['NE-02'],
    codes: ['optional'],
  },
  {
    title: 'a part that is not there',
    config: BASE + site('a.test', LOCK, 'Include nowhere.conf', APP),
    claims: ['a.test *:443 unknown'],
    refs: [],
    codes: [],
    unreal: true,
  },
];

import type { AuditCase } from './audit.fixture.ts';

const BASE = `ServerRoot /t
LoadModule ssl_module modules/mod_ssl.so
LoadModule headers_module modules/mod_headers.so
LoadModule macro_module modules/mod_macro.so
Listen 443
`;
const TLS = 'SSLEngine on\nSSLCertificateFile site.pem\nSSLCertificateKeyFile site.key\nSSLSessionTickets off';
const LOCK = 'SSLCACertificateFile edge.pem\nSSLVerifyClient require';
const APP = 'ProxyPass / http://127.0.0.1:3000/';

function site(name: string, ...lines: readonly string[]): string {
  return `<VirtualHost *:443>\nServerName ${name}\n${TLS}\n${lines.join('\n')}\n</VirtualHost>\n`;
}

const OPEN = ['a.test *:443 open'];
const LOCKED = ['a.test *:443 locked'];
const EXPR = `Require expr "%{SSL_CLIENT_VERIFY} == 'SUCCESS'"`;

/** Configurations of Apache, one for each fault of the catalogue that it can have, and right ones. */
export const APACHE_CASES: readonly AuditCase[] = [
  { title: 'nothing asked', config: BASE + site('a.test', APP), claims: OPEN, refs: ['NE-01'], codes: ['not_asked'] },
  {
    title: 'an authority and no verification',
    config: BASE + site('a.test', 'SSLCACertificateFile edge.pem', APP),
    claims: OPEN,
    refs: ['NE-17'],
    codes: ['verification_off'],
  },
  {
    title: 'optional',
    config: BASE + site('a.test', 'SSLCACertificateFile edge.pem', 'SSLVerifyClient optional', APP),
    claims: OPEN,
    refs: ['NE-02'],
    codes: ['optional'],
  },
  {
    title: 'optional_no_ca',
    config: BASE + site('a.test', 'SSLVerifyClient optional_no_ca', APP),
    claims: OPEN,
    refs: ['NE-03', 'NE-02'],
    codes: ['unverified'],
  },
  {
    title: 'optional with a rule that holds',
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        APP,
        '<Location />',
        'Require ssl-verify-client',
        '</Location>',
      ),
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'optional with an expression that holds',
    config: BASE + site('a.test', LOCK.replace('require', 'optional_no_ca'), APP, '<Location />', EXPR, '</Location>'),
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'optional with a rewrite that holds',
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        APP,
        'RewriteEngine on',
        'RewriteCond %{SSL:SSL_CLIENT_VERIFY} !^SUCCESS$',
        'RewriteRule ^ - [F]',
      ),
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'optional with <If> that refuses',
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        APP,
        `<If "%{SSL_CLIENT_VERIFY} != 'SUCCESS'">`,
        'Require all denied',
        '</If>',
      ),
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'only those without one are refused',
    config:
      BASE +
      site(
        'a.test',
        'SSLVerifyClient optional_no_ca',
        APP,
        '<Location />',
        `Require expr "%{SSL_CLIENT_VERIFY} != 'NONE'"`,
        '</Location>',
      ),
    claims: OPEN,
    refs: ['NE-04'],
    codes: ['tests_for_none_only'],
  },
  {
    title: 'the issuer by its name alone',
    config:
      BASE +
      site(
        'a.test',
        'SSLVerifyClient optional_no_ca',
        APP,
        '<Location />',
        `Require expr "%{SSL_CLIENT_I_DN} == 'CN=edge'"`,
        '</Location>',
      ),
    claims: OPEN,
    refs: ['TT-15'],
    codes: ['issuer_by_name'],
  },
  {
    title: 'a rule for one path',
    config: BASE + site('a.test', LOCK.replace('require', 'optional'), APP, '<Location /admin>', EXPR, '</Location>'),
    claims: OPEN,
    refs: ['NE-02'],
    codes: ['optional'],
  },
  {
    title: 'a path that is exempt',
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        APP,
        '<Location />',
        EXPR,
        '</Location>',
        '<Location /api>',
        'Require all granted',
        '</Location>',
      ),
    claims: OPEN,
    refs: ['NE-05'],
    codes: ['some_paths_only'],
  },
  {
    title: 'an exempt path that is not the application',
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        'ProxyPass /.well-known !',
        APP,
        'Alias /.well-known /t/acme',
        '<Location />',
        EXPR,
        '</Location>',
        '<Location /.well-known>',
        'Require all granted',
        '</Location>',
      ),
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'asked in a location',
    config:
      BASE +
      site(
        'a.test',
        'SSLCACertificateFile edge.pem',
        APP,
        '<Location /admin>',
        'SSLVerifyClient require',
        '</Location>',
      ),
    claims: OPEN,
    refs: ['NE-16'],
    codes: ['verified_by_path'],
  },
  {
    title: 'asked in the location of everything',
    config:
      BASE +
      site('a.test', 'SSLCACertificateFile edge.pem', APP, '<Location />', 'SSLVerifyClient require', '</Location>'),
    claims: ['a.test *:443 broken'],
    refs: ['NE-16'],
    codes: ['verified_by_path'],
  },
  {
    title: 'satisfy any',
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        APP,
        '<Location />',
        'Require ssl-verify-client',
        'Order deny,allow',
        'Deny from all',
        'Allow from 127.0.0.1',
        'Satisfy any',
        '</Location>',
      ),
    claims: OPEN,
    refs: ['NE-22'],
    codes: ['or_instead_of_and'],
  },
  {
    title: 'a certificate or an address',
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        APP,
        '<Location />',
        '<RequireAny>',
        'Require ssl-verify-client',
        'Require ip 192.0.2.0/24',
        '</RequireAny>',
        '</Location>',
      ),
    claims: OPEN,
    refs: ['NE-22'],
    codes: ['or_instead_of_and'],
  },
  {
    title: 'a certificate and an address',
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        APP,
        '<Location />',
        '<RequireAll>',
        'Require ssl-verify-client',
        'Require ip 192.0.2.0/24',
        '</RequireAll>',
        '</Location>',
      ),
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'addresses alone',
    config: BASE + site('a.test', APP, '<Location />', 'Require ip 192.0.2.0/24', '</Location>'),
    claims: OPEN,
    refs: ['HT-06'],
    codes: ['not_a_lock'],
  },
  {
    title: 'plain HTTP beside it',
    config: `${BASE}Listen 80\n${site('a.test', LOCK, APP)}<VirtualHost *:80>\nServerName a.test\n${APP}\n</VirtualHost>\n`,
    claims: ['a.test *:443 locked', 'a.test *:80 open'],
    refs: ['NE-10'],
    codes: ['plain_http'],
  },
  {
    title: 'plain HTTP that redirects',
    config: `${BASE}Listen 80\n${site('a.test', LOCK, APP)}<VirtualHost *:80>\nServerName a.test\nRedirect permanent / https://a.test/\n</VirtualHost>\n`,
    claims: ['a.test *:443 locked', 'a.test *:80 locked'],
    refs: [],
    codes: [],
  },
  {
    title: 'plain HTTP that rewrites to HTTPS where it is off',
    config: `${BASE}Listen 80\n${site('a.test', LOCK, APP)}<VirtualHost *:80>\nServerName a.test\nRewriteEngine On\nRewriteCond %{HTTPS} off\nRewriteRule ^/?(.*) https://%{SERVER_NAME}/$1 [R=301,L]\n${APP}\n</VirtualHost>\n`,
    claims: ['a.test *:443 locked', 'a.test *:80 locked'],
    refs: [],
    codes: [],
  },
  {
    title: 'another port',
    config: `${BASE}Listen 8443\n${site('a.test', LOCK, APP)}${site('a.test', APP).replace('443', '8443')}`,
    claims: ['a.test *:443 locked', 'a.test *:8443 open'],
    refs: ['NE-11'],
    codes: ['other_port'],
  },
  {
    title: 'IPv6 in another virtual host',
    config: `${BASE.replace('Listen 443', 'Listen 0.0.0.0:443\nListen [::1]:443')}${site('a.test', LOCK, APP).replace('*:443', '0.0.0.0:443')}${site('a.test', APP).replace('*:443', '[::1]:443')}`,
    claims: ['a.test *:443 locked', 'a.test ::1:443 open'],
    refs: ['NE-12'],
    codes: ['ipv6_open'],
  },
  {
    title: 'another site with the same application',
    config: BASE + site('a.test', LOCK, APP) + site('b.test', APP),
    claims: OPEN,
    refs: ['NE-07'],
    codes: ['open_sibling'],
  },
  {
    title: 'another site with another application',
    config: BASE + site('a.test', LOCK, APP) + site('b.test', 'ProxyPass / http://127.0.0.1:4000/'),
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'an open default in front of it',
    config: BASE + site('b.test', APP) + site('a.test', LOCK, APP),
    claims: OPEN,
    refs: ['NE-07'],
    codes: ['open_sibling'],
  },
  {
    title: 'names that do not fit, and a server that does not care',
    config: `${BASE}SSLVHostSNIPolicy insecure\n${site('a.test', LOCK, APP)}${site('b.test', 'SSLCACertificateFile other.pem', 'SSLVerifyClient require', 'ProxyPass / http://127.0.0.1:4000/')}`,
    hosts: ['a.test'],
    claims: OPEN,
    // The authority of that site also made the server's certificate.
    refs: ['NE-08'],
    codes: ['name_mismatch'],
  },
  {
    title: 'names that do not fit, by default',
    config: BASE + site('a.test', LOCK, APP) + site('b.test', 'ProxyPass / http://127.0.0.1:4000/'),
    claims: LOCKED,
    refs: [],
    codes: [],
  },
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
    config: BASE + site('a.test', LOCK, 'SSLSessionCache shmcb:/t/cache(512000)', APP),
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
    config: `${BASE}Define mode require\n${site('a.test', 'SSLCACertificateFile edge.pem', '<IfVersion >= 2.4.50>', 'SSLVerifyClient ${mode}', '</IfVersion>', '<IfVersion < 2.4.50>', 'SSLVerifyClient none', '</IfVersion>', APP)}`,
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
  },
];

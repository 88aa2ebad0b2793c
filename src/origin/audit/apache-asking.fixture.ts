import type { AuditCase } from './audited-case.fixture.ts';
import { APP, BASE, EXPR, LOCK, LOCKED, OPEN, site } from './apache-lines.fixture.ts';

const DUTY = 'Require ssl-verify-client';

/** Configurations of Apache, for the ways in which it asks for certificates, and does not. */
export const APACHE_ASKING: readonly AuditCase[] = [
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
    refs: ['NE-02', 'NE-05'],
    codes: ['optional', 'some_paths_only'],
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
  ...[
    { of: 'asked again', options: '+StrictRequire' },
    { of: 'asked once', options: '-StrictRequire' },
  ].map(({ of, options }) => ({
    title: `an older word lets everybody pass a requirement that is ${of}`,
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        APP,
        '<Location />',
        'SSLRequire %{SSL_CLIENT_VERIFY} eq "SUCCESS"',
        `SSLOptions ${options}`,
        'Order allow,deny',
        'Allow from all',
        'Satisfy any',
        '</Location>',
      ),
    claims: OPEN,
    refs: ['NE-22'],
    codes: ['or_instead_of_and'],
  })),
  ...[
    { title: 'a duty for reading only', methods: ['<Limit GET>', DUTY, '</Limit>'] },
    { title: 'a duty for all but one method', methods: ['<LimitExcept OPTIONS>', DUTY, '</LimitExcept>'] },
  ].map(({ title, methods }) => ({
    title,
    config: BASE + site('a.test', LOCK.replace('require', 'optional'), APP, '<Location />', ...methods, '</Location>'),
    claims: OPEN,
    refs: ['NE-05'],
    codes: ['some_paths_only'],
  })),
  {
    title: 'a duty for reading, and one for the rest',
    config:
      BASE +
      site(
        'a.test',
        LOCK.replace('require', 'optional'),
        APP,
        '<Location />',
        '<Limit GET>',
        DUTY,
        '</Limit>',
        '<LimitExcept GET>',
        DUTY,
        '</LimitExcept>',
        '</Location>',
      ),
    claims: LOCKED,
    refs: [],
    codes: [],
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
];

import type { ConfigPath } from '../config-path.ts';
import { isWildcard, type ListenAddress, socketText } from '../listen-address.ts';
import type { OriginRequirement } from '../requirement.ts';
import type { ServerVersion } from '../server-version.ts';
import { foldedSpellings } from '../verified-header.ts';
import { defined, wholeServer } from './apache-server.ts';
import { heading } from './heading.ts';
import { fileText, type Lines, paragraphs, section } from './lines.ts';
import { namesPattern, siteId, siteWord } from './names.ts';

/** TLS 1.3, `<IfDirective>` and `<IfFile>`; what RHEL 8 ships. */
export const APACHE_FLOOR: ServerVersion = [2, 4, 37];

/** Apache configuration for the requirement: a whole file for `apache2 -f`, or the virtual hosts to include. */
export function apacheConfiguration(requirement: OriginRequirement): string {
  const complete = requirement.form === 'complete';
  return fileText(
    paragraphs(
      heading('apache', requirement),
      complete ? wholeServer(requirement) : [],
      complete ? catchAll(requirement) : [],
      lockedHost(requirement),
      redirect(requirement),
    ),
  );
}

/** `*:PORT` for a wildcard: a virtual host of Apache knows no difference between the families there. */
function hostAddresses(addresses: readonly ListenAddress[]): string {
  const texts = addresses.map((address) => (isWildcard(address) ? `*:${address.port}` : socketText(address)));
  return [...new Set(texts)].join(' ');
}

function virtualHost(addresses: readonly ListenAddress[], lines: Lines): Lines {
  return section(`<VirtualHost ${hostAddresses(addresses)}>`, lines, '</VirtualHost>');
}

const DENY_ALL = section('<Location "/">', ['Require all denied'], '</Location>');

function catchAll(requirement: OriginRequirement): Lines {
  const { listen, listenHttp } = requirement;
  return paragraphs(
    [
      '# The first virtual host is the default: every other name ends here. A second door would make the lock worthless.',
      ...virtualHost(listen, ['ServerName "postern-nobody.invalid"', ...tls(requirement), ...DENY_ALL]),
    ],
    listenHttp.length === 0 ? [] : virtualHost(listenHttp, ['ServerName "postern-nobody.invalid"', ...DENY_ALL]),
  );
}

function tls(requirement: OriginRequirement): Lines {
  const { serverCert, serverKey, trust, crl, mode } = requirement;
  return [
    'SSLEngine on',
    '# What the edge verifies: the certificate of this site.',
    `SSLCertificateFile "${serverCert}"`,
    `SSLCertificateKeyFile "${serverKey}"`,
    'SSLProtocol -all +TLSv1.2 +TLSv1.3',
    'SSLCipherSuite "ECDHE+AESGCM:ECDHE+CHACHA20"',
    '# A resumed session is not verified again: without sessions, revocation and a new bundle bite at once.',
    'SSLSessionTickets off',
    mode === 'enforce'
      ? '# THE LOCK: who does not show a certificate of this bundle is refused with a TLS alert.'
      : '# WATCHING: a client certificate is asked for and logged; see the log for who comes without.',
    `SSLCACertificateFile "${trust.bundle}"`,
    `SSLVerifyClient ${mode === 'enforce' ? 'require' : 'optional_no_ca'}`,
    '# Apache counts the steps above the leaf: intermediate and root.',
    'SSLVerifyDepth 2',
    ...revocation(crl),
  ];
}

function revocation(crl: ConfigPath | null): Lines {
  if (crl === null) return [];
  return [
    '# Checked for the whole path: a list that is missing or past its end refuses everybody. Renew it, then reload.',
    `SSLCARevocationFile "${crl}"`,
    'SSLCARevocationCheck chain',
  ];
}

function lockedHost(requirement: OriginRequirement): Lines {
  const { listen, hostnames, mode } = requirement;
  return virtualHost(
    listen,
    paragraphs(
      hostNames(hostnames),
      tls(requirement),
      section('<IfModule http2_module>', ['Protocols h2 http/1.1'], '</IfModule>'),
      mode === 'enforce' ? enforcement(requirement) : watching(requirement),
      requirement.form === 'fragment' ? plainErrors() : [],
      verifiedHeader(requirement),
      contentLines(requirement),
    ),
  );
}

function hostNames(hostnames: OriginRequirement['hostnames']): Lines {
  // ServerName takes no wildcard; the name above one would be a name too many.
  const server = hostnames.find((name) => !name.startsWith('*.')) ?? 'postern-any.invalid';
  const aliases = hostnames.filter((name) => name !== server);
  return [
    `ServerName "${server}"`,
    ...(aliases.length === 0 ? [] : [`ServerAlias ${aliases.map((alias) => `"${alias}"`).join(' ')}`]),
    '# Redirects are built from the name that was asked for.',
    'UseCanonicalName Off',
  ];
}

/** Answers that Apache may give before or instead of a lock's consent. */
const REFUSALS = [400, 401, 403, 404, 405, 408, 413, 414, 417, 421, 431];

function plainErrors(): Lines {
  return [
    '# A server-wide ErrorDocument would fetch its page from the application, and Apache checks no second time for it.',
    ...REFUSALS.map((status) => `ErrorDocument ${status} default`),
  ];
}

function enforcement(requirement: OriginRequirement): Lines {
  const { trust, hostnames } = requirement;
  return [
    '# The second bolt, should a server-wide setting let SNI and Host differ: both, and the certificate, must be right.',
    ...section(
      '<Location "/">',
      section(
        '<RequireAll>',
        [
          'Require expr "%{SSL_CLIENT_VERIFY} == \'SUCCESS\'"',
          `Require expr "%{SSL_TLS_SNI} =~ m#${namesPattern(hostnames)}#i"`,
          `Require expr "-z reqenv('${foldedVariable(requirement)}')"`,
          ...(trust.kind === 'zone' ? [] : ['# The pinned certificates.', `Require expr "${pinned(requirement)}"`]),
        ],
        '</RequireAll>',
      ),
      '</Location>',
    ),
  ];
}

/** True for a pinned certificate: Apache has no fingerprint, but it can hash the certificate's PEM. */
function pinned({ trust }: OriginRequirement): string {
  const pins = trust.kind === 'zone' ? [] : trust.pins.map(({ pemSha1 }) => `'${pemSha1}'`);
  return `sha1(%{SSL_CLIENT_CERT}) in { ${pins.join(', ')} }`;
}

function foldedVariable(requirement: OriginRequirement): string {
  return `postern_folded_${siteId(requirement)}`;
}

function watching(requirement: OriginRequirement): Lines {
  const word = siteWord(requirement);
  const format = [
    '%{%Y-%m-%dT%H:%M:%S%z}t verify=\\"%{SSL_CLIENT_VERIFY}x\\" from=%a sni=\\"%{SSL_TLS_SNI}x\\" host=\\"%{Host}i\\"',
    'request=\\"%r\\" subject=\\"%{SSL_CLIENT_S_DN}x\\" issuer=\\"%{SSL_CLIENT_I_DN}x\\"',
  ].join(' ');
  const directory = defined(requirement.form === 'complete' ? 'POSTERN_LOG' : 'APACHE_LOG_DIR');
  return [
    `LogFormat "${format}" postern_watch_${word}`,
    `CustomLog "${directory}/postern-watch-${word}.log" postern_watch_${word}`,
    ...section('<Location "/">', [`Require expr "-z reqenv('${foldedVariable(requirement)}')"`], '</Location>'),
  ];
}

function verifiedHeader(requirement: OriginRequirement): Lines {
  const { verifiedHeader: name, mode, trust } = requirement;
  const anyMark = name.replaceAll('-', '[^A-Za-z0-9]');
  const verdict = (text: string, condition: string) => `RequestHeader set ${name} "${text}" "expr=${condition}"`;
  return [
    "# The caller's own copies go first, in every spelling that an application folds into the same variable.",
    `RequestHeader unset ${name} early`,
    ...foldedSpellings(name).map((spelling) => `RequestHeader unset ${spelling} early`),
    '# With any other mark between the words the request is refused: Apache cannot remove a header by pattern.',
    ...(anyMark === name ? [] : [`SetEnvIfNoCase "^${anyMark}$" "." ${foldedVariable(requirement)}`]),
    '# CGI would take it for its proxy setting.',
    'RequestHeader unset Proxy early',
    "# Always this server's own verdict: SUCCESS, NONE or FAILED:reason.",
    `RequestHeader set ${name} "%{SSL_CLIENT_VERIFY}s"`,
    ...(mode === 'enforce' ? [] : [verdict('FAILED:unknown authority', "%{SSL_CLIENT_VERIFY} == 'GENEROUS'")]),
    ...(mode === 'enforce' || trust.kind === 'zone'
      ? []
      : [verdict('FAILED:not a pinned certificate', `%{SSL_CLIENT_VERIFY} == 'SUCCESS' && !(${pinned(requirement)})`)]),
  ];
}

function contentLines({ content }: OriginRequirement): Lines {
  if (content.kind === 'static') {
    return [
      `DocumentRoot "${content.root}"`,
      ...section(
        `<Directory "${content.root}">`,
        ['Options -Indexes +SymLinksIfOwnerMatch', 'AllowOverride None', 'Require all granted'],
        '</Directory>',
      ),
      section('<LocationMatch "/\\.(?!well-known(?:/|$))">', ['Require all denied'], '</LocationMatch>'),
    ].flat();
  }
  const target =
    content.kind === 'socket' ? `unix:${content.path}|http://localhost/` : `http://${content.host}:${content.port}/`;
  return [
    '# The path goes on as it came, and so does what the edge says of the visitor (X-Forwarded-For …).',
    'AllowEncodedSlashes NoDecode',
    'ProxyRequests Off',
    'ProxyPreserveHost On',
    'ProxyAddHeaders Off',
    'ProxyTimeout 120',
    'LimitRequestBody 0',
    '# Only WebSocket may switch protocols.',
    ...section('<IfVersion >= 2.4.47>', [`ProxyPass "/" "${target}" nocanon upgrade=websocket`], '</IfVersion>'),
    ...section('<IfVersion < 2.4.47>', [`ProxyPass "/" "${target}" nocanon`], '</IfVersion>'),
  ];
}

function redirect({ listen, listenHttp, hostnames }: OriginRequirement): Lines {
  if (listenHttp.length === 0) return [];
  const port = listen[0].port === 443 ? '' : `:${listen[0].port}`;
  return [
    '# Plain HTTP carries no client certificate: it redirects and does nothing else.',
    ...virtualHost(listenHttp, [
      ...hostNames(hostnames),
      'RewriteEngine On',
      `RewriteRule "^" "https://%{SERVER_NAME}${port}%{REQUEST_URI}" [R=301,L]`,
    ]),
  ];
}

import { APACHE_LOGS, below, type ConfigPath } from '../config-path.ts';
import { isWildcard, type ListenAddress, socketText } from '../listen-address.ts';
import type { Pin } from '../pin.ts';
import type { OriginRequirement } from '../requirement.ts';
import type { OpenName, ServerCertificate, Site } from '../site.ts';
import type { Content } from '../upstream.ts';
import { doors, ownDoor } from '../own-door.ts';
import { foldedSpellings } from '../verified-header.ts';
import { VIA_HEADER } from '../via-header.ts';
import { defined, wholeServer } from './apache-server.ts';
import { pinned, staysAlong, verdictHeader, watchLogFormat, withoutCopies } from './apache-told.ts';
import { BY_NAME_NOTE, FORGERY_PATTERNS, knownForgeries } from './forged-fields.ts';
import { doorTitle, heading } from './heading.ts';
import { fileText, type Lines, paragraphs, section } from './lines.ts';
import { namesElsewhere, namesPattern, narrowFirst, siteId, siteWord, watchLogName } from './names.ts';

/** A site among the others of its server. */
interface Placed {
  readonly site: Site;
  readonly requirement: OriginRequirement;
}

/** Apache configuration for the requirement: a whole file for `apache2 -f`, or the virtual hosts to include. */
export function apacheConfiguration(requirement: OriginRequirement): string {
  return fileText(
    paragraphs(
      heading('apache', requirement),
      requirement.form === 'complete' ? wholeServer(requirement) : [],
      ...doors(requirement).map(hostsOf),
    ),
  );
}

function hostsOf(requirement: OriginRequirement): Lines {
  const { sites, openNames } = requirement;
  // The first virtual host that fits is taken: those with wildcards come last.
  const hosts = narrowFirst([
    ...sites.map((site) => ({ hostnames: site.hostnames, lines: () => lockedHost({ site, requirement }) })),
    ...openNames.map((open) => ({ hostnames: [open.hostname] as const, lines: () => openHost(open, requirement) })),
  ]);
  return paragraphs(
    doorTitle(requirement),
    requirement.form === 'complete' ? catchAll(requirement) : [],
    ...hosts.map(({ lines }) => lines()),
    redirect(requirement),
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
  const { listen, listenHttp, sites } = requirement;
  const [site] = [...sites.filter(({ mode }) => mode === 'watch'), ...sites];
  if (site === undefined) return [];
  return paragraphs(
    [
      '# The first virtual host is the default: every other name ends here. A second door would make the lock worthless.',
      ...virtualHost(listen, ['ServerName "postern-nobody.invalid"', ...tls(site), ...lock(site), ...DENY_ALL]),
    ],
    listenHttp.length === 0 ? [] : virtualHost(listenHttp, ['ServerName "postern-nobody.invalid"', ...DENY_ALL]),
  );
}

function tls({ serverCert, serverKey }: ServerCertificate): Lines {
  return [
    'SSLEngine on',
    '# What the edge verifies: the certificate of this site.',
    `SSLCertificateFile "${serverCert}"`,
    `SSLCertificateKeyFile "${serverKey}"`,
    'SSLProtocol -all +TLSv1.2 +TLSv1.3',
    'SSLCipherSuite "ECDHE+AESGCM:ECDHE+CHACHA20"',
    '# A resumed session is not verified again: without sessions, revocation and a new bundle bite at once.',
    'SSLSessionTickets off',
  ];
}

function lock({ trust, crl, mode }: Site): Lines {
  return [
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

function lockedHost({ site, requirement }: Placed): Lines {
  const placed = { site, requirement };
  return virtualHost(
    requirement.listen,
    paragraphs(
      hostNames(site.hostnames),
      [...tls(site), ...lock(site)],
      http2(),
      site.mode === 'enforce' ? enforcement(placed) : watching(placed),
      requirement.form === 'fragment' ? plainErrors() : [],
      verifiedHeader(placed),
      via(placed),
      contentLines(site.content, site.via),
    ),
  );
}

function http2(): Lines {
  return section('<IfModule http2_module>', ['Protocols h2 http/1.1'], '</IfModule>');
}

function openHost(open: OpenName, requirement: OriginRequirement): Lines {
  const names = [...new Set(requirement.sites.map((site) => site.verifiedHeader))];
  const variable = foldedVariable({ hostnames: [open.hostname] }, requirement);
  return virtualHost(
    requirement.listen,
    paragraphs(
      hostNames([open.hostname]),
      tls(open),
      ['# OPEN, as asked for: nobody is asked for a certificate here.', 'SSLVerifyClient none'],
      http2(),
      section('<Location "/">', [`Require expr "-z reqenv('${variable}')"`], '</Location>'),
      names.flatMap((name) => [...withoutCopies(name, variable), `RequestHeader set ${name} "NONE"`]),
      requirement.sites.some((site) => site.via !== null) ? withoutCopies(VIA_HEADER, variable) : [],
      contentLines(open.content, null),
    ),
  );
}

function hostNames(hostnames: Site['hostnames']): Lines {
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

function enforcement({ site, requirement }: Placed): Lines {
  const { trust, hostnames } = site;
  const pattern = namesPattern(hostnames, namesElsewhere(hostnames, requirement));
  return [
    '# The second bolt, should a server-wide setting let SNI and Host differ: both, and the certificate, must be right.',
    ...section(
      '<Location "/">',
      section(
        '<RequireAll>',
        [
          'Require expr "%{SSL_CLIENT_VERIFY} == \'SUCCESS\'"',
          `Require expr "%{SSL_TLS_SNI} =~ m#${pattern}#i"`,
          `Require expr "-z reqenv('${foldedVariable(site, requirement)}')"`,
          ...(trust.kind === 'zone' ? [] : ['# The pinned certificates.', `Require expr "${pinned(pinsOf(site))}"`]),
        ],
        '</RequireAll>',
      ),
      '</Location>',
    ),
  ];
}

function pinsOf({ trust }: Site): readonly Pin[] {
  return trust.kind === 'zone' ? [] : trust.pins;
}

function foldedVariable(named: Pick<Site, 'hostnames'>, { listen }: OriginRequirement): string {
  return `postern_folded_${siteId(named, listen)}`;
}

function watching({ site, requirement }: Placed): Lines {
  const word = siteWord(site, requirement.listen);
  const directory = defined(requirement.form === 'complete' ? 'POSTERN_LOG' : 'APACHE_LOG_DIR');
  return [
    watchLogFormat(word),
    `CustomLog "${directory}/${watchLogName(site)}" postern_watch_${word}`,
    ...section('<Location "/">', [`Require expr "-z reqenv('${foldedVariable(site, requirement)}')"`], '</Location>'),
  ];
}

function verifiedHeader({ site, requirement }: Placed): Lines {
  return [
    ...withoutCopies(site.verifiedHeader, foldedVariable(site, requirement)),
    ...verdictHeader(site.verifiedHeader, { mode: site.mode, pins: pinsOf(site) }),
  ];
}

/** Whom this listener lets in, and of the owner's own callers nothing that only the edge may say. */
function via({ site, requirement }: Placed): Lines {
  if (site.via === null) return [];
  const variable = foldedVariable(site, requirement);
  const pin = site.trust.kind === 'zone' ? '' : ` && ${pinned(pinsOf(site))}`;
  const told = [
    ...withoutCopies(VIA_HEADER, variable),
    '# Who was let in, where somebody was verified.',
    `RequestHeader set ${VIA_HEADER} "${site.via}" "expr=%{SSL_CLIENT_VERIFY} == 'SUCCESS'${pin}"`,
  ];
  return site.via === 'edge' ? told : paragraphs(told, ownWords(site, variable));
}

function ownWords({ verifiedHeader: name }: Site, variable: string): Lines {
  return [
    '# Only the edge speaks for visitors. What these callers say of them is removed, and a request refused that has it in',
    '# other spellings or under other names that begin so: Apache cannot remove a header by pattern.',
    ...knownForgeries(name)
      .flatMap((field) => [field, ...foldedSpellings(field)])
      .map((field) => `RequestHeader unset ${field} early`),
    ...FORGERY_PATTERNS.map((pattern) => `SetEnvIfNoCase "${pattern}" "." ${variable}`),
    ...staysAlong(['X-Forwarded-For', 'X-Forwarded-Proto']),
    'RequestHeader set X-Forwarded-For "expr=%{CONN_REMOTE_ADDR}"',
    'RequestHeader set X-Forwarded-Proto "https"',
  ];
}

function contentLines(content: Content, who: Site['via']): Lines {
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
    who === 'own'
      ? '# The path goes on as it came.'
      : '# The path goes on as it came, and so does what the edge says of the visitor (X-Forwarded-For …).',
    'AllowEncodedSlashes NoDecode',
    'ProxyRequests Off',
    'ProxyPreserveHost On',
    'ProxyAddHeaders Off',
    'ProxyTimeout 120',
    'LimitRequestBody 0',
    '# Connections to the application end before its own limit, so that none is used just as it closes it.',
    '# Only WebSocket may switch protocols, and nothing may be offered beside it.',
    'RequestHeader unset Upgrade "expr=%{HTTP:Upgrade} !~ m#^websocket$#i"',
    ...section('<IfVersion >= 2.4.47>', [`ProxyPass "/" "${target}" nocanon ttl=4 upgrade=websocket`], '</IfVersion>'),
    ...section('<IfVersion < 2.4.47>', [`ProxyPass "/" "${target}" nocanon ttl=4`], '</IfVersion>'),
  ];
}

function redirect({ listen, listenHttp, sites, openNames }: OriginRequirement): Lines {
  if (listenHttp.length === 0) return [];
  const [first, ...rest] = [...sites.flatMap((site) => site.hostnames), ...openNames.map(({ hostname }) => hostname)];
  if (first === undefined) return [];
  const port = listen[0].port === 443 ? '' : `:${listen[0].port}`;
  return [
    '# Plain HTTP carries no client certificate: it redirects and does nothing else.',
    ...virtualHost(listenHttp, [
      ...hostNames([first, ...rest]),
      'RewriteEngine On',
      `RewriteRule "^" "https://%{SERVER_NAME}${port}%{REQUEST_URI}" [R=301,L]`,
    ]),
  ];
}

/** What is to be said of an Apache configuration alone. */
export function apacheNotes(requirement: OriginRequirement): readonly string[] {
  const { sites, form } = requirement;
  const watched = sites.filter(({ mode }) => mode === 'watch');
  return [
    ...watched.map(
      (site) => `Callers other than the edge: grep -v 'verify="SUCCESS"' ${watchLogText(site, requirement)}`,
    ),
    ...(watched.length === 0
      ? []
      : [
          'Apache refuses a certificate that is expired, revoked or not for clients even while watching; no setting changes that.',
        ]),
    ...(form === 'complete'
      ? []
      : [
          ...doors(requirement).map(
            ({ listen }) =>
              `Give ${listen.map(socketText).join(', ')} a first virtual host with 'Require all denied', and look that no other one reaches the application.`,
          ),
          "Set 'SSLSessionCache none' in the server's configuration: a virtual host cannot, and a session outlives a revocation.",
          'A server-wide SSLCACertificatePath would be trusted here too: there must be none.',
        ]),
    ...(ownDoor(requirement) === null
      ? []
      : [
          `${BY_NAME_NOTE}; a request with another of them, or with one of them in another spelling, gets a 403 there: Apache cannot remove a header by how its name begins.`,
        ]),
  ];
}

/** Where the watch mode of Apache writes one line for each request, unless its environment says otherwise. */
export function apacheWatchLog(site: Site, { form, runtimeDirectory }: OriginRequirement): ConfigPath {
  const directory = form === 'fragment' ? null : runtimeDirectory;
  return below(directory ?? APACHE_LOGS, watchLogName(site));
}

// Only a runtime directory is known beforehand; otherwise Debian's place, and what decides elsewhere.
function watchLogText(site: Site, requirement: OriginRequirement): string {
  const path = apacheWatchLog(site, requirement);
  if (requirement.form === 'fragment') return `${path} (APACHE_LOG_DIR, where that is another directory)`;
  return requirement.runtimeDirectory === null ? `${path} (RHEL: /var/log/httpd)` : path;
}

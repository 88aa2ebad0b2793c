import { below, type ConfigPath, NGINX_LOGS } from '../config-path.ts';
import { type ListenAddress, socketText } from '../listen-address.ts';
import type { OriginRequirement } from '../requirement.ts';
import { isAtLeast, type ServerVersion } from '../server-version.ts';
import type { OpenName, ServerCertificate, Site } from '../site.ts';
import type { Content } from '../upstream.ts';
import { doors, ownDoor } from '../own-door.ts';
import { BY_NAME_NOTE } from './forged-fields.ts';
import { doorTitle, heading } from './heading.ts';
import { fileText, type Lines, paragraphs, section } from './lines.ts';
import { nothingVerified, verdict } from './nginx-told.ts';
import { forwardingVariables, type Placed, variables } from './nginx-variables.ts';
import { namesElsewhere, namesPattern, siteId, siteWord, watchLogName } from './names.ts';

/** Taken for granted where nobody says: later versions start with it too. */
const DEBIAN_12: ServerVersion = [1, 22, 1];

/** nginx configuration for the requirement: a whole file for `nginx -c`, or the part to include in `http { … }`. */
export function nginxConfiguration(requirement: OriginRequirement): string {
  const inHttp = paragraphs(...doors(requirement).map(servers));
  const title = heading('nginx', requirement);
  if (requirement.form === 'fragment') return fileText(paragraphs(title, inHttp));
  const http = paragraphs(wholeHttp(requirement), inHttp);
  return fileText(paragraphs(title, wholeMain(requirement), section('http {', http, '}')));
}

function servers(requirement: OriginRequirement): Lines {
  const { sites, openNames, listen, form } = requirement;
  const placed = sites.map((site) => ({ site, requirement, id: siteId(site, listen), word: siteWord(site, listen) }));
  return paragraphs(
    doorTitle(requirement),
    ...placed.map(variables),
    ...placed.map(({ site, word }) => application(site.content, word)),
    ...openNames.map((open) => openApplication(open, requirement)),
    form === 'complete' ? catchAll(requirement) : [],
    ...placed.map(lockedServer),
    ...openNames.map((open) => openServer(open, requirement)),
    redirect(requirement),
  );
}

function wholeMain({ runtimeDirectory }: OriginRequirement): Lines {
  const errorLog = runtimeDirectory === null ? 'stderr' : quoted(below(runtimeDirectory, 'error.log'));
  return paragraphs(
    [
      'worker_processes auto;',
      '# At this level nginx says why it refused a certificate.',
      `error_log ${errorLog} info;`,
      ...(runtimeDirectory === null ? [] : [`pid ${quoted(below(runtimeDirectory, 'nginx.pid'))};`]),
    ],
    section('events {', ['worker_connections 1024;'], '}'),
  );
}

function wholeHttp({ runtimeDirectory, sites, openNames }: OriginRequirement): Lines {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'] as const;
  return paragraphs(
    ['server_tokens off;', 'access_log off;'],
    ['# Room for long hostnames.', 'server_names_hash_bucket_size 512;', 'map_hash_bucket_size 512;'],
    runtimeDirectory === null
      ? []
      : temporary.map((what) => `${what}_temp_path ${quoted(below(runtimeDirectory, what))};`),
    [...sites, ...openNames].some(({ content }) => content.kind === 'static')
      ? [
          '# A pattern, because a missing file would be an error and a pattern without a match is none.',
          'include /etc/nginx/mime.type[s];',
          'default_type application/octet-stream;',
          'sendfile on;',
        ]
      : [],
  );
}

function application(content: Content, word: string): Lines {
  if (content.kind === 'static') return [];
  const address = content.kind === 'socket' ? quoted(`unix:${content.path}`) : `${content.host}:${content.port}`;
  return section(
    `upstream postern_app_${word} {`,
    [
      `server ${address};`,
      'keepalive 32;',
      '# Less than the 5 seconds after which Node closes an idle connection, so that no request meets a closing one.',
      'keepalive_timeout 4s;',
    ],
    '}',
  );
}

function catchAll(requirement: OriginRequirement): Lines {
  const { listen, listenHttp, sites } = requirement;
  const watched = sites.find(({ mode }) => mode === 'watch');
  const refusal =
    watched === undefined
      ? ['ssl_reject_handshake on;']
      : [
          '# Watching refuses nobody, so a caller without SNI gets a handshake; its Host then chooses the server.',
          `ssl_certificate ${quoted(watched.serverCert)};`,
          `ssl_certificate_key ${quoted(watched.serverKey)};`,
          `ssl_client_certificate ${quoted(watched.trust.bundle)};`,
          'ssl_verify_client optional_no_ca;',
        ];
  return paragraphs(
    [
      '# Every other name, and no name at all, ends here: a second door would make the lock worthless.',
      ...section(
        'server {',
        [
          ...listeners(requirement, listen, 'default_server'),
          'server_name _;',
          ...tlsVersions(),
          ...sessions(),
          ...refusal,
          '# The right name in the handshake with another one in Host gets this far.',
          'return 421;',
        ],
        '}',
      ),
    ],
    listenHttp.length === 0
      ? []
      : section(
          'server {',
          [
            ...listenHttp.map((address) => `listen ${socketText(address)} default_server;`),
            'server_name _;',
            'return 421;',
          ],
          '}',
        ),
  );
}

function listeners({ serverVersion }: OriginRequirement, listen: readonly ListenAddress[], extra = ''): Lines {
  // The parameter of `listen` was replaced by a directive in 1.25.1; the old one still works there, with a warning.
  const directive = isAtLeast(serverVersion ?? DEBIAN_12, [1, 25, 1]);
  const words = ['ssl', ...(directive ? [] : ['http2']), ...(extra === '' ? [] : [extra])].join(' ');
  return [...listen.map((address) => `listen ${socketText(address)} ${words};`), ...(directive ? ['http2 on;'] : [])];
}

function tlsVersions(): Lines {
  return ['ssl_protocols TLSv1.2 TLSv1.3;', 'ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;'];
}

function sessions(): Lines {
  return [
    '# A resumed session is not verified again: without sessions, revocation and a new bundle bite at once.',
    'ssl_session_tickets off;',
    'ssl_session_cache off;',
    'ssl_early_data off;',
  ];
}

function lockedServer(placed: Placed): Lines {
  const { site, requirement } = placed;
  const { hostnames, mode } = site;
  const body = paragraphs(
    [...listeners(requirement, requirement.listen), `server_name ${hostnames.join(' ')};`],
    ownCertificate(site),
    lock(placed),
    sessions(),
    requirement.form === 'fragment' ? againstInheritance(site) : [],
    headerNames(),
    streaming(),
    mode === 'watch' ? watching(placed) : [],
    locations(placed),
  );
  return section('server {', body, '}');
}

function ownCertificate({ serverCert, serverKey }: ServerCertificate): Lines {
  return [
    '# What the edge verifies: the certificate of this site.',
    `ssl_certificate ${quoted(serverCert)};`,
    `ssl_certificate_key ${quoted(serverKey)};`,
    ...tlsVersions(),
  ];
}

function headerNames(): Lines {
  return [
    '# Header names with underscores and dots fold into the same variable as those with hyphens: dropped.',
    'underscores_in_headers off;',
    'ignore_invalid_headers on;',
  ];
}

function streaming(): Lines {
  return ['# The edge limits bodies; here they are streamed.', 'client_max_body_size 0;', 'keepalive_requests 100000;'];
}

function lock({ site: { trust, crl, mode, hostnames }, requirement, id }: Placed): Lines {
  const trusted = [`ssl_client_certificate ${quoted(trust.bundle)};`, ...revocation(crl)];
  // nginx counts the certificates between leaf and root.
  const depth = ['# Root, one intermediate, leaf.', 'ssl_verify_depth 1;'];
  if (mode === 'watch') {
    return [
      '# WATCHING: a client certificate is asked for and logged, and nobody is refused.',
      ...trusted,
      'ssl_verify_client optional_no_ca;',
      ...depth,
    ];
  }
  const pattern = namesPattern(hostnames, namesElsewhere(hostnames, requirement));
  return [
    '# THE LOCK: who does not show a certificate of this bundle gets a 400 and never reaches a location.',
    ...trusted,
    'ssl_verify_client on;',
    ...depth,
    '# Without SNI the default server of this socket verifies, perhaps with another CA: not good enough.',
    ...section(`if ($ssl_server_name !~* "${pattern}") {`, ['return 421;'], '}'),
    ...(trust.kind === 'zone' ? [] : section(`if ($postern_pinned_${id} = 0) {`, ['return 403;'], '}')),
  ];
}

function revocation(crl: ConfigPath | null): Lines {
  if (crl === null) return [];
  return [
    '# Checked for the whole path: a list that is missing or past its end refuses everybody. Renew it, then reload.',
    `ssl_crl ${quoted(crl)};`,
  ];
}

function againstInheritance({ trust, mode }: Site): Lines {
  return [
    '# One set in http { } for stapling would silently be trusted for clients too.',
    `ssl_trusted_certificate ${quoted(trust.bundle)};`,
    ...(mode === 'watch'
      ? []
      : [
          '# Any error_page here stops those of http { }, which could answer a refusal with the application.',
          'error_page 598 =598 /;',
        ]),
    'proxy_intercept_errors off;',
  ];
}

function watching({ site, requirement, word }: Placed): Lines {
  return [
    '# Even optional_no_ca refuses an expired certificate or one for servers: those go on to the application as well.',
    `error_page 495 = @postern_${word};`,
    `access_log ${quoted(nginxWatchLog(site, requirement))} postern_watch_${word};`,
  ];
}

/** Where the watch mode of nginx writes one line for each request. */
export function nginxWatchLog(site: Site, { runtimeDirectory }: OriginRequirement): ConfigPath {
  return below(runtimeDirectory ?? NGINX_LOGS, watchLogName(site));
}

function locations(placed: Placed): Lines {
  const { site, word } = placed;
  const body = site.content.kind === 'static' ? files(site.content.root) : forwarding(placed, verdict(placed));
  return paragraphs(
    site.content.kind === 'static' ? hiddenFiles() : [],
    section('location / {', body, '}'),
    site.mode === 'watch' ? section(`location @postern_${word} {`, body, '}') : [],
  );
}

function hiddenFiles(): Lines {
  return section('location ~ "/\\.(?!well-known(?:/|$))" {', ['return 404;'], '}');
}

function files(root: ConfigPath): Lines {
  return [`root ${quoted(root)};`, 'try_files $uri $uri/index.html =404;'];
}

type ForwardedBy = Pick<Placed, 'id' | 'word'> & { readonly site?: Site };

function forwarding({ id, word, site }: ForwardedBy, headers: Lines): Lines {
  return [
    `proxy_pass http://postern_app_${word};`,
    'proxy_http_version 1.1;',
    `proxy_set_header Host $host$postern_port_${id};`,
    `proxy_set_header Upgrade $postern_upgrade_${id};`,
    `proxy_set_header Connection $postern_connection_${id};`,
    ...headers,
    '# CGI would take it for its proxy setting.',
    'proxy_set_header Proxy "";',
    ...(site?.via === 'own'
      ? []
      : ['# What the edge says of the visitor (X-Forwarded-For, CF-Connecting-IP …) is passed on as it comes.']),
    'proxy_request_buffering off;',
    'proxy_buffering off;',
    'proxy_read_timeout 120s;',
  ];
}

function openApplication({ hostname, content }: OpenName, { listen }: OriginRequirement): Lines {
  const named = { hostnames: [hostname] } as const;
  return paragraphs(
    content.kind === 'static' ? [] : forwardingVariables(siteId(named, listen)),
    application(content, siteWord(named, listen)),
  );
}

function openServer(open: OpenName, requirement: OriginRequirement): Lines {
  const { hostname, content } = open;
  const named = { hostnames: [hostname] } as const;
  const [id, word] = [siteId(named, requirement.listen), siteWord(named, requirement.listen)];
  const body = content.kind === 'static' ? files(content.root) : forwarding({ word, id }, nothingVerified(requirement));
  return section(
    'server {',
    paragraphs(
      [...listeners(requirement, requirement.listen), `server_name ${hostname};`],
      ['# OPEN, as asked for: nobody is asked for a certificate here.', 'ssl_verify_client off;'],
      ownCertificate(open),
      sessions(),
      headerNames(),
      streaming(),
      content.kind === 'static' ? hiddenFiles() : [],
      section('location / {', body, '}'),
    ),
    '}',
  );
}

function redirect({ listen, listenHttp, sites, openNames }: OriginRequirement): Lines {
  if (listenHttp.length === 0) return [];
  const hostnames = [...sites.flatMap((site) => site.hostnames), ...openNames.map(({ hostname }) => hostname)];
  const port = listen[0].port === 443 ? '' : `:${listen[0].port}`;
  return [
    '# Plain HTTP carries no client certificate: it redirects and does nothing else.',
    ...section(
      'server {',
      [
        ...listenHttp.map((address) => `listen ${socketText(address)};`),
        `server_name ${hostnames.join(' ')};`,
        `return 301 https://$host${port}$request_uri;`,
      ],
      '}',
    ),
  ];
}

function quoted(text: string): string {
  return `"${text}"`;
}

/** What is to be said of an nginx configuration alone. */
export function nginxNotes(requirement: OriginRequirement): readonly string[] {
  const { sites, form } = requirement;
  return [
    ...sites
      .filter(({ mode }) => mode === 'watch')
      .map((site) => `Callers other than the edge: grep -v 'verify="SUCCESS"' ${nginxWatchLog(site, requirement)}`),
    ...(form === 'complete' ? [] : doors(requirement).flatMap(leftToReader)),
    ...(ownDoor(requirement)?.sites.some(({ content }) => content.kind !== 'static')
      ? [`${BY_NAME_NOTE}. nginx cannot remove a field by how its name begins.`]
      : []),
  ];
}

function leftToReader({ listen }: OriginRequirement): readonly string[] {
  const where = listen.map(socketText).join(', ');
  return [
    `Give ${where} a default server with 'ssl_reject_handshake on', and look that no other server block reaches the application.`,
    `The default server of ${where} decides on the TLS versions of all: 'ssl_protocols TLSv1.2 TLSv1.3' belongs there too.`,
  ];
}

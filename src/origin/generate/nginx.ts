import { below, type ConfigPath, NGINX_LOGS } from '../config-path.ts';
import { type ListenAddress, socketText } from '../listen-address.ts';
import type { OriginRequirement } from '../requirement.ts';
import { isAtLeast, type ServerVersion } from '../server-version.ts';
import { foldedSpellings } from '../verified-header.ts';
import { heading } from './heading.ts';
import { fileText, type Lines, paragraphs, section } from './lines.ts';
import { namesPattern, siteId, siteWord } from './names.ts';

/** Taken for granted where nobody says: later versions start with it too. */
const DEBIAN_12: ServerVersion = [1, 22, 1];
/** `ssl_reject_handshake`, without which a catch-all server needs a certificate and says which names it has. */
export const NGINX_FLOOR: ServerVersion = [1, 19, 4];

/** nginx configuration for the requirement: a whole file for `nginx -c`, or the part to include in `http { … }`. */
export function nginxConfiguration(requirement: OriginRequirement): string {
  const inHttp = paragraphs(
    variables(requirement),
    application(requirement),
    requirement.form === 'complete' ? catchAll(requirement) : [],
    lockedServer(requirement),
    redirect(requirement),
  );
  const title = heading('nginx', requirement);
  if (requirement.form === 'fragment') return fileText(paragraphs(title, inHttp));
  const http = paragraphs(wholeHttp(requirement), inHttp);
  return fileText(paragraphs(title, wholeMain(requirement), section('http {', http, '}')));
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

function wholeHttp({ runtimeDirectory, content }: OriginRequirement): Lines {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'] as const;
  return paragraphs(
    ['server_tokens off;', 'access_log off;'],
    ['# Room for long hostnames.', 'server_names_hash_bucket_size 512;', 'map_hash_bucket_size 512;'],
    runtimeDirectory === null
      ? []
      : temporary.map((what) => `${what}_temp_path ${quoted(below(runtimeDirectory, what))};`),
    content.kind === 'static'
      ? [
          '# A pattern, because a missing file would be an error and a pattern without a match is none.',
          'include /etc/nginx/mime.type[s];',
          'default_type application/octet-stream;',
          'sendfile on;',
        ]
      : [],
  );
}

function variables(requirement: OriginRequirement): Lines {
  const { trust, mode, content } = requirement;
  const id = siteId(requirement);
  const pins =
    trust.kind === 'zone'
      ? []
      : section(
          `map $ssl_client_fingerprint $postern_pinned_${id} {`,
          ['default 0;', ...trust.pins.map(({ derSha1, derSha256 }) => `${derSha1} 1; # sha256 ${derSha256}`)],
          '}',
        );
  return paragraphs(
    trust.kind === 'shared'
      ? ['# The pinned certificates, by the SHA-1 fingerprint: nginx knows no other.', ...pins]
      : [],
    trust.kind === 'shared' && mode === 'watch' ? pinnedVerdict(id) : [],
    content.kind === 'static' ? [] : forwardingVariables(id),
    mode === 'watch' ? watchLog(siteWord(requirement)) : [],
  );
}

function pinnedVerdict(id: string): Lines {
  return section(
    `map "$ssl_client_verify:$postern_pinned_${id}" $postern_verified_${id} {`,
    ['default $ssl_client_verify;', '"SUCCESS:0" "FAILED:not a pinned certificate";'],
    '}',
  );
}

function forwardingVariables(id: string): Lines {
  return [
    '# Only WebSocket may switch protocols: h2c would carry requests past the header rules below.',
    ...section(`map $http_upgrade $postern_upgrade_${id} {`, ['default "";', '"websocket" websocket;'], '}'),
    ...section(`map $http_upgrade $postern_connection_${id} {`, ['default "";', '"websocket" upgrade;'], '}'),
    "# The port of the visitor's URL goes on with the name that chose this server, not with what else Host may say.",
    ...section(`map $http_host $postern_port_${id} {`, ['default "";', '"~(:[0-9]+)$" $1;'], '}'),
  ];
}

function watchLog(word: string): Lines {
  return [
    `log_format postern_watch_${word} '$time_iso8601 verify="$ssl_client_verify" from=$remote_addr '`,
    `  'sni="$ssl_server_name" host="$host" request="$request" subject="$ssl_client_s_dn" issuer="$ssl_client_i_dn"';`,
  ];
}

function application(requirement: OriginRequirement): Lines {
  const { content } = requirement;
  if (content.kind === 'static') return [];
  const address = content.kind === 'socket' ? quoted(`unix:${content.path}`) : `${content.host}:${content.port}`;
  return section(
    `upstream postern_app_${siteWord(requirement)} {`,
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
  const { listen, listenHttp, mode, serverCert, serverKey, trust } = requirement;
  const refusal =
    mode === 'enforce'
      ? ['ssl_reject_handshake on;']
      : [
          '# Watching refuses nobody, so a caller without SNI gets a handshake; its Host then chooses the server.',
          `ssl_certificate ${quoted(serverCert)};`,
          `ssl_certificate_key ${quoted(serverKey)};`,
          `ssl_client_certificate ${quoted(trust.bundle)};`,
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

function lockedServer(requirement: OriginRequirement): Lines {
  const { listen, hostnames, serverCert, serverKey, form } = requirement;
  const body = paragraphs(
    [...listeners(requirement, listen), `server_name ${hostnames.join(' ')};`],
    [
      '# What the edge verifies: the certificate of this site.',
      `ssl_certificate ${quoted(serverCert)};`,
      `ssl_certificate_key ${quoted(serverKey)};`,
      ...tlsVersions(),
    ],
    lock(requirement),
    sessions(),
    form === 'fragment' ? againstInheritance(requirement) : [],
    [
      '# Header names with underscores and dots fold into the same variable as those with hyphens: dropped.',
      'underscores_in_headers off;',
      'ignore_invalid_headers on;',
    ],
    ['# The edge limits bodies; here they are streamed.', 'client_max_body_size 0;', 'keepalive_requests 100000;'],
    requirement.mode === 'watch' ? watching(requirement) : [],
    locations(requirement),
  );
  return section('server {', body, '}');
}

function lock(requirement: OriginRequirement): Lines {
  const { trust, crl, mode, hostnames } = requirement;
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
  return [
    '# THE LOCK: who does not show a certificate of this bundle gets a 400 and never reaches a location.',
    ...trusted,
    'ssl_verify_client on;',
    ...depth,
    '# Without SNI the default server of this socket verifies, perhaps with another CA: not good enough.',
    ...section(`if ($ssl_server_name !~* "${namesPattern(hostnames)}") {`, ['return 421;'], '}'),
    ...(trust.kind === 'zone'
      ? []
      : section(`if ($postern_pinned_${siteId(requirement)} = 0) {`, ['return 403;'], '}')),
  ];
}

function revocation(crl: ConfigPath | null): Lines {
  if (crl === null) return [];
  return [
    '# Checked for the whole path: a list that is missing or past its end refuses everybody. Renew it, then reload.',
    `ssl_crl ${quoted(crl)};`,
  ];
}

function againstInheritance({ trust, mode }: OriginRequirement): Lines {
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

function watching(requirement: OriginRequirement): Lines {
  const word = siteWord(requirement);
  return [
    '# Even optional_no_ca refuses an expired certificate or one for servers: those go on to the application as well.',
    `error_page 495 = @postern_${word};`,
    `access_log ${quoted(watchLogFile(requirement))} postern_watch_${word};`,
  ];
}

/** Where the watch mode of nginx writes one line for each request. */
export function watchLogFile(requirement: OriginRequirement): ConfigPath {
  return below(requirement.runtimeDirectory ?? NGINX_LOGS, `postern-watch-${siteWord(requirement)}.log`);
}

function locations(requirement: OriginRequirement): Lines {
  const body = requirement.content.kind === 'static' ? files(requirement.content.root) : forwarding(requirement);
  const hidden =
    requirement.content.kind === 'static'
      ? section('location ~ "/\\.(?!well-known(?:/|$))" {', ['return 404;'], '}')
      : [];
  return paragraphs(
    hidden,
    section('location / {', body, '}'),
    requirement.mode === 'watch' ? section(`location @postern_${siteWord(requirement)} {`, body, '}') : [],
  );
}

function files(root: ConfigPath): Lines {
  return [`root ${quoted(root)};`, 'try_files $uri $uri/index.html =404;'];
}

function forwarding(requirement: OriginRequirement): Lines {
  const { verifiedHeader, trust, mode } = requirement;
  const id = siteId(requirement);
  const verified = trust.kind === 'shared' && mode === 'watch' ? `$postern_verified_${id}` : '$ssl_client_verify';
  return [
    `proxy_pass http://postern_app_${siteWord(requirement)};`,
    'proxy_http_version 1.1;',
    `proxy_set_header Host $host$postern_port_${id};`,
    `proxy_set_header Upgrade $postern_upgrade_${id};`,
    `proxy_set_header Connection $postern_connection_${id};`,
    "# Always this server's own verdict. A proxy_set_header in another location must be accompanied by all of these.",
    `proxy_set_header ${verifiedHeader} ${verified};`,
    ...foldedSpellings(verifiedHeader).map((spelling) => `proxy_set_header ${spelling} "";`),
    '# CGI would take it for its proxy setting.',
    'proxy_set_header Proxy "";',
    '# What the edge says of the visitor (X-Forwarded-For, CF-Connecting-IP …) is passed on as it comes.',
    'proxy_request_buffering off;',
    'proxy_buffering off;',
    'proxy_read_timeout 120s;',
  ];
}

function redirect({ listen, listenHttp, hostnames }: OriginRequirement): Lines {
  if (listenHttp.length === 0) return [];
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

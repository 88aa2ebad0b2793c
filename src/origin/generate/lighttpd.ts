import { below, type ConfigPath, LIGHTTPD_LOGS } from '../config-path.ts';
import { type ListenAddress, socketText } from '../listen-address.ts';
import { type OriginProblem, originProblem } from '../problems.ts';
import type { OriginRequirement } from '../requirement.ts';
import type { Site } from '../site.ts';
import { isShort, markedSpellings } from '../verified-header.ts';
import { heading } from './heading.ts';
import { fileText, type Lines, paragraphs, section } from './lines.ts';
import { MEDIA_TYPES } from './media-types.ts';
import { alternatives, narrowFirst, watchLogName } from './names.ts';

/** lighttpd configuration for the requirement: a whole file for `lighttpd -f`. */
export function lighttpdConfiguration(requirement: OriginRequirement): string {
  const [first] = requirement.sites;
  return fileText(
    paragraphs(
      heading('lighttpd', requirement),
      wholeServer(requirement),
      tls(first),
      limits(requirement),
      ...sockets(requirement),
      overTls(requirement),
      redirect(requirement),
    ),
  );
}

/** Verification belongs to the listener here: per name it could be walked around with another Host. */
export function lighttpdRefusal({ sites: [first, ...rest] }: OriginRequirement): OriginProblem | null {
  const other = rest.find(({ mode, crl }) => mode !== first.mode || crl !== first.crl);
  return other === undefined ? null : originProblem('one_lock', 'sites', other.hostnames[0]);
}

/** What is to be said of lighttpd alone. */
export function lighttpdNotes(requirement: OriginRequirement): readonly string[] {
  const { sites, runtimeDirectory } = requirement;
  const watched = sites.filter(({ mode }) => mode === 'watch');
  return [
    ...watched.map(
      (site) => `Callers other than the edge: grep -v 'verify="SUCCESS"' ${lighttpdWatchLog(site, requirement)}`,
    ),
    ...(watched.length === 0
      ? []
      : ['While watching, lighttpd hands no verdict to the application: it can set a header to a fixed text only.']),
    'The file of the server certificate must hold its issuer too (fullchain.pem): with the leaf alone lighttpd refuses everybody.',
    'lighttpd looks at Host, not at the name in the handshake, so all names on the listener share one lock.',
    "It adds the edge's own address to X-Forwarded-For, and sets X-Host and X-Forwarded-Host.",
    'It stays the user that starts it: start it as one of its own that may read the key, with CAP_NET_BIND_SERVICE for port 443.',
    'After a change of the bundle or of the lists: kill -USR1; for the certificate and its key too.',
    ...(runtimeDirectory === null
      ? ['Without a runtime directory it writes its errors to stderr: run it with -D.']
      : []),
  ];
}

/** Where the watch mode writes one line for each request. */
export function lighttpdWatchLog(site: Site, { runtimeDirectory }: OriginRequirement): ConfigPath {
  return below(runtimeDirectory ?? LIGHTTPD_LOGS, watchLogName(site));
}

function wholeServer({ sites, listen: [first], listenHttp, runtimeDirectory }: OriginRequirement): Lines {
  const kinds = new Set(sites.map(({ content }) => (content.kind === 'static' ? 'static' : 'proxy')));
  const modules = [
    'mod_openssl',
    'mod_access',
    ...(kinds.has('proxy') ? ['mod_setenv', 'mod_proxy'] : []),
    ...(listenHttp.length === 0 ? [] : ['mod_redirect']),
    ...(sites.some(({ mode }) => mode === 'watch') ? ['mod_accesslog'] : []),
  ];
  return [
    `server.modules = ( ${modules.map(quoted).join(', ')} )`,
    `server.bind = ${quoted(first.family === 6 ? `[${first.host}]` : first.host)}`,
    `server.port = ${first.port}`,
    '# Outside the sites below there is nothing to serve.',
    'server.document-root = "/nonexistent"',
    'server.tag = ""',
    ...(runtimeDirectory === null
      ? []
      : [
          `server.pid-file = ${quoted(below(runtimeDirectory, 'lighttpd.pid'))}`,
          `server.errorlog = ${quoted(below(runtimeDirectory, 'error.log'))}`,
          `server.upload-dirs = ( ${quoted(runtimeDirectory)} )`,
        ]),
    ...(kinds.has('static')
      ? [
          ...section(
            'mimetype.assign = (',
            Object.entries(MEDIA_TYPES).map(([end, type]) => `${quoted(end)} => ${quoted(type)},`),
            ')',
          ),
          'index-file.names = ( "index.html" )',
        ]
      : []),
  ];
}

function tls({ serverCert, serverKey, mode, trust, crl }: Site): Lines {
  return paragraphs(
    [
      'ssl.engine = "enable"',
      '# What the edge verifies: the certificate of this site, with its issuers.',
      `ssl.pemfile = ${quoted(serverCert)}`,
      `ssl.privkey = ${quoted(serverKey)}`,
      '# A resumed session is not verified again: without sessions, revocation and a new bundle bite at once.',
      ...section(
        'ssl.openssl.ssl-conf-cmd = (',
        [
          '"MinProtocol" => "TLSv1.2",',
          '"CipherString" => "ECDHE+AESGCM:ECDHE+CHACHA20",',
          '"Options" => "-SessionTicket"',
        ],
        ')',
      ),
    ],
    [
      mode === 'enforce'
        ? '# THE LOCK: who does not show a certificate of this bundle is refused with a TLS alert. For the whole listener,'
        : '# WATCHING: a client certificate is asked for and logged, and nobody is refused. For the whole listener,',
      '# never in a block for a Host: the handshake is over when Host arrives.',
      'ssl.verifyclient.activate = "enable"',
      `ssl.verifyclient.enforce = ${quoted(mode === 'enforce' ? 'enable' : 'disable')}`,
      `ssl.verifyclient.ca-file = ${quoted(trust.bundle)}`,
      '# lighttpd counts the steps above the leaf: intermediate and root.',
      'ssl.verifyclient.depth = 2',
      ...(crl === null
        ? []
        : [
            '# Checked for the whole path: a list that is missing or past its end refuses everybody. Renew it, then reload.',
            `ssl.verifyclient.ca-crl-file = ${quoted(crl)}`,
          ]),
    ],
  );
}

function limits({ sites }: OriginRequirement): Lines {
  return [
    'server.max-keep-alive-requests = 10000',
    'server.max-keep-alive-idle = 75',
    ...(sites.every(({ content }) => content.kind === 'static')
      ? []
      : [
          '# The path goes on as it came; bodies are streamed.',
          'server.http-parseopts = ( "url-normalize" => "disable" )',
          'server.stream-request-body = 2',
          'server.stream-response-body = 2',
        ]),
  ];
}

function sockets({ listen: [, ...others], listenHttp }: OriginRequirement): readonly Lines[] {
  const socket = (address: ListenAddress, engine: string) =>
    section(`$SERVER["socket"] == ${quoted(socketText(address))} {`, [`ssl.engine = "${engine}"`], '}');
  return [
    ...others.map((address) => socket(address, 'enable')),
    ...listenHttp.map((address) => socket(address, 'disable')),
  ];
}

/** A chain of blocks of which the first that fits the Host decides, and who fits none is refused. */
function byHost(blocks: readonly { readonly site: Site; readonly lines: Lines }[]): Lines {
  const chain = blocks.flatMap(({ site, lines }, index) => {
    const condition = `$HTTP["host"] =~ "(?i)^(${alternatives(site.hostnames)})\\.?(?::[0-9]+)?$" {`;
    return section(index === 0 ? condition : `else ${condition}`, lines, '}');
  });
  return [...chain, ...section('else {', ['url.access-deny = ( "" )'], '}')];
}

function overTls(requirement: OriginRequirement): Lines {
  const [first] = requirement.sites;
  const blocks = narrowFirst(requirement.sites).map((site) => ({
    site,
    lines: paragraphs(
      site.serverCert === first.serverCert
        ? []
        : [`ssl.pemfile = ${quoted(site.serverCert)}`, `ssl.privkey = ${quoted(site.serverKey)}`],
      site.mode === 'watch' ? watching(site, requirement) : [],
      site.content.kind === 'static' ? files(site.content.root) : forwarding(site),
    ),
  }));
  return [
    '# Every other name ends in the last block: a second door would make the lock worthless.',
    ...section('$HTTP["scheme"] == "https" {', byHost(blocks), '}'),
  ];
}

function watching(site: Site, requirement: OriginRequirement): Lines {
  const format = [
    '%{%Y-%m-%dT%H:%M:%S%z}t verify=\\"%{SSL_CLIENT_VERIFY}e\\" from=%a host=\\"%{Host}i\\"',
    'request=\\"%r\\" subject=\\"%{SSL_CLIENT_S_DN}e\\" agent=\\"%{User-Agent}i\\"',
  ].join(' ');
  return [`accesslog.filename = ${quoted(lighttpdWatchLog(site, requirement))}`, `accesslog.format = "${format}"`];
}

function files(root: ConfigPath): Lines {
  return [
    `server.document-root = ${quoted(root)}`,
    ...section('$HTTP["url"] =~ "/\\.(?!well-known(?:/|$))" {', ['url.access-deny = ( "" )'], '}'),
  ];
}

/** Entries of a list, several in a line. */
function rows(entries: readonly string[], each: number): Lines {
  const starts = entries.flatMap((_entry, index) => (index % each === 0 ? [index] : []));
  return starts.map((start) => `${entries.slice(start, start + each).join(', ')},`);
}

function forwarding({ content, verifiedHeader, mode }: Site): Lines {
  const address =
    content.kind === 'proxy'
      ? `"host" => ${quoted(content.host.replace(/^\[|\]$/g, ''))}, "port" => ${content.port}`
      : `"socket" => ${quoted(content.kind === 'socket' ? content.path : content.root)}`;
  return [
    `# The caller's own copies go, in every spelling that an application might fold${isShort(verifiedHeader) ? '' : ' (with other marks than - and _ only if they are all the same)'}. What stays is`,
    mode === 'enforce'
      ? "# this server's own word: nobody else gets this far."
      : '# nothing: a text that is the same for everybody would be a lie while nobody is refused.',
    ...section(
      'setenv.set-request-header = (',
      [
        `${quoted(verifiedHeader)} => ${quoted(mode === 'enforce' ? 'SUCCESS' : '')},`,
        ...rows(
          markedSpellings(verifiedHeader).map((name) => `${quoted(name)} => ""`),
          4,
        ),
        '# CGI would take it for its proxy setting.',
        '"Proxy" => ""',
      ],
      ')',
    ),
    `proxy.server = ( "" => (( ${address} )) )`,
    '# Only WebSocket may switch protocols; lighttpd knows no other.',
    'proxy.header = ( "upgrade" => "enable" )',
  ];
}

function redirect({ sites, listen, listenHttp }: OriginRequirement): Lines {
  if (listenHttp.length === 0) return [];
  const port = listen[0].port === 443 ? '' : `:${listen[0].port}`;
  const lines = [`url.redirect = ( "" => "https://%1${port}\${url.path}\${qsa}" )`, 'url.redirect-code = 301'];
  return [
    '# Plain HTTP carries no client certificate: it redirects and does nothing else.',
    ...section('$HTTP["scheme"] == "http" {', byHost(narrowFirst(sites).map((site) => ({ site, lines }))), '}'),
  ];
}

function quoted(text: string): string {
  return `"${text}"`;
}

import { isWildcard, type ListenAddress, socketText } from '../listen-address.ts';
import type { OriginRequirement } from '../requirement.ts';
import { type Lines, paragraphs, section } from './lines.ts';
import { serverWord } from './names.ts';

/** Whose modules, which user, which log directory: the first of these places that exists decides. */
const PLACES = [
  { modules: '/usr/lib/apache2/modules', user: 'www-data', group: 'www-data', logs: '/var/log/apache2' },
  { modules: '/usr/lib64/httpd/modules', user: 'apache', group: 'apache', logs: '/var/log/httpd' },
  { modules: '/usr/local/apache2/modules', user: 'www-data', group: 'www-data', logs: '/usr/local/apache2/logs' },
] as const;

/** Built into some packages and separate files in others. */
const MODULES = [
  'mpm_event',
  'unixd',
  'version',
  'log_config',
  'authz_core',
  'setenvif',
  'headers',
  'ssl',
  'reqtimeout',
];

/** Apache's notation for what a `Define` holds. */
export function defined(name: string): string {
  return `\${${name}}`;
}

/** Everything of a server that stands around its virtual hosts. */
export function wholeServer(requirement: OriginRequirement): Lines {
  return paragraphs(
    places(requirement),
    modules(requirement),
    processes(requirement),
    sockets(requirement),
    defaults(requirement),
    sniPolicy(requirement),
  );
}

function places({ runtimeDirectory }: OriginRequirement): Lines {
  return paragraphs(
    [
      "# Where this system's package keeps the modules, and as whom it runs.",
      ...PLACES.flatMap(({ modules: directory, user, group, logs }) =>
        section(
          `<IfFile "${directory}/mod_ssl.so">`,
          section(
            '<IfDefine !POSTERN_MODULES>',
            [
              `Define POSTERN_MODULES "${directory}"`,
              `Define POSTERN_USER "${user}"`,
              `Define POSTERN_GROUP "${group}"`,
              `Define POSTERN_SYSTEM_LOG "${logs}"`,
            ],
            '</IfDefine>',
          ),
          '</IfFile>',
        ),
      ),
    ],
    [
      '# Where process id and logs go.',
      ...section('<IfDefine POSTERN_RUN>', [`Define POSTERN_LOG "${defined('POSTERN_RUN')}"`], '</IfDefine>'),
      ...section(
        '<IfDefine !POSTERN_RUN>',
        runtimeDirectory === null
          ? ['Define POSTERN_RUN "/run"', `Define POSTERN_LOG "${defined('POSTERN_SYSTEM_LOG')}"`]
          : [`Define POSTERN_RUN "${runtimeDirectory}"`, `Define POSTERN_LOG "${runtimeDirectory}"`],
        '</IfDefine>',
      ),
    ],
  );
}

function modules({ sites, openNames, listenHttp }: OriginRequirement): Lines {
  const kinds = [...sites, ...openNames].map(({ content }) => content.kind);
  const hasFiles = kinds.includes('static');
  const needed = [
    ...MODULES,
    ...(hasFiles ? ['dir'] : []),
    ...(kinds.some((kind) => kind !== 'static') ? ['proxy', 'proxy_http'] : []),
    ...(listenHttp.length === 0 ? [] : ['rewrite']),
  ];
  return [
    ...needed.flatMap((name) => loading(name)),
    '# Served where the package has it.',
    ...section(`<IfFile "${defined('POSTERN_MODULES')}/mod_http2.so">`, loading('http2'), '</IfFile>'),
    ...(hasFiles
      ? section('<IfFile "/etc/mime.types">', [...loading('mime'), 'TypesConfig "/etc/mime.types"'], '</IfFile>')
      : []),
  ];
}

function loading(name: string): Lines {
  return section(
    `<IfModule !${name}_module>`,
    [`LoadModule ${name}_module "${defined('POSTERN_MODULES')}/mod_${name}.so"`],
    '</IfModule>',
  );
}

function processes(requirement: OriginRequirement): Lines {
  const word = serverWord(requirement);
  return [
    `User "${defined('POSTERN_USER')}"`,
    `Group "${defined('POSTERN_GROUP')}"`,
    '# Named after this site, so that several can run side by side.',
    `DefaultRuntimeDir "${defined('POSTERN_RUN')}"`,
    `PidFile "${defined('POSTERN_RUN')}/postern-${word}.pid"`,
    `ErrorLog "${defined('POSTERN_LOG')}/postern-${word}.log"`,
    '# At this level Apache says why it refused a certificate.',
    'LogLevel warn ssl:info',
  ];
}

function sockets({ listen, alsoListen, listenHttp, sites: [first] }: OriginRequirement): Lines {
  return [
    `ServerName "${first.hostnames[0].replace(/^\*\./, '')}"`,
    ...listening([...listen, ...alsoListen], 'https'),
    ...listening(listenHttp, 'http'),
  ];
}

// A bare port is both families: apart, `[::]` may take the IPv4 side too and leave none for `0.0.0.0`.
function listening(addresses: readonly ListenAddress[], protocol: 'http' | 'https'): Lines {
  const wild = addresses.filter(isWildcard);
  const both = new Set(
    wild.filter((a) => wild.some((b) => b.port === a.port && b.family !== a.family)).map((a) => a.port),
  );
  const texts = addresses.map((address) =>
    isWildcard(address) && both.has(address.port) ? String(address.port) : socketText(address),
  );
  return [...new Set(texts)].map((text) => `Listen ${text} ${protocol}`);
}

function defaults({ sites, openNames }: OriginRequirement): Lines {
  const hasFiles = [...sites, ...openNames].some(({ content }) => content.kind === 'static');
  return [
    'ServerTokens Prod',
    'ServerSignature Off',
    'TraceEnable Off',
    'RequestReadTimeout header=20-40,MinRate=500',
    'KeepAliveTimeout 75',
    'MaxKeepAliveRequests 0',
    ...section('<Directory "/">', ['AllowOverride None', 'Require all denied'], '</Directory>'),
    ...(hasFiles ? ['DirectoryIndex index.html'] : []),
    'SSLSessionCache none',
  ];
}

function sniPolicy({ sites }: OriginRequirement): Lines {
  // It holds for the whole server: a watched site refuses nobody, and what enforces has a bolt of its own.
  if (sites.some(({ mode }) => mode === 'watch')) return [];
  return [
    '# The name in the handshake chose the lock; a request for another name, or without one, is refused.',
    'SSLStrictSNIVHostCheck on',
    ...section('<IfDirective SSLVHostSNIPolicy>', ['SSLVHostSNIPolicy strict'], '</IfDirective>'),
  ];
}

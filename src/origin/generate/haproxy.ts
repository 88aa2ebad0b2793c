import { below, type ConfigPath, sibling } from '../config-path.ts';
import { isWildcard, type ListenAddress, socketText } from '../listen-address.ts';
import { type OriginProblem, originProblem } from '../problems.ts';
import type { OriginRequirement } from '../requirement.ts';
import { isAtLeast, type ServerVersion } from '../server-version.ts';
import type { ServerCertificate, Site } from '../site.ts';
import type { Content } from '../upstream.ts';
import type { CompanionFile } from './companion-file.ts';
import { accounting, admission, chosenSite, host, headers } from './haproxy-rules.ts';
import { doors } from '../own-door.ts';
import { doorTitle, heading } from './heading.ts';
import { fileText, type Lines, paragraphs, section } from './lines.ts';
import { serverWord, siteWord } from './names.ts';

/** Taken for granted where nobody says. */
const DEBIAN_12: ServerVersion = [2, 6, 12];
/** `crt-store`, which takes a certificate and its key from two files. */
const CRT_STORE: ServerVersion = [3, 0, 0];

/** HAProxy configuration for the requirement: a whole file for `haproxy -f`, or one to load beside another. */
export function haproxyConfiguration(requirement: OriginRequirement): string {
  const word = serverWord(requirement);
  return fileText(
    paragraphs(
      heading('haproxy', requirement),
      block('global', globals(requirement)),
      certificateStore(requirement),
      block(`defaults postern_${word}`, defaults(requirement)),
      ...doors(requirement).map((door) => frontend(door, word)),
      redirect(requirement),
    ),
  );
}

function frontend(door: OriginRequirement, word: string): Lines {
  return paragraphs(
    doorTitle(door),
    block(`frontend postern_tls_${serverWord(door)} from postern_${word}`, tlsFrontend(door)),
    ...applications(door).map(({ name, content }) =>
      block(`backend postern_app_${name} from postern_${word}`, application(content)),
    ),
  );
}

function block(open: string, lines: Lines): Lines {
  return lines.length === 0 ? [] : section(open, lines, '').slice(0, -1);
}

function globals({ form, runtimeDirectory }: OriginRequirement): Lines {
  return [
    '# A resumed session is not verified again, and one of another name would do: without a cache there are none.',
    'tune.ssl.cachesize 0',
    ...(form === 'fragment'
      ? []
      : [
          'log stderr format raw local0 info',
          ...(runtimeDirectory === null
            ? ['user haproxy', 'group haproxy']
            : [`pidfile ${quoted(below(runtimeDirectory, 'haproxy.pid'))}`]),
          'ssl-default-bind-ciphers ECDHE+AESGCM:ECDHE+CHACHA20',
        ]),
  ];
}

function defaults({ form, sites }: OriginRequirement): Lines {
  return [
    'mode http',
    ...(form === 'complete' || sites.some(({ mode }) => mode === 'watch') ? ['log global'] : []),
    'timeout connect 5s',
    'timeout client 75s',
    '# For the head of a request; bodies are streamed.',
    'timeout http-request 30s',
    'timeout server 120s',
    'timeout tunnel 1h',
  ];
}

function tlsFrontend(requirement: OriginRequirement): Lines {
  return paragraphs(
    binds(requirement),
    [...host(), ...chosenSite(requirement)],
    admission(requirement),
    accounting(requirement),
    headers(requirement),
    applications(requirement).map(
      ({ name, id }) => `use_backend postern_app_${name} if { var(txn.postern_site) -m str ${id} }`,
    ),
  );
}

function binds(requirement: OriginRequirement): Lines {
  const { sites, listen } = requirement;
  const watches = sites.some(({ mode }) => mode === 'watch');
  const list = policies(requirement).length === 1 ? null : certificateList(requirement);
  const [first] = sites;
  const words = [
    'ssl',
    ...(list === null
      ? [
          `crt ${quoted(certificateName(first, requirement))}`,
          ...verification(first).map((word) => word.replace(/^(\S+) (\/.*)$/, '$1 "$2"')),
        ]
      : [`crt-list ${quoted(list)}`]),
    ...(list !== null && !watches ? ['strict-sni'] : []),
    ...(watches ? ['crt-ignore-err all', 'ca-ignore-err all'] : []),
    'alpn h2,http/1.1',
    'ssl-min-ver TLSv1.2',
    'no-tls-tickets',
  ].join(' ');
  return [
    watches
      ? '# WATCHING: a client certificate is asked for; a bad one is told and logged instead of ending the handshake.'
      : '# THE LOCK: who does not show a certificate of the right bundle is refused with a TLS alert.',
    ...listen.map((address) => `bind ${bindAddress(address)} ${words}`),
  ];
}

function bindAddress(address: ListenAddress): string {
  return `${socketText(address)}${address.family === 6 && isWildcard(address) ? ' v6only' : ''}`;
}

/** What is asked of the callers of a site, as options of `bind` and of a line in a list of certificates. */
function verification({ trust, crl, mode }: Site): Lines {
  return [
    `ca-file ${trust.bundle}`,
    ...(crl === null ? [] : [`crl-file ${crl}`]),
    `verify ${mode === 'enforce' ? 'required' : 'optional'}`,
  ];
}

interface Policy {
  readonly certificate: ServerCertificate;
  readonly options: Lines;
  readonly names: readonly string[];
}

/** One for all names with the same certificate and the same demands. */
function policies({ sites, openNames }: OriginRequirement): readonly Policy[] {
  // The first line is also for callers without SNI: those of a watched site are to be let in.
  const watchedFirst = [
    ...sites.filter(({ mode }) => mode === 'watch'),
    ...sites.filter(({ mode }) => mode === 'enforce'),
  ];
  const all: readonly Policy[] = [
    ...watchedFirst.map((site) => ({ certificate: site, options: verification(site), names: site.hostnames })),
    ...openNames.map((open) => ({ certificate: open, options: ['verify none'], names: [open.hostname] })),
  ];
  const byKey = new Map<string, Policy>();
  for (const policy of all) {
    const key = [policy.certificate.serverCert, policy.certificate.serverKey, ...policy.options].join('\n');
    byKey.set(key, { ...policy, names: [...(byKey.get(key)?.names ?? []), ...policy.names] });
  }
  return [...byKey.values()];
}

function certificateList(requirement: OriginRequirement): ConfigPath {
  return sibling(requirement.sites[0].trust.bundle, `postern-haproxy-${serverWord(requirement)}.crtlist`);
}

/** The list of certificates, where names differ in what is asked of their callers. */
export function haproxyFiles(requirement: OriginRequirement): readonly CompanionFile[] {
  return doors(requirement).flatMap(listFile);
}

function listFile(requirement: OriginRequirement): readonly CompanionFile[] {
  const all = policies(requirement);
  if (all.length === 1) return [];
  const lines = all.map(
    ({ certificate, options, names }) =>
      `${certificateName(certificate, requirement)} [${options.join(' ')}] ${names.join(' ')}`,
  );
  const title = '# Which certificate each name shows, and whom it lets in. Made by: postern origin config haproxy';
  return [{ path: certificateList(requirement), text: fileText([title, ...lines]) }];
}

function hasStore({ serverVersion }: OriginRequirement): boolean {
  return isAtLeast(serverVersion ?? DEBIAN_12, CRT_STORE);
}

// HAProxy reads the key from the certificate's file, or from the one beside it that has `.key` behind its name.
function isTogether({ serverCert, serverKey }: ServerCertificate): boolean {
  return serverKey === serverCert || serverKey === `${serverCert}.key`;
}

function apart({ sites, openNames }: OriginRequirement): readonly ServerCertificate[] {
  const found = [...sites, ...openNames].filter((one) => !isTogether(one));
  return [...new Map(found.map((one) => [`${one.serverCert}\n${one.serverKey}`, one])).values()];
}

function certificateStore(requirement: OriginRequirement): Lines {
  const loads = apart(requirement).map(
    ({ serverCert, serverKey }, index) =>
      `load crt ${quoted(serverCert)} key ${quoted(serverKey)} alias "cert${index}"`,
  );
  return block(`crt-store postern_${serverWord(requirement)}`, loads);
}

function certificateName(certificate: ServerCertificate, requirement: OriginRequirement): string {
  const index = apart(requirement).findIndex(
    ({ serverCert, serverKey }) => serverCert === certificate.serverCert && serverKey === certificate.serverKey,
  );
  return index === -1 ? certificate.serverCert : `@postern_${serverWord(requirement)}/cert${index}`;
}

/** What this server cannot do with these very files. */
export function haproxyRefusal(requirement: OriginRequirement): OriginProblem | null {
  const [key] = apart(requirement);
  if (key !== undefined && !hasStore(requirement)) return originProblem('key_apart', 'serverKey', key.serverKey);
  for (const door of doors(requirement)) {
    const problem = spaced(door);
    if (problem !== null) return problem;
  }
  return null;
}

function spaced(requirement: OriginRequirement): OriginProblem | null {
  if (policies(requirement).length === 1) return null;
  const own = requirement.sites.some(({ via }) => via === 'own');
  const [bundle, list] = own ? (['alsoTrust', 'alsoTrustCrl'] as const) : (['bundle.path', 'crl'] as const);
  const listed = requirement.sites.flatMap(({ trust, crl, serverCert }) => [
    { field: bundle, path: trust.bundle },
    { field: list, path: crl ?? '' },
    { field: 'serverCert', path: serverCert },
  ]);
  const open = requirement.openNames.map(({ serverCert }) => ({ field: 'serverCert', path: serverCert }));
  const found = [...listed, ...open].find(({ path }) => path.includes(' '));
  return found === undefined ? null : originProblem('path_with_space', found.field, found.path);
}

interface Application {
  readonly name: string;
  readonly id: string;
  readonly content: Content;
}

function applications({ sites, openNames, listen }: OriginRequirement): readonly Application[] {
  const all = [...sites, ...openNames.map((open) => ({ ...open, hostnames: [open.hostname] as const }))];
  return all.map((one) => ({ name: siteWord(one, listen), id: siteWord(one, listen), content: one.content }));
}

function application(content: Content): Lines {
  const address =
    content.kind === 'socket'
      ? quoted(`unix@${content.path}`)
      : content.kind === 'proxy'
        ? `${content.host}:${content.port}`
        : '';
  return [
    '# An address that is unknown at the start does not keep the others from being served.',
    `server app ${address} init-addr last,libc,none`,
  ];
}

function redirect(requirement: OriginRequirement): Lines {
  const { listen, listenHttp, sites, openNames } = requirement;
  if (listenHttp.length === 0) return [];
  const word = serverWord(requirement);
  const names = [...sites.flatMap(({ hostnames }) => hostnames), ...openNames.map(({ hostname }) => hostname)];
  const port = listen[0].port === 443 ? '' : `:${listen[0].port}`;
  return [
    '# Plain HTTP carries no client certificate: it redirects and does nothing else.',
    ...block(`frontend postern_http_${word} from postern_${word}`, [
      ...listenHttp.map((address) => `bind ${bindAddress(address)}`),
      ...host(),
      ...names.map((name) => `acl known var(txn.postern_host) ${nameMatch(name)}`),
      'http-request return status 421 unless known',
      `http-request redirect code 301 location "https://%[var(txn.postern_host)]${port}%[pathq]"`,
    ]),
  ];
}

function nameMatch(name: string): string {
  return name.startsWith('*.') ? `-m end ${name.slice(1)}` : `-m str ${name}`;
}

function quoted(text: string): string {
  return `"${text}"`;
}

/** What is to be said of an HAProxy configuration alone. */
export function haproxyNotes(requirement: OriginRequirement): readonly string[] {
  const { sites, openNames, listen, alsoListen, form } = requirement;
  const hasSocket = [...sites, ...openNames].some(({ content }) => content.kind === 'socket');
  const where = [...listen, ...alsoListen].map(socketText).join(', ');
  return [
    ...(sites.some(({ mode }) => mode === 'watch')
      ? [
          "HAProxy writes no file: its log (stderr, or where 'log' in 'global' leads) has a line with postern-watch for each request.",
          'Callers other than the edge: journalctl -t haproxy | grep postern-watch | grep -v \'verify="SUCCESS"\'',
        ]
      : []),
    ...(form === 'complete'
      ? []
      : [
          `Look that no other frontend listens on ${where} or leads to the application.`,
          "Load it behind the other file: haproxy -f haproxy.cfg -f FILE (Debian: EXTRAOPTS in /etc/default/haproxy). A file after it needs a 'defaults' section of its own.",
          ...(hasSocket
            ? ["Under 'chroot' (Debian's haproxy.cfg has it) a socket file is looked for below that directory."]
            : []),
          "'tune.ssl.cachesize 0' switches session resumption off for the whole process: a session would outlive a revocation.",
        ]),
  ];
}

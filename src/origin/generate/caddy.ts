import { createHash } from 'node:crypto';
import { loadCertificates } from '../../pki/read.ts';
import { below, type ConfigPath, configPath, sibling } from '../config-path.ts';
import { isWildcard, type ListenAddress, socketText } from '../listen-address.ts';
import { doors } from '../own-door.ts';
import { type OriginProblem, originProblem } from '../problems.ts';
import type { OriginRequirement } from '../requirement.ts';
import { isAtLeast, type ServerVersion } from '../server-version.ts';
import type { OpenName, ServerCertificate, Site } from '../site.ts';
import type { CompanionFile } from './companion-file.ts';
import { lockedHandlers, nothingVerified, proxied, served } from './caddy-handlers.ts';
import { doorTitle, heading } from './heading.ts';
import { fileText, type Lines, paragraphs, section } from './lines.ts';
import { siteId, watchLogName } from './names.ts';

/** Taken for granted where nobody says. */
const DEBIAN_12: ServerVersion = [2, 6, 2];
/** `trust_pool`; `trusted_ca_cert` is on its way out from then on. */
const TRUST_POOL: ServerVersion = [2, 8, 0];
/** From here on, releases are built with a Go that takes a session of one CA where another is trusted (CVE-2025-68121). */
const SESSIONS_CROSS: ServerVersion = [2, 7, 0];
/** From here on, a listener that asks for certificates resumes nothing. No setting of a Caddyfile does that before. */
const NO_SESSIONS: ServerVersion = [2, 9, 0];

/** Caddyfile for the requirement: a whole one for `caddy run`, or the part to import. */
export function caddyConfiguration(requirement: OriginRequirement): string {
  return caddyText(
    paragraphs(
      heading('caddy', requirement),
      requirement.form === 'complete' ? globals(requirement) : [],
      trustImports(requirement),
      ...doors(requirement).map(sitesOfDoor),
    ),
  );
}

function sitesOfDoor(door: OriginRequirement): Lines {
  const { sites, openNames, form } = door;
  return paragraphs(
    doorTitle(door),
    form === 'complete' ? catchAll(door) : [],
    ...sites.map((site) => lockedSite(site, door)),
    ...openNames.map((open) => openSite(open, door)),
    redirects(door),
  );
}

/** What this version cannot hold apart. */
export function caddyRefusal(requirement: OriginRequirement): OriginProblem | null {
  const { serverVersion: version } = requirement;
  if (version === null || trusted(requirement).length < 2) return null;
  return sessionsCross(version) ? originProblem('sessions_cross', 'serverVersion', version.join('.')) : null;
}

/** Whether this version takes a session that began under one CA where another one is trusted. */
export function sessionsCross(version: ServerVersion): boolean {
  return isAtLeast(version, SESSIONS_CROSS) && !isAtLeast(version, NO_SESSIONS);
}

// Tabs, as `caddy fmt` has them: it warns of anything else.
function caddyText(lines: Lines): string {
  return fileText(lines.map((line) => line.replace(/^ +/, (spaces) => '\t'.repeat(spaces.length / 2))));
}

function block(open: string, lines: Lines): Lines {
  return section(`${open === '' ? '' : `${open} `}{`, lines, '}');
}

function globals({ runtimeDirectory, listen: [{ port }] }: OriginRequirement): Lines {
  return block('', [
    ...(runtimeDirectory === null
      ? []
      : [
          `admin ${quoted(`unix/${below(runtimeDirectory, 'caddy.sock')}`)}`,
          ...block('storage file_system', [`root ${quoted(below(runtimeDirectory, 'caddy'))}`]),
        ]),
    '# The certificates are given, and plain HTTP is closed unless asked for.',
    'auto_https off',
    ...(port === 443
      ? []
      : [
          '# With the port in the address of a site, only requests that name it in Host would be logged.',
          `https_port ${port}`,
        ]),
    ...block('servers', [
      '# A request for another name than that of the handshake has shown nothing: it gets a 421.',
      'strict_sni_host on',
      '# The edge pulls over TCP.',
      'protocols h1 h2',
      ...block('timeouts', ['read_header 30s', 'idle 75s']),
    ]),
  ]);
}

function trustImports(requirement: OriginRequirement): Lines {
  return [
    '# The CAs of the bundles, one by one: given a file in PEM, Caddy would read the first certificate alone.',
    ...trusted(requirement).map((file) => `import ${quoted(trustFile(file))}`),
  ];
}

/** The files whose CAs count at one of the listeners. */
function trusted(requirement: OriginRequirement): readonly ConfigPath[] {
  return [...new Set(doors(requirement).flatMap(({ sites }) => sites.map(({ trust }) => trust.bundle)))];
}

/** Where the bundle is in the form that Caddy takes. */
export function trustFile(bundle: ConfigPath): ConfigPath {
  return sibling(bundle, `${bundle.slice(bundle.lastIndexOf('/') + 1)}.caddy`);
}

/** Tells the snippets of a bundle from those of others: `postern_trust_WORD` and `postern_pool_WORD`. */
export function trustWord(bundle: ConfigPath): string {
  return createHash('sha256').update(bundle).digest('hex').slice(0, 8);
}

const MADE_OF = '# The certificates of ';
const MUST_FOLLOW = '; it must follow every change of that file. Made by: postern origin';

/**
 * A file that was made of a bundle, made anew of what the bundle holds now, under the names that a Caddyfile has for it;
 * `null` where it was not made by us.
 */
export function caddyTrustAnew(made: string, bundle: string): string | null {
  const first = made.slice(0, Math.max(made.indexOf('\n'), 0));
  if (!first.startsWith(MADE_OF) || !first.endsWith(MUST_FOLLOW)) return null;
  const path = configPath(first.slice(MADE_OF.length, -MUST_FOLLOW.length));
  const [file] = path === null ? [] : caddyTrust({ path, text: bundle });
  return file?.text ?? null;
}

/**
 * The bundle as Caddy can take it. Both snippets have a name, so that an empty file is an error: without any CA, Caddy
 * would fall back to those that the system trusts.
 */
export function caddyTrust({
  path,
  text,
}: {
  readonly path: ConfigPath;
  readonly text: string;
}): readonly CompanionFile[] {
  const certificates = loadCertificates(text).map(({ pem }) => pem.replace(/-----[^-]+-----|\s/g, ''));
  if (certificates.length === 0) return [];
  const word = trustWord(path);
  const lines = (directive: string) => certificates.map((certificate) => `${directive} ${certificate}`);
  return [
    {
      path: trustFile(path),
      text: caddyText([
        `${MADE_OF}${path}${MUST_FOLLOW}`,
        ...block(`(postern_trust_${word})`, lines('trusted_ca_cert')),
        '# The same for Caddy 2.8 and later.',
        ...block(`(postern_pool_${word})`, lines('trust_der')),
      ]),
    },
  ];
}

function catchAll(requirement: OriginRequirement): Lines {
  const [first] = requirement.sites;
  return [
    '# Every other name ends here, where nothing is served: a second door would make the lock worthless.',
    ...siteBlocks([''], requirement, [...tls(first, []), 'respond 421']),
  ];
}

/** One block for each port: `bind` holds for all addresses of a block. */
function siteBlocks(names: readonly string[], requirement: OriginRequirement, lines: Lines): Lines {
  const { listen, form, sites } = requirement;
  // What stands for all sites without a port is that of the edge.
  const common = sites[0].via === 'own' ? null : form === 'complete' ? listen[0].port : 443;
  return placesOf(listen).flatMap(({ port, hosts }) => {
    const addresses = names
      .map((name) => `https://${name}${port === common && name !== '' ? '' : `:${port}`}`)
      .join(', ');
    return block(addresses, [...bind(hosts), ...lines]);
  });
}

interface Place {
  readonly port: number;
  /** Addresses to bind; none where all of both families are meant. */
  readonly hosts: Lines;
}

function placesOf(listen: readonly ListenAddress[]): readonly Place[] {
  const ports = [...new Set(listen.map(({ port }) => port))];
  return ports.map((port) => {
    const here = listen.filter((address) => address.port === port);
    const isAll = here.filter(isWildcard).length === 2;
    return { port, hosts: isAll ? [] : here.map(({ host }) => host) };
  });
}

function bind(hosts: Lines): Lines {
  return hosts.length === 0 ? [] : [`bind ${hosts.join(' ')}`];
}

function tls({ serverCert, serverKey }: ServerCertificate, clientAuth: Lines): Lines {
  return [
    '# What the edge verifies: the certificate of this site.',
    ...block(`tls ${quoted(serverCert)} ${quoted(serverKey)}`, ['protocols tls1.2 tls1.3', ...clientAuth]),
  ];
}

function clientAuth({ trust, mode }: Site, { serverVersion }: OriginRequirement): Lines {
  if (mode === 'watch') {
    return [
      '# WATCHING: a client certificate is asked for and logged, and nobody is refused, nor verified.',
      ...block('client_auth', ['mode request']),
    ];
  }
  const word = trustWord(trust.bundle);
  const pool = isAtLeast(serverVersion ?? DEBIAN_12, TRUST_POOL)
    ? block('trust_pool inline', [`import postern_pool_${word}`])
    : [`import postern_trust_${word}`];
  return [
    '# THE LOCK: who does not show a certificate of this bundle is refused with a TLS alert.',
    ...block('client_auth', ['mode require_and_verify', ...pool]),
  ];
}

function lockedSite(site: Site, requirement: OriginRequirement): Lines {
  const id = siteId(site, requirement.listen);
  const verdict = site.mode === 'enforce' ? 'SUCCESS' : `{postern_verdict_${id}}`;
  const lines = paragraphs(
    tls(site, clientAuth(site, requirement)),
    site.mode === 'watch' ? [...watchLog(site, requirement), ...verdictMap(site, id)] : bolts(site),
    ...lockedHandlers(site, verdict),
  );
  return siteBlocks(site.hostnames, requirement, lines);
}

const FINGERPRINT = '{http.request.tls.client.fingerprint}';

/** Asked again for each request, should the server's options or its sessions be looser than they must be. */
function bolts({ trust }: Site): Lines {
  const pins = trust.kind === 'zone' ? [] : trust.pins.map(({ derSha256 }) => `"${derSha256}"`);
  return [
    '# The second bolt, should strict_sni_host be off: both names, and the certificate, must be right.',
    '@other_name not expression `{http.request.tls.server_name}.lowerAscii() == {http.request.host}.lowerAscii()`',
    `@no_certificate not expression \`${FINGERPRINT} != ""\``,
    ...(pins.length === 0 ? [] : [`@not_pinned not expression \`${FINGERPRINT} in [${pins.join(', ')}]\``]),
    'error @other_name 421',
    'error @no_certificate 403',
    ...(pins.length === 0 ? [] : ['error @not_pinned 403']),
  ];
}

function watchLog(site: Site, requirement: OriginRequirement): Lines {
  return block('log', [`output file ${quoted(caddyWatchLog(site, requirement))}`, 'format json']);
}

function verdictMap({ trust }: Site, id: string): Lines {
  const pins = trust.kind === 'zone' ? [] : trust.pins.map(({ derSha256 }) => `${derSha256} SUCCESS`);
  return [
    '# Unverified, because Caddy can only refuse what it verifies.',
    ...block(`map ${FINGERPRINT} {postern_verdict_${id}}`, [
      ...pins,
      `~.+ ${trust.kind === 'zone' ? 'UNVERIFIED' : '"FAILED:not a pinned certificate"'}`,
      'default NONE',
    ]),
  ];
}

/** Where the watch mode of Caddy writes one line for each request. */
export function caddyWatchLog(site: Site, { runtimeDirectory }: OriginRequirement): ConfigPath {
  return below(runtimeDirectory ?? ('/var/log/caddy' as ConfigPath), watchLogName(site));
}

function openSite(open: OpenName, requirement: OriginRequirement): Lines {
  const lines = paragraphs(
    ['# OPEN, as asked for: nobody is asked for a certificate here.', ...tls(open, [])],
    open.content.kind === 'static' ? served(open.content) : proxied(open.content, nothingVerified(requirement)),
  );
  return siteBlocks([open.hostname], requirement, lines);
}

function redirects({ listen, listenHttp, sites, openNames }: OriginRequirement): Lines {
  if (listenHttp.length === 0) return [];
  const names = [...sites.flatMap(({ hostnames }) => hostnames), ...openNames.map(({ hostname }) => hostname)];
  const port = listen[0].port === 443 ? '' : `:${listen[0].port}`;
  return [
    '# Plain HTTP carries no client certificate: it redirects and does nothing else.',
    ...placesOf(listenHttp).flatMap((place) => [
      ...block(names.map((name) => `http://${name}:${place.port}`).join(', '), [
        ...bind(place.hosts),
        `redir https://{host}${port}{uri} 301`,
      ]),
      ...block(`http://:${place.port}`, [...bind(place.hosts), 'respond 421']),
    ]),
  ];
}

function quoted(text: string): string {
  return `"${text}"`;
}

/** What is to be said of a Caddy configuration alone. */
export function caddyNotes(requirement: OriginRequirement): readonly string[] {
  const { sites, listen, alsoListen, form } = requirement;
  const watched = sites.filter(({ mode }) => mode === 'watch');
  const where = [...listen, ...alsoListen].map(socketText).join(', ');
  return [
    ...watched.map(
      (site) => `Callers without a certificate: grep -v '"client_serial"' ${caddyWatchLog(site, requirement)}`,
    ),
    ...(watched.length === 0
      ? []
      : [
          'While watching, Caddy does not verify a certificate: the application hears UNVERIFIED or NONE, and whether the edge comes with the right one shows in what the edge says of this origin.',
          'Even while watching, a caller whose Host is another name than that of its handshake gets a 421.',
        ]),
    ...[...new Set(sites.map(({ trust }) => trust.bundle))].map(
      (bundle) =>
        `Caddy reads ${trustFile(bundle)} in place of the bundle: write it anew with every change (postern origin sync does).`,
    ),
    ...trusted(requirement)
      .filter((file) => sites.every(({ trust }) => trust.bundle !== file))
      .map(
        (file) => `Caddy reads ${trustFile(file)} in place of ${file}: make this configuration anew with every change.`,
      ),
    ...(isAtLeast(requirement.serverVersion ?? DEBIAN_12, NO_SESSIONS)
      ? []
      : [
          'Caddy resumes the sessions of the edge itself at the same name, and verifies the certificate anew when it does.',
        ]),
    ...(form === 'complete'
      ? []
      : [
          `Look that no other site of ${where} leads to the application, and that 'strict_sni_host insecure_off' is nowhere.`,
          'Import one such file for each bundle: the CAs of a bundle can be defined once.',
          "Caddy itself redirects plain HTTP on port 80 for these names, and answers HTTP/3 with the same lock, unless the options say otherwise ('auto_https disable_redirects', 'protocols h1 h2').",
        ]),
  ];
}

import { below } from '../config-path.ts';
import { socketText } from '../listen-address.ts';
import { type OriginProblem, originProblem } from '../problems.ts';
import type { OriginRequirement } from '../requirement.ts';
import { isAtLeast, type ServerVersion } from '../server-version.ts';
import { isOnlyLocal } from '../upstream.ts';
import { APACHE_FLOOR, apacheConfiguration } from './apache.ts';
import { siteWord } from './names.ts';
import { NGINX_FLOOR, nginxConfiguration, watchLogFile } from './nginx.ts';

export type ServerName = 'nginx' | 'apache';

/** A configuration, and what its reader should know before using it: one sentence each, the weightiest first. */
export interface Configuration {
  readonly kind: 'config';
  readonly text: string;
  readonly notes: readonly string[];
}

const GENERATORS = { nginx: nginxConfiguration, apache: apacheConfiguration } as const;
const FLOORS: Readonly<Record<ServerName, ServerVersion>> = { nginx: NGINX_FLOOR, apache: APACHE_FLOOR };

/** The configuration that locks an origin as required. Pure: the same requirement always gives the same text. */
export function generate(server: ServerName, requirement: OriginRequirement): Configuration | OriginProblem {
  const version = requirement.serverVersion;
  if (version !== null && !isAtLeast(version, FLOORS[server])) {
    return originProblem('server_too_old', 'serverVersion', version.join('.'));
  }
  return { kind: 'config', text: GENERATORS[server](requirement), notes: notes(server, requirement) };
}

function notes(server: ServerName, requirement: OriginRequirement): readonly string[] {
  return [
    ...modeNotes(server, requirement),
    ...trustNotes(requirement),
    ...contentNotes(requirement),
    ...(requirement.form === 'fragment' ? fragmentNotes(server, requirement) : []),
    ...(requirement.listenHttp.length === 0 ? [] : ['Plain HTTP only redirects to HTTPS.']),
  ];
}

function modeNotes(server: ServerName, requirement: OriginRequirement): readonly string[] {
  if (requirement.mode === 'enforce') return [];
  const log = server === 'nginx' ? watchLogFile(requirement) : apacheWatchLog(requirement);
  return [
    'Watching locks nothing: everybody still reaches the application.',
    `Callers other than the edge: grep -v 'verify="SUCCESS"' ${log}`,
    ...(server === 'apache'
      ? [
          'Apache refuses a certificate that is expired, revoked or not for clients even while watching; no setting changes that.',
        ]
      : []),
  ];
}

// Only a runtime directory is known beforehand; otherwise Debian's place, and what decides elsewhere.
function apacheWatchLog(requirement: OriginRequirement): string {
  const { form, runtimeDirectory } = requirement;
  const file = `postern-watch-${siteWord(requirement)}.log`;
  if (form === 'fragment') return `/var/log/apache2/${file} (APACHE_LOG_DIR, where that is another directory)`;
  if (runtimeDirectory === null) return `/var/log/apache2/${file} (RHEL: /var/log/httpd)`;
  return below(runtimeDirectory, file);
}

function trustNotes({ trust, crl }: OriginRequirement): readonly string[] {
  return [
    ...(trust.kind === 'shared'
      ? [
          'The shared identity is presented for every zone of the installation: it proves that a request came through the edge, not for which zone.',
          'The pinned certificate ends with its rotation: generate this configuration anew before then.',
        ]
      : []),
    `Without the certificates in ${trust.bundle} nobody is let in; after each change of the file, reload the server.`,
    ...(crl === null ? [] : crlNotes(crl)),
  ];
}

function crlNotes(crl: string): readonly string[] {
  return [
    `Past the end of a list in ${crl} everybody is refused: fetch it anew (postern ca crl) at least every two days, and reload.`,
    'What is under way when the server reloads is served to its end, a WebSocket too.',
  ];
}

function contentNotes({ content, verifiedHeader }: OriginRequirement): readonly string[] {
  if (content.kind === 'static') return [`Files have no use for ${verifiedHeader}; it is not handed to anything.`];
  if (isOnlyLocal(content)) return [];
  const where = content.kind === 'proxy' ? `${content.host}:${content.port}` : content.path;
  return [`Whoever reaches ${where} directly walks past this lock: bind the application to 127.0.0.1, or firewall it.`];
}

function fragmentNotes(server: ServerName, { listen }: OriginRequirement): readonly string[] {
  const where = listen.map(socketText).join(', ');
  return server === 'nginx'
    ? [
        `Give ${where} a default server with 'ssl_reject_handshake on', and look that no other server block reaches the application.`,
        `The default server of ${where} decides on the TLS versions of all: 'ssl_protocols TLSv1.2 TLSv1.3' belongs there too.`,
      ]
    : [
        `Give ${where} a first virtual host with 'Require all denied', and look that no other one reaches the application.`,
        "Set 'SSLSessionCache none' in the server's configuration: a virtual host cannot, and a session outlives a revocation.",
        'A server-wide SSLCACertificatePath would be trusted here too: there must be none.',
      ];
}

import type { ConfigPath } from '../config-path.ts';
import { type OriginProblem, originProblem } from '../problems.ts';
import { socketText } from '../listen-address.ts';
import { ownDoor } from '../own-door.ts';
import type { OriginRequirement } from '../requirement.ts';
import { isAtLeast } from '../server-version.ts';
import type { Site } from '../site.ts';
import type { Content } from '../upstream.ts';
import { isOnlyLocal } from '../upstream.ts';
import { lacking } from './abilities.ts';
import { caddyConfiguration, caddyNotes, caddyRefusal, caddyTrust, caddyWatchLog } from './caddy.ts';
import type { CompanionFile } from './companion-file.ts';
import { apacheConfiguration, apacheNotes, apacheWatchLog } from './apache.ts';
import { awsAlbConfiguration, awsAlbNotes } from './aws-alb.ts';
import { notInCluster } from './cluster-service.ts';
import { envoyConfiguration, envoyNotes } from './envoy.ts';
import { gatewayApiConfiguration, gatewayApiNotes } from './gateway-api.ts';
import { haproxyConfiguration, haproxyFiles, haproxyNotes, haproxyRefusal } from './haproxy.ts';
import { ingressNginxConfiguration, ingressNginxNotes } from './ingress-nginx.ts';
import { lighttpdConfiguration, lighttpdNotes, lighttpdRefusal, lighttpdWatchLog } from './lighttpd.ts';
import { nginxConfiguration, nginxNotes, nginxWatchLog } from './nginx.ts';
import { nodeConfiguration, nodeNotes, nodeWatchLog } from './node.ts';
import { type ServerName, serverFacts } from './server-facts.ts';
import { stunnelConfiguration, stunnelNotes } from './stunnel.ts';
import { traefikConfiguration, traefikNotes } from './traefik.ts';

/** A configuration, and what its reader should know before using it: one sentence each, the weightiest first. */
export interface Configuration {
  readonly kind: 'config';
  readonly text: string;
  readonly notes: readonly string[];
  readonly files: readonly CompanionFile[];
}

/** A bundle's file, as it is or shall be. */
interface TrustBundle {
  readonly path: ConfigPath;
  readonly text: string;
}

interface Generator {
  readonly text: (requirement: OriginRequirement) => string;
  /** What is to be said of this server alone: first what watching means, then what a fragment leaves to its reader. */
  readonly notes: (requirement: OriginRequirement) => readonly string[];
  /** What this server reads in place of a bundle, where it cannot read PEM: it must follow every change of the bundle. */
  readonly trust?: (bundle: TrustBundle) => readonly CompanionFile[];
  /** Files beside the configuration. */
  readonly files?: (requirement: OriginRequirement) => readonly CompanionFile[];
  /** Where it writes a line for each request of a site that is watched; left out where it writes no file. */
  readonly watchLog?: (site: Site, requirement: OriginRequirement) => ConfigPath | null;
  /** A refusal that depends on more than what the server can do at all. */
  readonly refusal?: (requirement: OriginRequirement) => OriginProblem | null;
}

/** One row for each server; what is known of it beforehand is in SERVER_FACTS. */
const GENERATORS: Readonly<Record<ServerName, Generator>> = {
  nginx: { text: nginxConfiguration, notes: nginxNotes, watchLog: nginxWatchLog },
  apache: { text: apacheConfiguration, notes: apacheNotes, watchLog: apacheWatchLog },
  caddy: {
    text: caddyConfiguration,
    notes: caddyNotes,
    trust: caddyTrust,
    refusal: caddyRefusal,
    watchLog: caddyWatchLog,
  },
  haproxy: { text: haproxyConfiguration, notes: haproxyNotes, files: haproxyFiles, refusal: haproxyRefusal },
  lighttpd: {
    text: lighttpdConfiguration,
    notes: lighttpdNotes,
    refusal: lighttpdRefusal,
    watchLog: lighttpdWatchLog,
  },
  stunnel: { text: stunnelConfiguration, notes: stunnelNotes },
  node: { text: nodeConfiguration, notes: nodeNotes, watchLog: nodeWatchLog },
  envoy: { text: envoyConfiguration, notes: envoyNotes },
  traefik: { text: traefikConfiguration, notes: traefikNotes },
  'ingress-nginx': { text: ingressNginxConfiguration, notes: ingressNginxNotes, refusal: notInCluster },
  'gateway-api': { text: gatewayApiConfiguration, notes: gatewayApiNotes, refusal: notInCluster },
  'aws-alb': { text: awsAlbConfiguration, notes: awsAlbNotes },
};

/** The configuration that locks an origin as required. Pure: the same requirement always gives the same text. */
export function generate(server: ServerName, requirement: OriginRequirement): Configuration | OriginProblem {
  const { text, files, notes, refusal } = GENERATORS[server];
  const problem =
    tooOld(server, requirement) ?? lacking(serverFacts(server).cannot, requirement) ?? refusal?.(requirement);
  if (problem !== null && problem !== undefined) return problem;
  return {
    kind: 'config',
    text: text(requirement),
    notes: [...commonNotes(requirement), ...notes(requirement), ...redirectNotes(requirement)],
    files: files?.(requirement) ?? [],
  };
}

/** What must be written beside a bundle, now and whenever it changes, for a server that cannot read the bundle itself. */
export function trustFiles(server: ServerName, bundle: TrustBundle): readonly CompanionFile[] {
  return GENERATORS[server].trust?.(bundle) ?? [];
}

/** A log of the sites that are watched, with whose requests it holds. */
interface WatchLog {
  readonly path: ConfigPath;
  readonly hostnames: readonly string[];
}

/** Where it will stand who comes to the sites that are watched; none for a server that writes no file. */
export function watchLogs(server: ServerName, requirement: OriginRequirement): readonly WatchLog[] {
  const { watchLog } = GENERATORS[server];
  if (watchLog === undefined) return [];
  return requirement.sites
    .filter(({ mode }) => mode === 'watch')
    .flatMap((site) => {
      const path = watchLog(site, requirement);
      return path === null ? [] : [{ path, hostnames: site.hostnames }];
    });
}

/** Whether the server reads something else in place of a bundle. */
export function readsTrustFiles(server: ServerName): boolean {
  return GENERATORS[server].trust !== undefined;
}

function tooOld(server: ServerName, { serverVersion: version }: OriginRequirement): OriginProblem | null {
  const { label, floor } = serverFacts(server);
  if (version === null || floor === null || isAtLeast(version, floor.version)) return null;
  const wanted = `${label} ${floor.version.join('.')} is needed: ${floor.why}`;
  return originProblem('server_too_old', 'serverVersion', `${version.join('.')} (${wanted})`);
}

function commonNotes(requirement: OriginRequirement): readonly string[] {
  return [
    ...(requirement.sites.some(({ mode }) => mode === 'watch') ? watchNotes(requirement) : []),
    ...openNotes(requirement),
    ...trustNotes(requirement),
    ...ownNotes(requirement),
    ...contentNotes(requirement),
  ];
}

function watchNotes({ sites }: OriginRequirement): readonly string[] {
  const watched = sites.filter(({ mode }) => mode === 'watch').flatMap(({ hostnames }) => hostnames);
  const where = sites.every(({ mode }) => mode === 'watch') ? '' : ` (${watched.join(', ')})`;
  return [`Watching locks nothing: everybody still reaches the application${where}.`];
}

function openNotes({ sites, openNames }: OriginRequirement): readonly string[] {
  return openNames.flatMap(({ hostname, content }) => [
    `${hostname} is open to everybody, as asked for.`,
    ...(sites.some((site) => place(site.content) === place(content))
      ? [
          `${hostname} leads to ${place(content)}, as a locked name does: unless what is there tells the names apart, the lock is worth nothing.`,
        ]
      : []),
  ]);
}

function place(content: Content): string {
  switch (content.kind) {
    case 'proxy':
      return `${content.host}:${content.port}`;
    case 'socket':
      return content.path;
    case 'static':
      return content.root;
  }
}

function trustNotes({ sites }: OriginRequirement): readonly string[] {
  const bundles = [...new Set(sites.map(({ trust }) => trust.bundle))];
  const lists = [...new Set(sites.flatMap(({ crl }) => (crl === null ? [] : [crl])))];
  return [
    ...(sites.some(({ trust }) => trust.kind === 'shared')
      ? [
          'The shared identity is presented for every zone of the installation: it proves that a request came through the edge, not for which zone.',
          'The pinned certificate ends with its rotation: generate this configuration anew before then.',
        ]
      : []),
    ...bundles.map(
      (bundle) =>
        `Without the certificates in ${bundle} nobody is let in; after each change of the file, reload the server.`,
    ),
    ...lists.map(
      (crl) =>
        `Past the end of a list in ${crl} everybody is refused: fetch it anew (postern ca crl) at least every two days, and reload.`,
    ),
    ...(lists.length === 0 ? [] : ['What is under way when the server reloads is served to its end, a WebSocket too.']),
  ];
}

function ownNotes(requirement: OriginRequirement): readonly string[] {
  const own = ownDoor(requirement);
  if (own === null) return [];
  const where = own.listen.map(socketText).join(', ');
  const lists = [...new Set(own.sites.flatMap(({ crl }) => (crl === null ? [] : [crl])))];
  return [
    ...[...new Set(own.sites.map(({ trust }) => trust.bundle))].map(
      (ca) =>
        `Whom ${ca} certifies comes in at ${where}, watched or not, and is not believed in what it says of visitors; with its root, or nobody does, and to be reloaded when it changes.`,
    ),
    ...lists.map(
      (list) =>
        `Past the end of a list in ${list} nobody comes in at ${where}: its CA is yours to ask for the next one.`,
    ),
  ];
}

function contentNotes({ sites }: OriginRequirement): readonly string[] {
  const told = sites.flatMap(({ content, verifiedHeader }) => {
    if (content.kind === 'static') return [`Files have no use for ${verifiedHeader}; it is not handed to anything.`];
    if (isOnlyLocal(content)) return [];
    return [
      `Whoever reaches ${place(content)} directly walks past this lock: bind the application to 127.0.0.1, or firewall it.`,
    ];
  });
  return [...new Set(told)];
}

function redirectNotes({ listenHttp }: OriginRequirement): readonly string[] {
  return listenHttp.length === 0 ? [] : ['Plain HTTP only redirects to HTTPS.'];
}

import { basename, dirname } from 'node:path';
import type { Claim } from '../../doctor/configuration.ts';
import type { Finding } from '../../doctor/diagnosis/finding.ts';
import type { ServerKind } from '../../doctor/diagnosis/fixes.ts';
import type { ConfigSource } from '../server/config-source.ts';
import type { Place } from '../server/place.ts';
import { found } from './audit-request.ts';

/** A line that asks for certificates, and the names of the site that it stands in; none where it is for all. */
export interface WrittenLock {
  readonly where: Place;
  readonly names: readonly string[];
}

/** A lock that is written where the server does not read it. */
export interface IdleLock extends WrittenLock {
  /** Why it is not in force, with the command that changes it. */
  readonly why: string;
}

/** A configuration as it was read, and how a file of it is looked into. */
export interface ReadConfiguration {
  /** The directory below which packages keep what is enabled and what is not. */
  readonly root: string;
  /** What the server reads. */
  readonly texts: ReadonlyMap<string, string>;
  readonly source: Pick<ConfigSource, 'read' | 'list'>;
  readonly locksIn: (path: string, text: string) => readonly WrittenLock[];
  /** The command by which a file that is available is enabled; null where there is none. */
  readonly enables: (available: string, enabled: string) => string | null;
}

/** Where people leave configurations beside those that are read: what is linked to comes behind the links. */
const PLACES = ['*-enabled/*', 'conf.d/*', '*-available/*'];
const MAX_FILES = 1_000;

/** Locks in files that lie where a configuration is made from, and that the server does not read. */
export function idleLocks(configuration: ReadConfiguration): readonly IdleLock[] {
  const { root, texts, source, locksIn } = configuration;
  const seen = new Set(texts.values());
  const paths = PLACES.flatMap((place) => source.list(`${root}/${place}`)).filter((path) => !texts.has(path));
  return paths.slice(0, MAX_FILES).flatMap((path) => {
    const read = source.read(path);
    // The same text under another name is what a link leads to.
    if ('code' in read || seen.has(read.text)) return [];
    seen.add(read.text);
    const locks = locksIn(path, read.text);
    return locks.length === 0 ? [] : locks.map((lock) => ({ ...lock, why: whyIdle(path, configuration) }));
  });
}

function whyIdle(path: string, { texts, enables }: ReadConfiguration): string {
  const from = basename(dirname(path));
  if (!from.endsWith('-available')) return `no include reads ${path}`;
  const to = from.replace(/-available$/, '-enabled');
  const enabled = `${dirname(dirname(path))}/${to}/${basename(path)}`;
  if (texts.has(enabled)) return `${enabled} is another file, and no link to ${path}`;
  return withCommand(`${path} is not linked into ${to}`, enables(path, enabled));
}

// A path that a shell would read in another way is in no command that people copy.
function withCommand(text: string, command: string | null): string {
  return command === null || !/^[\w ./@:+-]+$/.test(command) ? text : `${text}: ${command}`;
}

/** What is known of the sites that are read. */
export interface InForce {
  readonly claims: readonly Claim[];
  /** Their names. */
  readonly names: ReadonlySet<string>;
  /** Names that somebody asks about; none for all. */
  readonly hosts: readonly string[];
}

/** What is said of idle locks, but for those whose names are locked by what is read. */
export function idleFindings(
  server: ServerKind,
  locks: readonly IdleLock[],
  { claims, names: here, hosts }: InForce,
): readonly Finding[] {
  return locks.flatMap(({ where, names, why }) => {
    const isConcerned = hosts.length === 0 || names.some((name) => hosts.some((host) => isFor(name, host)));
    const isLocked =
      names.length === 0 ? isAllLocked(claims) : names.every((name) => here.has(name) && isLockedAt(name, claims));
    if (!isConcerned || isLocked) return [];
    const target = names.length === 1 ? (names[0] ?? null) : null;
    return [found(server, 'lock_not_in_force', { where, detail: why, target })];
  });
}

function isFor(name: string, host: string): boolean {
  return name === host || (name.startsWith('*.') && host.endsWith(name.slice(1)));
}

function isLockedAt(name: string, claims: readonly Claim[]): boolean {
  return isAllLocked(claims.filter(({ host }) => isFor(name, host)));
}

function isAllLocked(claims: readonly Claim[]): boolean {
  return claims.length > 0 && claims.every(({ verdict }) => verdict === 'locked');
}

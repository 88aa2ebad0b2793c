import { isAbsolute } from 'node:path';
import { type Fingerprint, fingerprint, hostname, type ZoneId, zoneId } from '../domain/ids.ts';
import { isJsonObject, jsonObject } from '../wire/json-object.ts';
import { isServer, type ServerName } from './generate/server-facts.ts';
import { isOriginRequest } from './request-shape.ts';
import type { OriginRequest } from './requirement.ts';

/**
 * What is installed on this host for one lock: written by `origin install`, read by `sync`, `uninstall` and `rollback`.
 * It holds no secret, and whoever may write it decides what runs as the server's owner: keep it to root.
 */
export interface LockRecord {
  readonly format: 'postern-lock';
  readonly version: 1;
  /** As in the name of its file. */
  readonly name: string;
  readonly server: ServerName;
  /** The server's program; `null` where it is not on this host's PATH. */
  readonly program: string | null;
  readonly serverVersion: string | null;
  /** From which the configuration can be made anew. */
  readonly request: OriginRequest;
  /** What was made from it: the first is the configuration, the others are what that reads. */
  readonly files: readonly LockFile[];
  readonly zones: readonly LockedZone[];
  /** How the server checks its configuration, and how it takes it up: programs with arguments, without a shell. */
  readonly test: readonly string[] | null;
  readonly reload: readonly string[] | null;
  /** Where bundles come from. */
  readonly controlPlane: { readonly url: string; readonly ca: string | null } | null;
  readonly installedOn: string;
  /** Where lines were put into virtual hosts that were there; `null` where a whole configuration was made. */
  readonly installed?: InstalledLines | null;
}

/** What an installation put where. */
export interface InstalledLines {
  /** The server's main file. */
  readonly main: string;
  /** Where the lock's own files are. */
  readonly directory: string;
  /** Files of others that hold lines of the lock. */
  readonly edited: readonly string[];
  /** The lock's own files in each mode, by their paths. */
  readonly texts: Readonly<Record<'enforce' | 'watch', Readonly<Record<string, string>>>>;
  /** Lines of the lock in files of others that differ between the modes, by the files' paths, in their order. */
  readonly lines?: Readonly<Record<string, readonly ModeLine[]>>;
  /** What its owner said of the server, for the next installation of the same lock. */
  readonly asked?: AskedOfServer;
}

/** What is not found out anew, because somebody said it. */
export interface AskedOfServer {
  /** The command that reloads; `null` where it is found out. */
  readonly reload: readonly string[] | null;
  /** Where logs of those who are watched go; `null` for where the server's own are. */
  readonly logs: string | null;
  /** Names that no site has are refused, too. */
  readonly defaultServer: boolean;
}

/** A line of a lock as it is in each mode, without its end; one character for each byte. */
export interface ModeLine {
  readonly enforce: string;
  readonly watch: string;
}

/** A file that was made: where somebody changed it since, it is not made anew. */
export interface LockFile {
  readonly path: string;
  /** Of its text, lower-case hex. */
  readonly sha256: string;
}

/** A zone whose callers the lock lets in. */
export interface LockedZone {
  readonly id: ZoneId;
  readonly name: string;
  readonly bundle: string;
  readonly crl: string | null;
  /** The CAs that were trusted when it was installed. */
  readonly trusted: readonly Fingerprint[];
  /** Of the bundle that was installed; `null` where nobody said. */
  readonly bundleVersion: number | null;
}

/** Where the records of a host are, one file `NAME.json` for each lock. */
export const LOCKS_DIRECTORY = '/etc/postern/locks';

/** Longer ones are nobody's record. */
export const MOST_RECORD_BYTES = 1_048_576;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const MOST_WORDS = 64;
const MOST_ZONES = 1_000;
const MOST_FILES = 1_000;
const MOST_LINES = 10_000;

/** Whether a text can be the name of a lock. */
export function isLockName(text: string): boolean {
  return NAME.test(text) && !text.includes('..');
}

/** The text of a record. */
export function lockRecordText(record: LockRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** A record as it was written, or the first field that is not as it should be. */
export function readLockRecord(text: string): LockRecord | { readonly fault: string } {
  const value = jsonObject(text);
  if (value === null) return { fault: 'it is no object of JSON' };
  if (value['format'] !== 'postern-lock') return { fault: 'format' };
  if (value['version'] !== 1) return { fault: 'version' };
  const unknown = Object.keys(value).find((key) => !(key in FIELDS) && key !== 'format' && key !== 'version');
  if (unknown !== undefined) return { fault: unknown };
  return isLockRecord(value) ? value : { fault: faultyField(value) ?? 'format' };
}

function isLockRecord(value: object): value is LockRecord {
  return faultyField(value) === null;
}

function faultyField(value: object): string | null {
  const fields = new Map<string, unknown>(Object.entries(value));
  const wrong = Object.entries(FIELDS).find(([field, fits]) => !fits(fields.get(field)));
  return wrong === undefined ? null : wrong[0];
}

type Field = Exclude<keyof LockRecord, 'format' | 'version'>;

const FIELDS: Readonly<Record<Field, (value: unknown) => boolean>> = {
  name: (value) => typeof value === 'string' && isLockName(value),
  server: (value) => isText(value) && isServer(value),
  program: orNull(isPath),
  serverVersion: orNull(isText),
  request: isOriginRequest,
  files: (value) => isList(value, MOST_FILES, isFile),
  zones: (value) => isList(value, MOST_ZONES, isZone) && isUnique(value),
  test: orNull(isArgv),
  reload: orNull(isArgv),
  controlPlane: orNull(isPlace),
  installedOn: isTime,
  installed: (value) => value === undefined || orNull(isInstalled)(value),
};

function isFile(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { path, sha256 } = value;
  return isPath(path) && isDigest(sha256);
}

function isDigest(value: unknown): boolean {
  return isText(value) && fingerprint(value) === value;
}

function isInstalled(value: unknown): boolean {
  if (!isJsonObject(value) || !isJsonObject(value['texts'])) return false;
  const { enforce, watch } = value['texts'];
  const placed = isPath(value['main']) && isPath(value['directory']) && isList(value['edited'], MOST_FILES, isPath);
  const { lines, asked } = value;
  const exchanged = lines === undefined || (isJsonObject(lines) && Object.entries(lines).every(isLinesOfFile));
  return (
    placed &&
    exchanged &&
    (asked === undefined || isAsked(asked)) &&
    [enforce, watch].every((texts) => isJsonObject(texts) && Object.entries(texts).every(isOwnFile))
  );
}

function isAsked(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { reload, logs, defaultServer } = value;
  return orNull(isArgv)(reload) && orNull(isPath)(logs) && typeof defaultServer === 'boolean';
}

function isLinesOfFile([path, lines]: readonly [string, unknown]): boolean {
  return isPath(path) && isList(lines, MOST_LINES, isModeLine);
}

function isModeLine(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { enforce, watch } = value;
  return [enforce, watch].every((line) => typeof line === 'string' && line !== '' && !/[\r\n]/.test(line));
}

function isOwnFile([path, text]: readonly [string, unknown]): boolean {
  return isPath(path) && typeof text === 'string';
}

function isZone(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { id, name, bundle, crl, trusted, bundleVersion } = value;
  const named = isText(id) && zoneId(id) !== null && isText(name) && hostname(name) !== null;
  const placed = isPath(bundle) && orNull(isPath)(crl);
  const believed = isList(trusted, MOST_FILES, isDigest);
  return (
    named &&
    placed &&
    believed &&
    (bundleVersion === null || (Number.isSafeInteger(bundleVersion) && Number(bundleVersion) > 0))
  );
}

// Two parts of a state would otherwise fight over one zone.
function isUnique(zones: readonly unknown[]): boolean {
  const ids = zones.map((zone) => (isJsonObject(zone) ? zone['id'] : null));
  return new Set(ids).size === ids.length;
}

function isPlace(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { url, ca } = value;
  return isText(url) && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && orNull(isPath)(ca);
}

function isArgv(value: unknown): boolean {
  return isList(value, MOST_WORDS, (word) => typeof word === 'string' && !word.includes('\0')) && isText(value[0]);
}

function isPath(value: unknown): value is string {
  return isText(value) && isAbsolute(value) && !value.includes('\0');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 4_096;
}

function isTime(value: unknown): boolean {
  return isText(value) && value.length < 40 && !Number.isNaN(Date.parse(value));
}

function isList(value: unknown, most: number, fits: (item: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= most && value.every(fits);
}

function orNull(fits: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === null || fits(value);
}

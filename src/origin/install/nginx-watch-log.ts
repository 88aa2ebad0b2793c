import { dirname, join } from 'node:path';
import type { ConfigPath } from '../config-path.ts';
import { lockLogFile, lockLogLine } from '../generate/nginx-lock-log.ts';
import { globPattern } from '../server/config-source.ts';
import type { NginxHost } from '../server/nginx/hosts.ts';
import type { DropIn, Effective, NginxTree } from '../server/nginx/tree.ts';
import { placeText } from '../server/place.ts';
import type { LockPlace } from './plan-files.ts';
import type { InstallRequest } from './request.ts';

/** Name of the file beside other sites that holds the format: nginx wants it before its first use, and reads in this order. */
export function formatDropInName({ name }: LockPlace): string {
  return `00-postern-${name}.conf`;
}

/** Where the format of the log stands in front of all these servers, of which `first` comes first; `null` for nowhere. */
export function formatPlace({ dropIns }: NginxTree, request: InstallRequest, first: number): string | null {
  const name = formatDropInName(request);
  const place = dropIns.find(
    (one) =>
      globPattern(one.pattern.slice(one.pattern.lastIndexOf('/') + 1)).test(name) && serversBefore(one, name) <= first,
  );
  return place === undefined ? null : join(dirname(place.pattern), name);
}

// As many as come before the first file that stands behind this one.
function serversBefore({ pattern, files, servers }: DropIn, name: string): number {
  const path = join(dirname(pattern), name);
  return files.find((file) => file.path > path)?.servers ?? files.at(-1)?.after ?? servers;
}

/** Where callers are logged while nobody is refused. */
export function watchLogFile(request: InstallRequest, logs: ConfigPath): ConfigPath {
  return lockLogFile(request, logs);
}

/** What a server block logs, as far as a line of the lock changes it. */
export interface ServerLogs {
  /** Lines for while nobody is refused. */
  readonly watch: readonly string[];
  /** Lines for while it enforces: what had to give way. */
  readonly enforce: readonly string[];
  /** A directive that would keep everything from being logged, and has to give way. */
  readonly off: Effective | null;
  /** Places that keep callers out of the log. */
  readonly past: readonly string[];
}

/** The logs of a server block: where it has one of its own, those of `http { }` are void there, and are repeated. */
export function serverLogs(
  { block, http }: NginxHost,
  request: InstallRequest & { readonly logs: ConfigPath },
  { texts, accessLog }: { readonly texts: ReadonlyMap<string, string>; readonly accessLog: string },
): ServerLogs {
  const inner = block.inner ?? [];
  const own = inner.filter(isLog);
  const off = own.find(isOff) ?? null;
  const around = http.filter(isLog);
  const inherited =
    around.length === 0 ? [`access_log ${accessLog};`] : around.filter((one) => !isOff(one)).map(written);
  const kept = own.length > 0 || around.some(isOff) ? [] : inherited;
  const line = lockLogLine(request, watchLogFile(request, request.logs));
  return {
    watch: [...kept, line],
    enforce: off === null ? [] : ['access_log off;'],
    off,
    past: deeper(inner)
      .filter(isLog)
      .map(({ place }) => placeText(place)),
  };

  // Paths in it start at nginx's prefix, wherever it stands.
  function written({ place, source }: Effective): string {
    return Buffer.from((texts.get(place.file) ?? '').slice(source.start, source.end), 'latin1').toString('utf8');
  }
}

function isLog({ name }: Effective): boolean {
  return name === 'access_log';
}

function isOff({ args }: Effective): boolean {
  return args[0] === 'off';
}

function deeper(level: readonly Effective[]): readonly Effective[] {
  return level.flatMap(({ inner }) => (inner === null ? [] : [...inner, ...deeper(inner)]));
}

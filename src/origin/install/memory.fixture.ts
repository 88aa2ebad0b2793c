import { hostname } from '../../domain/ids.ts';
import { configPath } from '../config-path.ts';
import { type ConfigSource, globPattern } from '../server/config-source.ts';
import type { InstallPlan } from './plan.ts';
import { type InstallRequest, lockName, type Phase } from './request.ts';

function found<T>(value: T | null): T {
  if (value === null) throw new Error('a constant of this test is not what it should be');
  return value;
}

/** A request for these names, with everything else plain. */
export function requestFor(...names: readonly [string, ...string[]]): InstallRequest {
  const [first, ...rest] = names.map((name) => found(hostname(name)));
  return {
    name: found(lockName('www.example.test')),
    zone: found(hostname('example.test')),
    hostnames: [found(first ?? null), ...rest],
    bundle: found(configPath('/etc/postern/bundles/example.test.pem')),
    pins: [],
    crl: null,
    verifiedHeader: null,
    logs: found(configPath('/var/log/nginx')),
    allNames: false,
    defaultServer: false,
    directory: found(configPath('/etc/postern')),
  };
}

/** What an installation goes through. */
export const PHASES: readonly Phase[] = [
  { kind: 'watch', proof: { path: '/p', word: 'w' } },
  { kind: 'enforce', proof: { path: '/p', word: 'w' } },
  { kind: 'enforce', proof: null },
];

/** Files that exist in memory only. A path of which others are below is a directory. */
export function sourceOf(files: ReadonlyMap<string, string>): ConfigSource {
  return {
    read: (path) => {
      const text = files.get(path);
      return text === undefined ? { code: 'ENOENT' } : { text };
    },
    list: (pattern) => {
      const parts = pattern.split('/').map(globPattern);
      const depth = parts.length;
      const paths = [...files.keys()].map((path) => path.split('/')).filter((path) => path.length >= depth);
      const heads = paths.filter((path) => parts.every((part, index) => part.test(path[index] ?? '')));
      return [...new Set(heads.map((path) => path.slice(0, depth).join('/')))].sort();
    },
    isDirectory: (path) => [...files.keys()].some((file) => file.startsWith(`${path}/`)),
  };
}

/** The files after a plan. */
export function applied(files: ReadonlyMap<string, string>, plan: InstallPlan): ReadonlyMap<string, string> {
  const after = new Map(files);
  for (const { path, after: text } of plan.changes) {
    if (text === null) after.delete(path);
    else after.set(path, text);
  }
  return after;
}

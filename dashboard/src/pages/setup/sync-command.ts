import { quoted } from '../../api/curl.ts';
import type { OriginConfig } from './origin-config.ts';

interface Commands {
  readonly test: string;
  readonly reload: string;
}

/** How servers that are there test their configuration and take it up, on Debian and its like; each without a shell. */
const SERVERS: Readonly<Record<string, Commands>> = {
  nginx: { test: 'nginx -t', reload: 'nginx -s reload' },
  apache: { test: 'apachectl configtest', reload: 'apachectl graceful' },
  caddy: {
    test: 'caddy validate --config /etc/caddy/Caddyfile',
    reload: 'caddy reload --config /etc/caddy/Caddyfile',
  },
  haproxy: { test: 'haproxy -c -f /etc/haproxy/haproxy.cfg', reload: 'systemctl reload haproxy' },
};

interface SyncOf {
  readonly zone: string;
  readonly made: OriginConfig;
  /** It was included into a server that is there; a whole configuration is loaded as its owner runs it. */
  readonly isPart: boolean;
  readonly api: string;
  /** File with the token by which it also reports. */
  readonly tokenFile?: string;
}

/** What keeps the bundle of a lock current whose files were copied or written; `null` where that cannot be said whole. */
export function syncCommand({ zone, made, isPart, api, tokenFile }: SyncOf): string | null {
  const bundles = made.files.filter(({ what }) => what === 'trust_bundle');
  const [bundle] = bundles;
  const server = isPart ? SERVERS[made.server] : undefined;
  if (bundle === undefined || bundles.length > 1 || server === undefined) return null;
  return [
    `postern origin sync --api ${api} --zone ${zone} --bundle ${quoted(bundle.path)}`,
    `--test "${server.test}" --reload "${server.reload}"`,
    ...(tokenFile === undefined ? [] : [`--token-file ${tokenFile}`]),
    '--install-service',
  ].join(' ');
}

/** Files that were there to watch, and that nothing reads once strangers are refused. */
export function onlyWatched(watched: OriginConfig, enforced: OriginConfig): readonly string[] {
  if (watched.mode !== 'watch') return [];
  const still = new Set(enforced.files.map(({ path }) => path));
  return [...watched.files, ...watched.watch_logs].map(({ path }) => path).filter((path) => !still.has(path));
}

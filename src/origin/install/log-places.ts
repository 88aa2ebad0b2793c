import { type ConfigPath, configPath } from '../config-path.ts';
import type { ServerName } from '../generate/server-facts.ts';

/** Where packages and images have the logs of a server. HAProxy and Caddy write to a log of the system. */
const LOG_PLACES: Readonly<Partial<Record<ServerName, readonly string[]>>> = {
  nginx: ['/var/log/nginx', '/usr/local/nginx/logs'],
  apache: ['/var/log/apache2', '/var/log/httpd', '/usr/local/apache2/logs'],
};

/** The directory for logs of those who are watched: the one that was named, or the server's own where this user may write. */
export function logPlace(
  named: ConfigPath | null,
  server: ServerName,
  mayWrite: (path: string) => boolean,
): ConfigPath | null {
  if (named !== null) return named;
  const found = LOG_PLACES[server]?.find(mayWrite);
  return found === undefined ? null : configPath(found);
}

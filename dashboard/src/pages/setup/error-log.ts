/** Where servers say why they did not load something, with the places of Debian and its like: in a file, or in the journal. */
const ERROR_LOGS = {
  nginx: { file: '/var/log/nginx/error.log' },
  apache: { file: '/var/log/apache2/error.log' },
  caddy: { unit: 'caddy' },
  haproxy: { unit: 'haproxy' },
  lighttpd: { file: '/var/log/lighttpd/error.log' },
} as const;

type Log = { readonly file: string } | { readonly unit: string };
const OF_SERVERS: Readonly<Record<string, Log>> = ERROR_LOGS;

/** The file, of a server that has one. */
export function errorFile(server: 'nginx' | 'apache' | 'lighttpd'): string {
  return ERROR_LOGS[server].file;
}

/** What shows the newest lines of it; `null` where a server says everything in its own output. */
export function newestErrors(server: string | undefined, lines: number): string | null {
  const log = OF_SERVERS[server ?? ''];
  if (log === undefined) return null;
  return 'file' in log ? `tail -n ${lines} ${log.file}` : `journalctl -u ${log.unit} -n ${lines} --no-pager`;
}

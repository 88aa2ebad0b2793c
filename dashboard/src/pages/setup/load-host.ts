import { quoted } from '../../api/curl.ts';

/** How a server takes what was put into one of its virtual hosts. */
interface HostLoading {
  /** Its error log, where Debian has it. */
  readonly log: string;
  /** What of the lock gives way to the same in the virtual host, in the file with its lines. */
  readonly yields: (lines: string) => readonly string[];
  readonly test: string;
  readonly reload: string;
}

const HOSTS: Readonly<Record<string, HostLoading>> = {
  nginx: {
    log: '/var/log/nginx/error.log',
    yields: yieldsInNginx,
    test: 'nginx -t',
    reload: 'nginx -s reload',
  },
  apache: {
    log: '/var/log/apache2/error.log',
    yields: () => [],
    test: 'apachectl configtest',
    reload: 'apachectl graceful',
  },
};

/** What has a server test the lines of a lock and, where they pass, load them, for `sh -e`. */
export function loadHost(server: string, lines: string): readonly string[] | null {
  const host = HOSTS[server];
  if (host === undefined) return null;
  const { log, yields, test, reload } = host;
  // A reload is taken before it is tried: what became of it is in the log alone.
  return [...yields(lines), test, reload, 'sleep 1', `tail -n 3 ${log} || true`];
}

// nginx takes each of them once, and certbot's options-ssl-nginx.conf, which all sites share, has two of them.
function yieldsInNginx(lines: string): readonly string[] {
  return [
    `lines=${quoted(lines)}`,
    'twice() {',
    `  nginx -t 2>&1 | sed -nE 's/.*"(ssl_session_tickets|ssl_session_cache|ssl_early_data)" directive is duplicate.*/\\1/p'`,
    '}',
    'while name=$(twice); [ -n "$name" ] && grep -q "^$name " "$lines"; do',
    '  sed "s/^$name /# The server block says it already: &/" "$lines" > "$lines.new"',
    '  mv "$lines.new" "$lines"',
    '  echo "left to the server block: $name"',
    'done',
  ];
}

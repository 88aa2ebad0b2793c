import { quoted } from '../../api/curl.ts';
import { newestErrors } from './error-log.ts';

/** How a server takes what was put into one of its virtual hosts. */
interface HostLoading {
  /** What of the lock gives way to the same in the virtual host, in the file with its lines. */
  readonly yields: (lines: string) => readonly string[];
  readonly test: string;
  readonly reload: string;
}

const HOSTS: Readonly<Record<string, HostLoading>> = {
  nginx: {
    yields: yieldsInNginx,
    test: 'nginx -t',
    reload: 'nginx -s reload',
  },
  apache: {
    yields: () => [],
    test: 'apachectl configtest',
    reload: 'apachectl graceful',
  },
};

/** What is done beside it. */
interface Around {
  /** The block wrote files: they are taken back where they do not pass. */
  readonly hasFiles: boolean;
  /** What follows where they pass, before they are loaded. */
  readonly passed?: readonly string[];
}

/** What has a server test the lines of a lock and, where they pass, load them, for `sh -e`. */
export function loadHost(server: string, lines: string, { hasFiles, passed = [] }: Around): readonly string[] | null {
  const host = HOSTS[server];
  if (host === undefined) return null;
  const { yields, test, reload } = host;
  // A reload is taken before it is tried: what became of it is in the log alone.
  const errors = newestErrors(server, 3);
  return [
    ...yields(lines),
    hasFiles ? `${test} || { back; exit 1; }` : test,
    ...passed,
    reload,
    ...(errors === null ? [] : ['sleep 1', `${errors} || true`]),
  ];
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

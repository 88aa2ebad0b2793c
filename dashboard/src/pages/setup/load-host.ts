import { quoted } from '../../api/curl.ts';
import { errorFile } from './error-log.ts';
import { RELOAD_NGINX } from './reload-nginx.ts';
import { keepUsualLog } from './usual-log.ts';

/** How a server takes what was put into one of its virtual hosts. */
interface HostLoading {
  /** What of the lock gives way to the same in the virtual host, in the file with its lines. */
  readonly yields: (lines: string) => readonly string[];
  /** What is done for the virtual host's own log while it watches. */
  readonly logs: (hostname: string, lines: string) => readonly string[];
  readonly test: string;
  readonly reload: readonly string[];
}

const HOSTS: Readonly<Record<string, HostLoading>> = {
  nginx: { yields: yieldsInNginx, logs: keepUsualLog, test: 'nginx -t', reload: RELOAD_NGINX },
  apache: {
    yields: () => [],
    logs: () => [],
    test: 'apachectl configtest',
    reload: ['apachectl graceful', 'sleep 1', `tail -n 3 ${errorFile('apache')} || true`],
  },
};

/** What is loaded, and what is done beside it. */
interface Loaded {
  readonly hostname: string;
  /** The file that the virtual host includes. */
  readonly lines: string;
  /** It watches: the block wrote no file. Else it wrote some, which are taken back where they do not pass. */
  readonly watches: boolean;
  /** What follows where they pass, before they are loaded. */
  readonly passed?: readonly string[];
}

/** What has a server test the lines of a lock and, where they pass, load them, for `sh -eu`. */
export function loadHost(server: string, { hostname, lines, watches, passed = [] }: Loaded): readonly string[] | null {
  const host = HOSTS[server];
  if (host === undefined) return null;
  const { yields, logs, test, reload } = host;
  return [
    ...yields(lines),
    watches ? `${test} || { echo ${quoted(BY_HAND)}; exit 1; }` : `${test} || { back; exit 1; }`,
    ...(watches ? [...logs(hostname, lines), test] : []),
    ...passed,
    ...reload,
    ...(watches ? [] : [`echo ${quoted(NEXT)}`]),
  ];
}

const NEXT = 'Next, in the dashboard: it goes on by itself, or says what to press.';

/** What the block that has nginx load the lines does to the file that they are in. */
export const EDITS =
  'The block below edits the file that this line includes, and no other: the site goes on writing the log that it has now, and a directive that its server block has already is commented out there.';

const BY_HAND =
  'Nothing was loaded. A directive that it calls a duplicate has to go from the virtual host; then paste this again.';

// nginx takes each of them once, and certbot's options-ssl-nginx.conf, which all sites share, has two of them.
function yieldsInNginx(lines: string): readonly string[] {
  return [
    `lines=${quoted(lines)}`,
    '# A directive that nginx calls a duplicate, which the lines have too: it is commented out there.',
    'twice() {',
    `  nginx -t 2>&1 | sed -nE 's/.*"(ssl_session_tickets|ssl_session_cache|ssl_early_data)" directive is duplicate.*/\\1/p'`,
    '}',
    'while name=$(twice); [ -n "$name" ] && grep -q "^$name " "$lines"; do',
    '  sed "s/^$name /# The server block says it already: &/" "$lines" > "$lines.new"',
    '  mv "$lines.new" "$lines"',
    '  echo "left to the server block: $name. A withdrawn certificate may count until sessions end."',
    'done',
  ];
}

import { quoted } from '../../api/curl.ts';
import { Code } from '../../parts/copy.tsx';
import type { OriginConfig } from './origin-config.ts';

interface Host {
  readonly where: string;
  readonly line: (path: string) => string;
  /** What becomes of its own log while it watches. */
  readonly watchingLogs: string | null;
  readonly load: string;
}

const HOSTS: Readonly<Record<string, Host>> = {
  nginx: {
    where: 'Then this line goes into the server block that answers for these names, above its locations:',
    line: (path) => `include "${path}";`,
    watchingLogs:
      'A server block without an access_log of its own logs to the watching log alone then: to keep its usual log, repeat that one beside the line.',
    load: 'nginx -t && nginx -s reload',
  },
  apache: {
    where: 'Then this line goes into the virtual host that answers for these names, as its last one:',
    line: (path) => `Include "${path}"`,
    watchingLogs: null,
    load: 'apachectl configtest && apachectl graceful',
  },
};

/** How lines come into a virtual host that is there. The same file enforces later: the line stays. */
export function IntoHost({ made }: { readonly made: OriginConfig }) {
  const host = HOSTS[made.server];
  const path = made.files.find(({ what }) => what === 'configuration')?.path;
  if (host === undefined || path === undefined) return null;
  const directories = [...new Set(made.files.map((file) => file.path.slice(0, file.path.lastIndexOf('/'))))];
  return (
    <div class="setup-command">
      <p>Make the directories first where they are missing: {directories.map((one) => quoted(one)).join(', ')}.</p>
      {made.mode === 'watch' ? (
        <>
          <p>{host.where}</p>
          <Code label="Line for the virtual host" text={host.line(path)} />
          {host.watchingLogs !== null && <p>{host.watchingLogs}</p>}
        </>
      ) : (
        <p>The line in the virtual host stays as it is: it is the file that says otherwise now.</p>
      )}
      <p>Then have the server test and load it.</p>
      <Code label="Load it" text={host.load} />
    </div>
  );
}

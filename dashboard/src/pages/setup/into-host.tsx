import { Code } from '../../parts/copy.tsx';
import { loadHost } from './load-host.ts';
import type { OriginConfig } from './origin-config.ts';
import { pasteBlock } from './paste-block.ts';

interface Host {
  readonly where: string;
  readonly lines: (path: string) => string;
  /** What becomes of its own log while it watches. */
  readonly logs: string;
  /** What the same in the virtual host has to do with it. */
  readonly sameThere: string;
}

const HOSTS: Readonly<Record<string, Host>> = {
  nginx: {
    where:
      'Put these lines into the server block that answers for these names over TLS (its listen says ssl), above its locations:',
    lines: (path) => `access_log /var/log/nginx/access.log;\ninclude "${path}";`,
    logs: 'The first line keeps the usual log of a block without an access_log of its own, which would write the watching log alone. Leave it out where the block has one, and name the other path where nginx.conf does.',
    sameThere:
      "What the block, or certbot's options-ssl-nginx.conf in it, says of TLS sessions already is taken out of the lock's file: a withdrawn certificate then counts until those end. Any other directive that the test calls a duplicate has to go from the block.",
  },
  apache: {
    where: 'Put this line into the virtual host that answers for these names over TLS, as its last one:',
    lines: (path) => `Include "${path}"`,
    logs: 'A virtual host without a CustomLog of its own would write the watching log alone: repeat beside the line the one that it logged to.',
    sameThere: 'As the last line, it replaces what the virtual host says of the same before.',
  },
};

interface IntoHostProps {
  readonly made: OriginConfig;
  /** What tells who comes, as the terminal of the origin takes it; `null` where that is none, or several. */
  readonly reports: string | null;
}

/** How lines come into a virtual host that is there, once their files are. The same file enforces later: they stay. */
export function IntoHost({ made, reports }: IntoHostProps) {
  const host = HOSTS[made.server];
  const path = linesOf(made);
  const load = path === undefined ? null : loadHost(made.server, path, { hasFiles: false });
  if (host === undefined || path === undefined || load === null) return null;
  return (
    <div class="setup-command">
      <p>{host.where}</p>
      <Code label="Lines for the virtual host" text={host.lines(path)} />
      <p>{host.logs}</p>
      <p>
        Then have the server test it and, only if that passes, load it
        {reports === null
          ? '.'
          : ', and tell Postern who comes: paste this where the token is, and leave it running until the lock is proved.'}
      </p>
      <Code
        label={reports === null ? 'Test and load it' : 'Test it, load it, tell who comes'}
        text={pasteBlock([], reports === null ? load : [...load, ...telling(reports)])}
      />
      <p>{host.sameThere}</p>
      <p class="hint">{LOADED}</p>
    </div>
  );
}

// Last, in place of the shell: nothing is left to be read behind it, and Ctrl-C ends it alone.
function telling(reports: string): readonly string[] {
  return [`exec ${reports} < /dev/null`];
}

/** What follows where the lines are in the virtual host already: the block with the files ends with it. */
export function loadOf(made: OriginConfig, passed: readonly string[]): readonly string[] {
  const path = linesOf(made);
  return (path === undefined ? null : loadHost(made.server, path, { hasFiles: true, passed })) ?? [];
}

/** The file that the virtual host includes. */
export function linesOf({ files }: OriginConfig): string | undefined {
  return files.find(({ what }) => what === 'configuration')?.path;
}

/** How to read what it prints last. */
export const LOADED =
  'It prints the last lines of the error log, where Debian has it: an [emerg] or "could not bind" of now says that the server goes on as before.';

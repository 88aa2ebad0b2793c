import { madeToken } from '../../api/made-token.ts';
import { Code } from '../../parts/copy.tsx';
import { EDITS, loadHost } from './load-host.ts';
import { NoCommand } from './no-command.tsx';
import type { OriginConfig } from './origin-config.ts';
import { pasteBlock } from './paste-block.ts';
import { tokenLine, WITH_TOKEN } from './token-line.ts';

interface Host {
  readonly where: string;
  readonly lines: (path: string) => string;
  /** What becomes of its own log while it watches. */
  readonly logs: string;
  /** What the same in the virtual host has to do with it; `null` where the block that loads says so. */
  readonly sameThere: string | null;
  /** How to read what it prints last; `null` where it says itself whether it was loaded. */
  readonly loaded: string | null;
}

const HOSTS: Readonly<Record<string, Host>> = {
  nginx: {
    where:
      'Put this line into the server block that answers for these names over TLS (its listen says ssl), above its locations:',
    lines: (path) => `include "${path}";`,
    logs: EDITS,
    sameThere: null,
    loaded: null,
  },
  apache: {
    where: 'Put this line into the virtual host that answers for these names over TLS, as its last one:',
    lines: (path) => `Include "${path}"`,
    logs: 'A virtual host without a CustomLog of its own would write the watching log alone: repeat beside the line the one that it logged to.',
    sameThere: 'As the last line, it replaces what the virtual host says of the same before.',
    loaded:
      'It prints the last lines of the error log, where Debian has it: an error of now says that the server goes on as before.',
  },
};

interface IntoHostProps {
  readonly made: OriginConfig;
  readonly hostname: string;
  /** What tells who comes, as the terminal of the origin takes it; `null` where that is none, or several. */
  readonly reports: string | null;
}

/** How lines come into a virtual host that is there, once their files are. The same file enforces later: they stay. */
export function IntoHost({ made, hostname, reports }: IntoHostProps) {
  const host = HOSTS[made.server];
  const path = linesOf(made);
  const token = madeToken(hostname);
  const load = path === undefined ? null : loadHost(made.server, { hostname, lines: path, watches: true });
  if (host === undefined || path === undefined || load === null) return null;
  return (
    <div class="setup-command">
      <p>{host.where}</p>
      <Code label="Lines for the virtual host" text={host.lines(path)} />
      <p>{host.logs}</p>
      <p>
        {reports === null
          ? 'Then have the server test it and, only if that passes, load it.'
          : 'Then, in the terminal with the token, have it tested and loaded, and who comes told to Postern: leave it running.'}
      </p>
      <Code
        label={reports === null ? 'Test and load it' : 'Test it, load it, tell who comes'}
        text={pasteBlock([], reports === null ? load : [...load, ...telling(reports)])}
        {...(token === null || reports === null ? {} : { before: { text: tokenLine(token), title: WITH_TOKEN } })}
      />
      {host.sameThere !== null && <p>{host.sameThere}</p>}
      {host.loaded !== null && <p class="hint">{host.loaded}</p>}
      {reports !== null && <NoCommand load={load} logs={made.watch_logs} reports={reports} />}
    </div>
  );
}

// Last, in place of the shell: nothing is left to be read behind it, and Ctrl-C ends it alone.
function telling(reports: string): readonly string[] {
  return [`exec ${reports} < /dev/null`];
}

/** What follows where the lines are in the virtual host already: the block with the files ends with it. */
export function loadOf(
  { made, hostname }: Pick<IntoHostProps, 'made' | 'hostname'>,
  passed: readonly string[],
): readonly string[] {
  const lines = linesOf(made);
  return (lines === undefined ? null : loadHost(made.server, { hostname, lines, watches: false, passed })) ?? [];
}

/** The file that the virtual host includes. */
export function linesOf({ files }: OriginConfig): string | undefined {
  return files.find(({ what }) => what === 'configuration')?.path;
}

/** How to read what it prints last; `null` where it says itself whether it was loaded. */
export function loadedHint({ server }: OriginConfig): string | null {
  return HOSTS[server]?.loaded ?? null;
}

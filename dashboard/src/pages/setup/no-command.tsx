import { quoted } from '../../api/curl.ts';
import { Code } from '../../parts/copy.tsx';
import type { OriginConfig } from './origin-config.ts';
import { pasteBlock } from './paste-block.ts';

interface NoCommandProps {
  /** What has the server test and load the lines. */
  readonly load: readonly string[];
  readonly logs: OriginConfig['watch_logs'];
  /** What tells who comes, as a terminal takes it. */
  readonly reports: string;
}

/** The same for an origin on which nothing of Postern may run: the server loads it, and who comes is told from elsewhere, or not. */
export function NoCommand({ load, logs, reports }: NoCommandProps) {
  const elsewhere = logs[0] === undefined ? null : fromElsewhere(logs[0].path, reports);
  return (
    <details>
      <summary>No command of Postern may run there, or not as root?</summary>
      <div class="setup-command">
        <p>This, in place of the block above, ends once the server has loaded it. It needs no token.</p>
        <Code label="Test and load it, and no more" text={pasteBlock([], load)} />
        <p>
          Who comes can then be told by whoever may read the log, on the origin or on any machine that may log in there:
        </p>
        <Code label="Tell who comes, as any user" text={reports} />
        {elsewhere !== null && <Code label="Tell who comes, from another machine" text={elsewhere} />}
        <p>
          Or by nobody: see below that the edge believes the certificate of the origin, then open step 5 and enforce all
          the same. Look into the log first: whoever came without a certificate would be refused.
        </p>
        {logs.map(({ path }) => (
          <Code key={path} label="Who came, without the looks of Postern" text={othersIn(path)} />
        ))}
      </div>
    </details>
  );
}

// Looks show every certificate there is, and none: whoever reads the log would take them for callers who are about to be refused.
function othersIn(path: string): string {
  return `grep -v Postern-Attestation ${PLAIN.test(path) ? path : quoted(path)}`;
}

// What a shell takes as it stands, here and at the other end of ssh.
const PLAIN = /^[\w./-]+$/;

/** Reads the log through ssh: nothing of Postern is on the origin. `null` where the path would have to be quoted twice. */
function fromElsewhere(path: string, reports: string): string | null {
  const command = reports.replace(/ --log \S+ --follow$/, ' --log -');
  return PLAIN.test(path) && command !== reports ? `ssh ORIGIN tail -n 0 -F ${path} | ${command}` : null;
}

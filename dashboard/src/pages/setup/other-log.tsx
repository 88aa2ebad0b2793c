import { Note } from '../../parts/problems.tsx';
import type { OriginConfig } from './origin-config.ts';
import type { Setup } from './setup.ts';

/** What generated configurations call their logs: others are somebody's own, and say nothing of which they are of. */
const GENERATED = /^postern-watch-\w+\.log$/;

/** Logs that somebody reports of, and that the configuration of now does not write. */
function otherLogs({ watch_logs: logs }: OriginConfig, { callers, configured_on: configured }: Setup) {
  const written = new Set(logs.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)));
  return callers.sources
    .filter(({ lock, reported_on }) => GENERATED.test(lock) && !written.has(lock) && reported_on >= configured)
    .map(({ lock }) => lock);
}

/** Said where what reports follows the log of a configuration that is made no more. */
export function OtherLog({ config, setup }: { readonly config: OriginConfig; readonly setup: Setup }) {
  const [log] = otherLogs(config, setup);
  if (log === undefined) return null;
  return (
    <Note kind="warning">
      <p>
        What reports now reads <span class="mono break">{log}</span>, and the configuration is another one since: it
        writes another log. Put the files above in place, have the server load them, end that command, and start this
        one.
      </p>
    </Note>
  );
}

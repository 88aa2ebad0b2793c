/** The log of an nginx whose virtual host is there already: who comes to it while nobody is refused. */

import type { Hostname } from '../../domain/ids.ts';
import { below, type ConfigPath } from '../config-path.ts';
import type { Lines } from './lines.ts';
import { siteId, siteWord, watchLogName } from './names.ts';
import { watchLogFormat } from './nginx-variables.ts';

interface Named {
  readonly hostnames: readonly [Hostname, ...Hostname[]];
}

/** What goes into `http { }`, in front of all servers: the line of the log, and who is worth one. */
export function lockLogFormat(named: Named): Lines {
  return [
    '# Plain HTTP has no certificate, and the lock proves itself without being counted.',
    `map "$https:$request_uri" $${loggedVariable(named)} { "~^on:(?!/\\.well-known/postern-proof-)" 1; default ""; }`,
    ...watchLogFormat(siteWord(named, [])),
  ];
}

/** The directive that writes it. */
export function lockLogLine(named: Named, file: ConfigPath): string {
  return `access_log "${file}" postern_watch_${siteWord(named, [])} if=$${loggedVariable(named)};`;
}

/** Where it is, in a directory for logs. */
export function lockLogFile(named: Named, logs: ConfigPath): ConfigPath {
  return below(logs, watchLogName(named));
}

function loggedVariable(named: Named): string {
  return `postern_logged_${siteId(named, [])}`;
}

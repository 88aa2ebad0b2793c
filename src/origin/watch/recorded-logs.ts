import { watchLogs } from '../generate/generate.ts';
import type { LockRecord } from '../lock-record.ts';
import { originRequirement } from '../requirement.ts';

const PATH = /"(\/[^"\n]*\/postern-watch-\w+\.log)"|(?<![\w"/])(\/\S*\/postern-watch-\w+\.log)/g;

/** Whether the name of a file is that of a log that a lock alone writes to. */
export function isWatchLog(path: string): boolean {
  return /\/postern-watch-\w+\.log$/.test(path);
}

/** The files in which a lock on record writes who comes while it refuses nobody; none where the server writes none. */
export function recordedWatchLogs({ server, request, installed = null }: LockRecord): readonly string[] {
  if (installed === null) return generatedLogs(server, request);
  const texts = [
    ...Object.values(installed.texts.watch),
    ...Object.values(installed.lines ?? {}).flatMap((lines) => lines.map(({ watch }) => watch)),
  ];
  const found = texts.flatMap((text) => [...text.matchAll(PATH)].map(([, quoted, plain]) => quoted ?? plain ?? ''));
  return [...new Set(found)];
}

function generatedLogs(server: LockRecord['server'], request: LockRecord['request']): readonly string[] {
  const watching = { ...request, sites: request.sites.map((site) => ({ ...site, mode: 'watch' as const })) };
  const requirement = originRequirement(watching);
  return 'code' in requirement ? [] : watchLogs(server, requirement).map(({ path }) => path);
}

import { type LockOutcome, troublesOf, type ZoneOutcome } from '../origin/sync/outcome.ts';
import { TROUBLES, type Trouble, troubleText } from '../origin/sync/troubles.ts';
import { onStdout } from './print.ts';
import { mark } from './table.ts';

/** What a run came to, for a person. */
export function outcomeText(outcomes: readonly LockOutcome[], dryRun: boolean): string {
  return outcomes.map((outcome) => lockText(outcome, dryRun)).join('\n');
}

function lockText(outcome: LockOutcome, dryRun: boolean): string {
  const { lock, zones, files, hostnames, shutsAt } = outcome;
  const good = troublesOf(outcome).length === 0;
  const did = files.length === 0 ? '' : `, ${dryRun ? 'would replace' : 'replaced'} ${files.join(', ')}`;
  const head = `${mark(good)} ${onStdout('bold', lock)}: ${zones.map(zoneText).join('; ') || 'nothing known'}${did}`;
  const open = hostnames.filter(({ mode }) => mode === 'watch').map(({ hostname }) => hostname);
  const end = shutsAt === null ? '' : `; to be shut at ${new Date(shutsAt).toISOString()}`;
  return [head, ...(open.length === 0 ? [] : [`  ${onStdout('yellow', 'open')}: ${open.join(', ')}${end}`])].join('\n');
}

function zoneText({ zone, name, version, sha256 }: ZoneOutcome): string {
  if (sha256 === null) return `${name ?? zone} has no bundle`;
  return `${name ?? zone} ${version === null ? 'version unknown' : `version ${version}`}`;
}

const SHUT_BY =
  'this run leaves it open, and only a later one shuts it: the timer of --install-service does, and so do --watch and --stay.';

/** What is wrong, each with what to do; and what ends soon. */
export function concerns(outcomes: readonly LockOutcome[]): readonly string[] {
  return outcomes.flatMap((outcome) => [
    ...troublesOf(outcome).map((trouble) => `${outcome.lock}: ${troubleText(trouble)}. ${TROUBLES[trouble.code].fix}`),
    ...(outcome.shutsAt === null ? [] : [`${outcome.lock}: ${SHUT_BY}`]),
    ...outcome.zones.flatMap(({ endings }) => endings.map((text) => `${outcome.lock}: ${text}`)),
  ]);
}

/** The same for machines. */
export function outcomeView({ lock, server, zones, hostnames, files, trouble, shutsAt }: LockOutcome) {
  return {
    lock,
    server,
    files,
    hostnames: hostnames.map(({ hostname, mode }) => ({ hostname, mode })),
    shuts_on: shutsAt === null ? null : new Date(shutsAt).toISOString(),
    trouble: troubleView(trouble),
    zones: zones.map(({ zone, name, version, sha256, lists, trouble: own, endings }) => {
      return { zone, name, version, sha256, lists, trouble: troubleView(own), endings };
    }),
  };
}

function troubleView(trouble: Trouble | null) {
  if (trouble === null) return null;
  return { code: trouble.code, text: troubleText(trouble), fix: TROUBLES[trouble.code].fix };
}

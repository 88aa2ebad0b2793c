import { setTimeout as after } from 'node:timers/promises';
import { instant } from '../domain/ids.ts';
import { type LockOutcome, troublesOf, verdict } from '../origin/sync/outcome.ts';
import { nextPause } from '../origin/sync/pace.ts';
import { troubleText } from '../origin/sync/troubles.ts';
import type { Log } from '../wire/log.ts';

export interface DaemonParts {
  /** One run over all locks. Rejects only where it cannot even be said which they are. */
  readonly round: () => Promise<readonly LockOutcome[]>;
  /** Milliseconds. */
  readonly interval: number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Runs again and again until it is called off, and says what happens. A run that has begun is brought to its end. */
export async function keepInStep({ round, interval, log, signal }: DaemonParts): Promise<void> {
  let before: readonly LockOutcome[] = [];
  let failed = 0;
  log('sync_ready', { interval_seconds: interval / 1_000 });
  while (!signal.aborted) {
    const outcomes = await round().catch((error: unknown): readonly LockOutcome[] => {
      log('bundle_refused', {
        lock: '',
        code: 'unreadable',
        because: error instanceof Error ? error.message : String(error),
      });
      return before;
    });
    for (const outcome of outcomes)
      tell(
        log,
        outcome,
        before.find(({ lock }) => lock === outcome.lock),
      );
    before = outcomes;
    const now = instant(Date.now());
    const pause = nextPause(outcomes, { interval, failed, now, chance: Math.random() });
    failed = verdict(outcomes) === 'in_step' ? 0 : failed + 1;
    // Calling off is no error.
    await after(pause, undefined, { signal }).catch(() => undefined);
  }
}

function tell(log: Log, outcome: LockOutcome, before: LockOutcome | undefined): void {
  const { lock, files, zones } = outcome;
  if (files.length > 0) {
    const versions = zones.map(({ name, zone, version }) => `${name ?? zone} ${version ?? 'unknown'}`).join(', ');
    log('bundle_installed', { lock, versions, files: files.join(', ') });
  }
  for (const trouble of troublesOf(outcome)) {
    const event = trouble.code === 'outage' ? 'bundle_not_asked' : 'bundle_refused';
    log(event, { lock, code: trouble.code, because: troubleText(trouble) });
  }
  for (const { endings } of zones) for (const text of endings) log('bundle_ending', { lock, because: text });
  const open = openOf(outcome);
  const wasOpen = before === undefined ? [] : openOf(before);
  for (const hostname of open.filter((one) => !wasOpen.includes(one))) log('lock_opened_here', { lock, hostname });
  for (const hostname of wasOpen.filter((one) => !open.includes(one))) log('lock_shut_here', { lock, hostname });
}

function openOf({ hostnames }: LockOutcome): readonly string[] {
  return hostnames.flatMap(({ hostname, mode }) => (mode === 'watch' ? [hostname] : []));
}

import { EXIT } from './failure.ts';

/** Ask to read files again. A terminal that is closed sends SIGHUP too, and then means the end. */
export function reloadSignals(): readonly NodeJS.Signals[] {
  return process.stderr.isTTY ? ['SIGUSR2'] : ['SIGUSR2', 'SIGHUP'];
}

// A process group and the launcher that belongs to it may both pass on the same wish to end.
const SAME_WISH = 1_000;

/** Resolves at the first request to end; another one, later than an echo of the first, ends at once. */
export async function asked(): Promise<void> {
  await new Promise<void>((done) => {
    let first: number | null = null;
    const onSignal = (): void => {
      first ??= performance.now();
      done();
      if (performance.now() - first > SAME_WISH) process.exit(EXIT.undetermined);
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
  });
}

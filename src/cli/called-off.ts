import { EXIT, Failure } from './failure.ts';

/**
 * Does what takes long and leaves things half done when it is cut off: at SIGINT or SIGTERM the job is told by its signal,
 * and tidies up. A second one ends at once, as usual.
 */
export async function untilCalledOff<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const calling = new AbortController();
  const callOff = (): void => calling.abort();
  for (const name of SIGNALS) process.once(name, callOff);
  try {
    return await job(calling.signal);
  } catch (error) {
    if (!calling.signal.aborted) throw error;
    throw new Failure(
      'It was called off, and nothing of it was left.',
      'Start it again when you like.',
      EXIT.undetermined,
    );
  } finally {
    for (const name of SIGNALS) process.off(name, callOff);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

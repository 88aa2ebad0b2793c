import type { Instant } from '../../domain/ids.ts';
import type { Figures } from '../../wire/metrics.ts';
import type { Traffic } from '../../wire/traffic.ts';
import { errorFields, type Log } from '../log.ts';
import { type Analytics, Collector } from './collector.ts';
import { COARSEST, stepOf } from './history.ts';
import type { AnalyticsStepKeeping } from './step-rows.ts';

/** Where what edges count comes from. */
export interface AnalyticsSource {
  readonly read: () => Promise<Figures>;
  /** What zones and hostnames have counted since the last call. */
  readonly takeTraffic: () => readonly Traffic[];
}

export interface AnalyticsKeeping {
  readonly analytics: Analytics;
  /** Looks a last time, and stores what was counted. */
  readonly close: () => Promise<void>;
}

const TICK = 1_000;
const STORE_EVERY = 60_000;

/** Looks at what the edges count once a second, and stores the longest steps of it once a minute. */
export async function keepAnalytics(
  source: AnalyticsSource,
  steps: AnalyticsStepKeeping,
  { clock, log }: { readonly clock: () => Instant; readonly log: Log },
): Promise<AnalyticsKeeping> {
  const collector = new Collector(clock());
  collector.restore(await steps.storedSteps());
  let storedAt: number = clock();
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    const { total } = await source.read();
    // What is counted now came in the second before.
    collector.tick(clock() - TICK / 2, total.counters, source.takeTraffic());
  };
  const store = async (): Promise<void> => {
    const now = clock();
    // The step of the last time may have gone on after that.
    const wanted = new Set([stepOf(storedAt), stepOf(now)]);
    storedAt = now;
    await steps.storeSteps(
      [...wanted].flatMap((began) => collector.step(began)),
      now - COARSEST.step * COARSEST.slots,
    );
  };
  let isFailing = false;
  // A look that fails is one gap in a chart: it must not end the counting, nor the program that serves.
  const lookOrSay = async (): Promise<void> => {
    try {
      await look();
      isFailing = false;
    } catch (error) {
      if (!isFailing) log('analytics_not_counted', errorFields(error));
      isFailing = true;
    }
  };
  const turn = async (): Promise<void> => {
    await lookOrSay();
    // Nobody waits: a store that is busy must not keep the next look.
    if (Math.abs(clock() - storedAt) >= STORE_EVERY) storing = store();
  };
  let storing = Promise.resolve();
  let present = Promise.resolve();
  let closed = false;
  // On the second, so that each step holds equally many looks.
  const next = (): void => {
    if (closed) return;
    timer = setTimeout(
      () => {
        present = turn().then(next);
      },
      TICK - (clock() % TICK),
    ).unref();
  };
  next();
  return {
    analytics: collector,
    close: async () => {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      await present;
      await storing;
      await lookOrSay();
      await store();
    },
  };
}

import type { Instant } from '../../domain/ids.ts';
import type { Figures } from '../../wire/metrics.ts';
import type { Traffic } from '../../wire/traffic.ts';
import { type Analytics, Collector } from './collector.ts';

/** Where what edges count comes from. */
export interface AnalyticsSource {
  readonly read: () => Promise<Figures>;
  /** What zones and hostnames have counted since the last call. */
  readonly takeTraffic: () => readonly Traffic[];
}

export interface AnalyticsKeeping {
  readonly analytics: Analytics;
  readonly close: () => void;
}

const TICK = 1_000;

/** Looks at what the edges count once a second. */
export function keepAnalytics(source: AnalyticsSource, clock: () => Instant): AnalyticsKeeping {
  const collector = new Collector(clock());
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const look = async (): Promise<void> => {
    const { total } = await source.read();
    if (closed) return;
    // What is counted now came in the second before.
    collector.tick(clock() - TICK / 2, total.counters, source.takeTraffic());
    next();
  };
  // On the second, so that each step holds equally many looks.
  const next = (): void => {
    timer = setTimeout(() => void look(), TICK - (clock() % TICK)).unref();
  };
  next();
  return {
    analytics: collector,
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}

import { performance } from 'node:perf_hooks';
import { type Snapshot, seriesKey } from './metrics.ts';

/** What a process costs. `main` runs the control plane; where there are workers, each of them tells its own. */
export function processFigures(role: 'main' | 'worker'): Snapshot {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const { active } = performance.eventLoopUtilization();
  return {
    counters: {
      [seriesKey('process_cpu_seconds_total', role)]: user + system,
      [seriesKey('process_busy_seconds_total', role)]: Math.round(active * 1_000),
    },
    gauges: {
      [seriesKey('processes', role)]: 1,
      [seriesKey('process_resident_memory_bytes', role)]: rss,
      [seriesKey('process_heap_bytes', role)]: heapUsed,
    },
  };
}

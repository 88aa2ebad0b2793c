/** A minute of everything at once, while the configuration changes ten times a second. */
import { setTimeout as after } from 'node:timers/promises';
import type { Loaded } from './load.ts';
import { MIX } from './mix.ts';
import { load } from './run-load.ts';
import { alone, type Row, type Section } from './section.ts';
import { type BenchWorld, openBenchWorld } from './world.ts';

const SECONDS = Number(process.env['BENCH_MIXED_S'] ?? 60);
const CHANGE_EVERY = 100;
/** Switches origin pulls off and on again until told to stop; how often, and how long the slowest took to be in force. */
async function changes({ pulls }: BenchWorld, going: () => boolean): Promise<{ count: number; slowest: number }> {
  let [count, slowest] = [0, 0];
  while (going()) {
    const since = performance.now();
    await pulls(count++ % 2 === 1);
    const took = performance.now() - since;
    slowest = Math.max(slowest, took);
    await after(Math.max(0, CHANGE_EVERY - took));
  }
  return { count, slowest };
}

export const MIXED: Section = {
  about: `${SECONDS} s of kept, new and HTTP/2 connections, cold pulls and 10 MB bodies, a change every ${CHANGE_EVERY} ms`,
  run: async () => {
    const world = await openBenchWorld();
    try {
      let going = true;
      const changing = changes(world, () => going);
      const milliseconds = SECONDS * 1_000;
      const loads: readonly Loaded[] = await Promise.all(MIX.map((one) => load(world.postern, one, milliseconds)));
      going = false;
      const { count, slowest } = await changing;
      const small = loads[0];
      const rows: Row[] = [
        alone(
          { name: 'failed requests', unit: `of ${sum(loads, 'requests')}`, subject: sum(loads, 'failures') },
          { most: 0 },
        ),
        alone({ name: 'slowest change in force', unit: `ms, of ${count} changes`, subject: slowest }, { most: 1_000 }),
        alone(
          { name: 'small pull, p99', unit: 'ms, all processes on this machine', subject: small?.p99 ?? 0 },
          { most: 1_000 },
        ),
      ];
      return rows;
    } finally {
      await world.close();
    }
  },
};

function sum(loads: readonly Loaded[], field: 'requests' | 'failures'): number {
  return loads.reduce((whole, one) => whole + one[field], 0);
}

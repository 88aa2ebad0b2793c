// npm run soak [-- MINUTES]: half an hour under everything at once, while the configuration changes. Fails where a request
// failed, or where memory or open files keep growing.
import { readdirSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { MIX } from './mix.ts';
import { children, memoryOf } from './process-tree.ts';
import { load } from './run-load.ts';
import { median } from './section.ts';
import { type BenchWorld, openBenchWorld } from './world.ts';

const MINUTES = Number(process.argv[2] ?? 30);
const LEAST_MINUTES = 3;
const SAMPLE_EVERY = 5_000;
const CHANGE_EVERY = 250;
/** What the last third of the time may hold beyond the second. */
const GROWTH = 1.1;
const MIB = 1024 * 1024;

interface Sample {
  readonly memory: number;
  readonly files: number;
}

function sample(pid: number): Sample {
  return { memory: memoryOf(pid), files: openFiles(pid) };
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length + children(pid).reduce((sum, child) => sum + openFiles(child), 0);
}

/** Does something again and again until told to stop. */
async function repeatedly(every: number, going: () => boolean, step: (count: number) => unknown): Promise<void> {
  for (let count = 0; going(); count++) {
    await after(every);
    await step(count);
  }
}

async function soak({ postern, pulls }: BenchWorld): Promise<{ requests: number; samples: readonly Sample[] }> {
  const samples: Sample[] = [];
  let going = true;
  const beside = Promise.all([
    repeatedly(
      CHANGE_EVERY,
      () => going,
      (count) => pulls(count % 2 === 1),
    ),
    repeatedly(
      SAMPLE_EVERY,
      () => going,
      (count) => {
        samples.push(sample(postern.pid));
        if (count % 12 === 11) tell(samples);
      },
    ),
  ]);
  const loads = await Promise.all(MIX.map((one) => load(postern, one, MINUTES * 60_000)));
  going = false;
  await beside;
  return { requests: loads.reduce((sum, { requests }) => sum + requests, 0), samples };
}

function tell(samples: readonly Sample[]): void {
  const last = samples.at(-1);
  if (last === undefined) return;
  console.error(`soak: ${(last.memory / MIB).toFixed(0)} MiB, ${last.files} open files`);
}

/** The middle of a third of the samples, counted from the first. */
function third(samples: readonly Sample[], which: 1 | 2, field: keyof Sample): number {
  const size = Math.floor(samples.length / 3);
  return median(samples.slice(which * size, (which + 1) * size).map((one) => one[field]));
}

if (!(MINUTES >= LEAST_MINUTES)) {
  console.error(`soak: give at least ${LEAST_MINUTES} minutes`);
  process.exit(2);
}
const world = await openBenchWorld();
try {
  console.error(`soak: ${MINUTES} minutes …`);
  const { requests, samples } = await soak(world);
  const rows = (['memory', 'files'] as const).map((field) => {
    const [before, now] = [third(samples, 1, field), third(samples, 2, field)];
    return { field, before, now, ok: now <= before * GROWTH };
  });
  console.log(`${requests} requests, none failed`);
  for (const { field, before, now, ok } of rows) {
    const [from, to] = field === 'memory' ? [before / MIB, now / MIB] : [before, now];
    console.log(`${ok ? '✓' : '✗'} ${field}: ${from.toFixed(0)} in the second third, ${to.toFixed(0)} in the last`);
  }
  if (!rows.every(({ ok }) => ok)) process.exitCode = 1;
} finally {
  await world.close();
}

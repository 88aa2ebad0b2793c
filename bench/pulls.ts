/** Postern and nginx doing the same job, side by side in one run. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuSeconds } from './cpu.ts';
import type { Loaded } from './load.ts';
import { compared, median, ROUNDS, type Row, type Section } from './section.ts';
import { type BenchWorld, type Edge, NAME, openBenchWorld } from './world.ts';

const run = promisify(execFile);
const MILLISECONDS = Number(process.env['BENCH_MS'] ?? 3_000);
// A just-in-time compiler works hardest in the first seconds; what is measured is an edge that has been up for a while.
const WARM_UP = 2;

interface Round {
  readonly requests: number;
  readonly bytes: number;
  readonly cpu: number;
}

async function load(edge: Edge, path: string, connections: number): Promise<Round> {
  const before = cpuSeconds(edge.pid);
  const argument = JSON.stringify({ port: edge.port, name: NAME, path, connections, milliseconds: MILLISECONDS });
  const { stdout } = await run(process.execPath, [fileURLToPath(new URL('load.ts', import.meta.url)), argument]);
  const { requests, failures, bytes } = JSON.parse(stdout) as Loaded;
  if (failures > 0 || requests === 0) throw new Error(`${edge.name}: ${failures} failures in ${requests} requests`);
  return { requests, bytes, cpu: cpuSeconds(edge.pid) - before };
}

const perRequest = ({ cpu, requests }: Round): number => (cpu / requests) * 1e6;
const perSecond = ({ cpu, bytes }: Round): number => bytes / cpu / 1e6;

/** Measures two things in turns, so that what else the machine does falls on both. */
async function inTurns(
  first: () => Promise<number>,
  second: () => Promise<number>,
): Promise<{ readonly subject: number; readonly reference: number }> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await first());
    theirs.push(await second());
  }
  return { subject: median(ours), reference: median(theirs) };
}

async function small({ postern, nginx }: BenchWorld): Promise<Row> {
  for (let round = 0; round < WARM_UP; round++) await load(postern, '/', 32);
  const measured = await inTurns(
    async () => perRequest(await load(postern, '/', 32)),
    async () => perRequest(await load(nginx, '/', 32)),
  );
  return compared({ name: 'small keep-alive pull', unit: 'µs CPU', against: 'nginx', ...measured }, { most: 1.6 });
}

async function large({ postern, nginx }: BenchWorld): Promise<Row> {
  const measured = await inTurns(
    async () => perSecond(await load(postern, '/large', 4)),
    async () => perSecond(await load(nginx, '/large', 4)),
  );
  return compared({ name: '10 MB body', unit: 'MB per CPU s', against: 'nginx', ...measured }, { least: 1 });
}

async function warm({ postern, pulls }: BenchWorld): Promise<Row> {
  const under = async (enabled: boolean) => {
    await pulls(enabled);
    return perRequest(await load(postern, '/', 32));
  };
  const measured = await inTurns(
    () => under(true),
    () => under(false),
  );
  await pulls(true);
  return compared({ name: 'warm pull, AOP on', unit: 'µs CPU', against: 'AOP off', ...measured }, { most: 1.02 });
}

export const PULLS: Section = {
  about: `${ROUNDS} rounds of ${MILLISECONDS} ms each, medians, one worker each side`,
  run: async () => {
    const world = await openBenchWorld();
    try {
      return [await small(world), await warm(world), await large(world)];
    } finally {
      await world.close();
    }
  },
};

// npm run bench: Postern and nginx doing the same job, side by side in one run. Figures are CPU of the process under
// test divided by what it did, from the system's own accounting: the wall clock of a shared machine says little.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuSeconds } from './cpu.ts';
import type { Loaded } from './load.ts';
import { type BenchWorld, type Edge, NAME, openBenchWorld } from './world.ts';

const run = promisify(execFile);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const MILLISECONDS = Number(process.env['BENCH_MS'] ?? 3_000);
// A just-in-time compiler works hardest in the first seconds; what is measured is an edge that has been up for a while.
const WARM_UP = 2;

interface Round {
  readonly requests: number;
  readonly bytes: number;
  readonly cpu: number;
}

interface Measured {
  readonly name: string;
  readonly unit: string;
  readonly subject: number;
  readonly reference: number;
  readonly against: string;
  readonly ratio: number;
  readonly budget: string;
  readonly ok: boolean;
}

async function load(edge: Edge, path: string, connections: number): Promise<Round> {
  const before = cpuSeconds(edge.pid);
  const argument = JSON.stringify({ port: edge.port, name: NAME, path, connections, milliseconds: MILLISECONDS });
  const { stdout } = await run(process.execPath, [fileURLToPath(new URL('load.ts', import.meta.url)), argument]);
  const { requests, failures, bytes } = JSON.parse(stdout) as Loaded;
  if (failures > 0 || requests === 0) throw new Error(`${edge.name}: ${failures} failures in ${requests} requests`);
  return { requests, bytes, cpu: cpuSeconds(edge.pid) - before };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const perRequest = ({ cpu, requests }: Round): number => (cpu / requests) * 1e6;
const perSecond = ({ cpu, bytes }: Round): number => bytes / cpu / 1e6;

async function small({ postern, nginx }: BenchWorld): Promise<Measured> {
  for (let round = 0; round < WARM_UP; round++) await load(postern, '/', 32);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(perRequest(await load(postern, '/', 32)));
    theirs.push(perRequest(await load(nginx, '/', 32)));
  }
  const [subject, reference] = [median(ours), median(theirs)];
  const ratio = subject / reference;
  return {
    name: 'small keep-alive pull',
    unit: 'µs CPU',
    subject,
    reference,
    against: 'nginx',
    ratio,
    budget: '≤ 1.6',
    ok: ratio <= 1.6,
  };
}

async function large({ postern, nginx }: BenchWorld): Promise<Measured> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(perSecond(await load(postern, '/large', 4)));
    theirs.push(perSecond(await load(nginx, '/large', 4)));
  }
  const [subject, reference] = [median(ours), median(theirs)];
  const ratio = subject / reference;
  return {
    name: '10 MB body',
    unit: 'MB per CPU s',
    subject,
    reference,
    against: 'nginx',
    ratio,
    budget: '≥ 1.0',
    ok: ratio >= 1,
  };
}

async function warm({ postern, pulls }: BenchWorld): Promise<Measured> {
  const on: number[] = [];
  const off: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await pulls(true);
    on.push(perRequest(await load(postern, '/', 32)));
    await pulls(false);
    off.push(perRequest(await load(postern, '/', 32)));
  }
  await pulls(true);
  const [subject, reference] = [median(on), median(off)];
  const ratio = subject / reference;
  return {
    name: 'warm pull, AOP on',
    unit: 'µs CPU',
    subject,
    reference,
    against: 'AOP off',
    ratio,
    budget: '≤ 1.02',
    ok: ratio <= 1.02,
  };
}

function print(rows: readonly Measured[]): void {
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(24) : cell.padStart(14))).join('');
  console.log(line(['', 'postern', 'reference', 'against', 'ratio', 'budget']));
  for (const { name, unit, subject, reference, against, ratio, budget, ok } of rows) {
    const numbers = [
      `${subject.toFixed(1)}`,
      `${reference.toFixed(1)}`,
      against,
      ratio.toFixed(2),
      `${budget} ${ok ? '✓' : '✗'}`,
    ];
    console.log(`${line([name, ...numbers])}   ${unit}`);
  }
}

const world = await openBenchWorld();
try {
  console.error(`bench: ${ROUNDS} rounds of ${MILLISECONDS} ms each, medians, one worker each side …`);
  const rows = [await small(world), await warm(world), await large(world)];
  print(rows);
  const results = new URL('results/', import.meta.url);
  mkdirSync(results, { recursive: true });
  const machine = {
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    arch: arch(),
    kernel: release(),
    node: process.versions.node,
  };
  const file = new URL(`${new Date().toISOString().replaceAll(':', '-')}.json`, results);
  writeFileSync(
    file,
    `${JSON.stringify({ at: new Date().toISOString(), machine, rounds: ROUNDS, milliseconds: MILLISECONDS, rows }, null, 2)}\n`,
  );
  console.error(`bench: saved ${fileURLToPath(file).split('/').slice(-3).join('/')}`);
} finally {
  await world.close();
}

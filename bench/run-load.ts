import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuSeconds } from './cpu.ts';
import type { Load, Loaded } from './load.ts';

const run = promisify(execFile);

/** How long each load lasts (BENCH_MS). */
export const MILLISECONDS = Number(process.env['BENCH_MS'] ?? 3_000);

/** An edge under test: where it listens and which process to charge. */
export interface Edge {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
}

/** What came of a load, and what it cost the edge. */
export interface Round extends Loaded {
  /** CPU seconds of the edge, its workers included. */
  readonly cpu: number;
}

/** Puts a load on an edge for so long, from a process of its own. Throws where a request failed. */
export async function load(
  edge: Edge,
  wanted: Omit<Load, 'port' | 'milliseconds'>,
  milliseconds = MILLISECONDS,
): Promise<Round> {
  const before = cpuSeconds(edge.pid);
  const argument = JSON.stringify({ port: edge.port, milliseconds, ...wanted } satisfies Load);
  const { stdout } = await run(process.execPath, [fileURLToPath(new URL('load.ts', import.meta.url)), argument]);
  const loaded = JSON.parse(stdout) as Loaded;
  if (loaded.failures > 0 || loaded.requests === 0) {
    throw new Error(`${edge.name}: ${loaded.failures} failures in ${loaded.requests} requests (${wanted.mode})`);
  }
  return { ...loaded, cpu: cpuSeconds(edge.pid) - before };
}

/** Microseconds of CPU that a request costs. */
export function perRequest({ cpu, requests }: Round): number {
  return (cpu / requests) * 1e6;
}

/** Megabytes that a second of CPU carries. */
export function perSecond({ cpu, bytes }: Round): number {
  return bytes / cpu / 1e6;
}

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cpuSeconds } from './cpu.ts';
import { POSTERN, type Workshop } from './servers.ts';

/** A Postern of one worker that answers. */
export interface Installation {
  readonly api: string;
  readonly port: number;
  readonly pid: number;
  readonly token: string;
  /** How long it took until it answered. */
  readonly seconds: number;
  /** What it and its worker have used of the CPU until then, in seconds. */
  readonly cpu: number;
  readonly stop: () => Promise<void>;
}

const LOOK_EVERY = 20;

/** Starts `postern up` over a data directory, and waits until all of it answers. */
export async function startInstallation(
  workshop: Workshop,
  data: string,
  { accessLog = false } = {},
): Promise<Installation> {
  const ready = `${data}-ready.json`;
  rmSync(ready, { force: true });
  const loopback = '127.0.0.1:0';
  const listeners = ['--api', loopback, '--https', loopback, '--http', 'off'];
  const logging = accessLog ? ['--access-log', 'on'] : ['--log-level', 'silent'];
  const rest = ['--workers', '1', '--ready-file', ready, ...logging];
  const start = accessLog ? workshop.startLogging : workshop.start;
  const began = performance.now();
  // Looks at locks are work of the control plane, and would be counted as that of pulls.
  const quiet = ['--attest-every', 'off'];
  const child = start(process.execPath, [POSTERN, 'up', '--data', data, ...listeners, ...quiet, ...rest]);
  for (;;) {
    try {
      const { api, https } = JSON.parse(readFileSync(ready, 'utf8')) as { api: string; https: string };
      const seconds = (performance.now() - began) / 1_000;
      const pid = child.pid ?? 0;
      const token = readFileSync(join(data, 'bootstrap-token'), 'utf8').trim();
      const stop = () => workshop.end(child);
      return { api, port: Number(https.split(':').at(-1)), pid, token, seconds, cpu: cpuSeconds(pid), stop };
    } catch (error) {
      if (child.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
  }
}

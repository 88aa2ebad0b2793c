import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The program as it is shipped. */
export const PROGRAM = fileURLToPath(new URL('../../bin/postern.js', import.meta.url));

/** How a command ended, and what it said. `code` is `null` where a signal ended it. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const DEADLINE = 20_000;

// Most of a short command's time goes into compiling: this is done once. Keyed by content, so never out of date.
const compiled = fileURLToPath(new URL('../../node_modules/.cache/postern-scenarios', import.meta.url));

/** The environment of a person who has set nothing of Postern's, with what is given. */
export function environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const plain = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(POSTERN_|NODE_)/.test(entry[0]),
  );
  return { ...Object.fromEntries(plain), NODE_COMPILE_CACHE: compiled, ...extra };
}

/** Runs a command to its end; one that does not end is killed, and its code is `null`. */
export function run(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  before: readonly string[] = [],
): Promise<Ended> {
  const [program, ...words] = [...before, process.execPath, PROGRAM, ...argv];
  return new Promise((resolve, reject) => {
    const child = spawn(program ?? process.execPath, words, {
      env: environment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    endWithTests(child);
    const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE);
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: Buffer.concat(stdout).toString('utf8'), stderr: Buffer.concat(stderr).toString('utf8') });
    });
  });
}

/** The same, while this process stands still: for places that cannot wait. */
export function runNow(argv: readonly string[]): Ended {
  const options = { env: environment(), encoding: 'utf8', timeout: DEADLINE, killSignal: 'SIGKILL' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...argv], options);
  return { code: status, stdout, stderr };
}

/** Lets no process outlive the tests, however they end. */
export function endWithTests(child: ChildProcess): void {
  const abandoned = () => child.kill('SIGKILL');
  process.once('exit', abandoned);
  child.once('exit', () => process.off('exit', abandoned));
}

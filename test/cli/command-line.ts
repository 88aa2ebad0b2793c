import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Postern, type PosternOptions, startPostern } from '../scenarios/postern.ts';
import { type Ended, run } from '../scenarios/program.ts';

/** A running Postern, and the program as a person would use it beside. */
export interface CommandLine extends AsyncDisposable {
  readonly postern: Postern;
  /** Runs `postern …` with the address and the token in the environment. */
  readonly run: (...argv: readonly string[]) => Promise<Ended>;
  /** The same, where exit 0 is expected: what it printed. */
  readonly good: (...argv: readonly string[]) => Promise<string>;
  /** The same under --json. */
  readonly json: <T = Record<string, unknown>>(...argv: readonly string[]) => Promise<T>;
}

/** Starts one. */
export async function startCommandLine(options: PosternOptions = {}): Promise<CommandLine> {
  const postern = await startPostern(options);
  // With the path that Cloudflare's SDK wants: both forms are right.
  const env = { POSTERN_API: `${postern.base}/client/v4`, POSTERN_TOKEN: postern.token };
  const call = (...argv: readonly string[]) => run(argv, env);
  const good = async (...argv: readonly string[]) => {
    const ended = await call(...argv);
    assert.equal(ended.code, 0, `postern ${argv.join(' ')}: ${ended.stderr}${ended.stdout}`);
    return ended.stdout;
  };
  return {
    postern,
    run: call,
    good,
    json: async <T>(...argv: readonly string[]) => JSON.parse(await good(...argv, '--json')) as T,
    [Symbol.asyncDispose]: () => postern[Symbol.asyncDispose](),
  };
}

const GOLDEN = join(import.meta.dirname, 'golden');

/** Compares with a golden file; what differs from run to run is named by its kind. POSTERN_GOLDEN=write writes it anew. */
export function assertGolden(name: string, text: string): void {
  const path = join(GOLDEN, `${name}.txt`);
  const steady = text
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>'.padEnd(36, '-'))
    .replace(/\b[0-9a-f]{64}\b/g, '<sha256>'.padEnd(64, '-'))
    .replace(/\b[0-9a-f]{32}\b/g, '<id>'.padEnd(32, '-'))
    .replace(/\b[0-9a-f]{8}\b/g, '<id>----')
    .replace(/\b20\d\d-\d\d-\d\d(?:T[\d:.]+Z)?/g, (date) => 'date'.padEnd(date.length, '-'));
  if (process.env['POSTERN_GOLDEN'] === 'write') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, steady);
  }
  assert.equal(steady, readFileSync(path, 'utf8'));
  const widest = Math.max(...text.split('\n').map((line) => line.length));
  assert.ok(widest <= 80, `a line of ${name} has ${widest} columns`);
}

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { type Ended, run } from '../scenarios/program.ts';
import { scratchDirectory } from '../support/scratch.ts';

/** The proxied host of the scene. */
export const HOST = 'www.example.test';

/** A control plane with one proxied host of one zone, and places for what `origin config` writes. */
export interface ConfigScene extends AsyncDisposable {
  readonly postern: Postern;
  /** Id of example.test. */
  readonly zone: string;
  freshDirectory(): string;
  /** `origin config nginx` for the zone, with a bundle in a fresh directory. */
  config(...argv: readonly string[]): Promise<Ended>;
  /** The same, from the data directory of the control plane. */
  local(...argv: readonly string[]): Promise<Ended>;
}

export async function startConfigScene(): Promise<ConfigScene> {
  const scratch = scratchDirectory();
  const postern = await startPostern();
  const { result } = await postern.call<{ readonly id: string }>('POST', '/zones', { name: 'example.test' });
  const record = { type: 'A', name: 'www', content: '127.0.0.1', proxied: true };
  await postern.call('POST', `/zones/${result.id}/dns_records`, record);
  await postern.call('PUT', `/zones/${result.id}/origin_tls_client_auth/settings`, { enabled: true });
  let places = 0;
  const freshDirectory = () => {
    places += 1;
    const path = join(scratch.path, `place-${places}`);
    mkdirSync(path);
    return path;
  };
  const config = (...argv: readonly string[]) => {
    const bundle = join(freshDirectory(), 'bundle.pem');
    return run(['origin', 'config', 'nginx', '--zone', 'example.test', '--bundle', bundle, ...argv]);
  };
  return {
    postern,
    zone: result.id,
    freshDirectory,
    config,
    local: (...argv) => config('--data', postern.dir, ...argv),
    [Symbol.asyncDispose]: async () => {
      await postern[Symbol.asyncDispose]();
      scratch[Symbol.dispose]();
    },
  };
}

/** One line that says what is wrong, and one that says what to do. */
export function assertFailure({ code, stderr }: Ended, expected: number, words: RegExp): void {
  const [first = '', fix = '', ...rest] = stderr.trimEnd().split('\n');
  assert.equal(code, expected, stderr);
  assert.match(first, /^postern: /);
  assert.match(first, words);
  assert.match(fix, /^ {2}[A-Z]/, stderr);
  assert.deepEqual(rest, []);
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { typedAtTerminal } from '../cli/terminal.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { upArguments } from './postern.ts';
import { until } from './until.ts';

/** A `postern up` that somebody started on a terminal of 80 columns. */
export interface AtTerminal extends AsyncDisposable {
  readonly base: string;
  readonly dir: string;
  readonly readyFile: string;
  readonly token: string;
  /** What stands on the screen so far, in plain letters. */
  readonly screen: () => string;
}

interface Ready {
  readonly api_url: string;
  readonly pid: number;
}

/** Starts one, and waits for its welcome. */
export async function startAtTerminal(): Promise<AtTerminal> {
  const scratch = scratchDirectory();
  const [dir, readyFile] = [join(scratch.path, 'data'), join(scratch.path, 'ready.json')];
  const child = typedAtTerminal(upArguments(dir, readyFile));
  const ended = once(child, 'close');
  const seen: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => seen.push(chunk));
  const screen = () => stripVTControlCharacters(Buffer.concat(seen).toString('utf8')).replaceAll('\r', '');
  await until('Postern is up', () => {
    assert.ok(child.exitCode === null, `postern up ended: ${screen()}`);
    return existsSync(readyFile) && /^ {2}Edge .*\n/m.test(screen());
  });
  const { api_url: base, pid } = JSON.parse(readFileSync(readyFile, 'utf8')) as Ready;
  const token = readFileSync(join(dir, 'bootstrap-token'), 'utf8').trim();
  return {
    base,
    dir,
    readyFile,
    token,
    screen,
    [Symbol.asyncDispose]: async () => {
      process.kill(pid, 'SIGKILL');
      await ended;
      scratch[Symbol.dispose]();
    },
  };
}

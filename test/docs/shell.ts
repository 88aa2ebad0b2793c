import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Block, Document } from './markdown.ts';

/** Where and with what the blocks of a document run. The environment sets the variables that the blocks leave open. */
export interface Place {
  /** A directory for the outputs. */
  readonly scratch: string;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Shell after the last block. */
  readonly finally?: string;
}

// A reader's shell finds no command of the clone until the document says how.
const SHELL_PATH = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => !/node_modules/.test(directory));

/** Runs a script in bash, in a process group of its own that is gone afterwards. Answers what it printed. */
export async function bash(script: string, { scratch, cwd, environment }: Place): Promise<string> {
  const log = join(scratch, 'bash.log');
  const output = openSync(log, 'w');
  const env = {
    ...process.env,
    NO_COLOR: '1',
    PATH: SHELL_PATH.join(delimiter),
    ...environment,
  };
  const child = spawn('bash', ['-c', `set -eo pipefail\n${script}`], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  try {
    const [code] = await once(child, 'exit');
    const printed = readFileSync(log, 'utf8');
    assert.equal(code, 0, printed);
    return printed;
  } finally {
    endGroup(child.pid);
  }
}

// What a document starts in the background must not outlive the test.
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of the group has ended.
  }
}

/**
 * Runs the shell blocks of a document, in order and in one shell, and compares what each printed on stdout with the
 * `text output` block after it, where there is one. In such a block `…` stands for anything.
 */
export async function runBlocks(document: Document, blocks: readonly Block[], place: Place): Promise<void> {
  const shell = blocks.filter(({ info }) => info === 'sh');
  assert.ok(shell.length > 0, 'there is nothing to run');
  const file = (block: Block) => join(place.scratch, `output-${block.line}`);
  const script = shell.map((block) => `{\n${block.text}\n} > '${file(block)}'`);
  await bash([...script, place.finally ?? ''].join('\n'), place);
  for (const block of blocks.filter(({ info }) => info === 'text output')) {
    const before = shell.findLast(({ line }) => line < block.line);
    assert.ok(before, `${document.path}:${block.line}: nothing ran before this output`);
    // A terminal shows lines alike, whichever end they have.
    const printed = readFileSync(file(before), 'utf8').replaceAll('\r\n', '\n').trimEnd();
    assert.match(printed, pattern(block.text), `${document.path}:${block.line}`);
  }
}

function pattern(text: string): RegExp {
  const parts = text.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

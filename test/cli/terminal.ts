import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { endWithTests, environment, PROGRAM } from '../scenarios/program.ts';

const PSEUDO_TERMINAL = 'script';

/** Options for `test`: what stands in for a terminal here is the `script` of util-linux. */
export const NEEDS_TERMINAL = { skip: process.platform === 'linux' ? false : 'no util-linux' } as const;

/** What somebody types once it is asked for, or does elsewhere. */
type Typed = readonly [asked: string, typed: string | (() => void)];

/** What a person at a terminal of so many columns sees who runs `postern …` and answers what is asked. */
export function atTerminal(
  argv: readonly string[],
  {
    columns = 80,
    answers = [],
    env = {},
  }: { columns?: number; answers?: readonly Typed[]; env?: Readonly<Record<string, string>> },
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const child = typedAtTerminal(argv, { columns, env });
  const screen: Buffer[] = [];
  const rest = [...answers];
  let looked = 0;
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.stdout.on('data', (chunk: Buffer) => {
      screen.push(chunk);
      // Typed when it is asked for: what is typed before that is echoed, and may be thrown away.
      const [next, ...others] = rest;
      const seen = Buffer.concat(screen);
      const found = next === undefined ? -1 : seen.indexOf(next[0], looked);
      if (next === undefined || found === -1) return;
      looked = found + next[0].length;
      rest.shift();
      const [, typed] = next;
      if (typeof typed !== 'string') typed();
      else if (others.length > 0) child.stdin.write(typed);
      else child.stdin.end(typed);
    });
    child.on('close', (code) => resolve({ code, screen: Buffer.concat(screen).toString('utf8') }));
  });
}

/** `postern …` on a terminal of its own: what it shows comes out of `stdout`, and `stdin` is the keyboard. */
export function typedAtTerminal(
  argv: readonly string[],
  { columns = 80, env = {} }: { columns?: number; env?: Readonly<Record<string, string>> } = {},
): ChildProcessByStdio<Writable, Readable, null> {
  const words = [process.execPath, PROGRAM, ...argv].map((word) => `'${word}'`).join(' ');
  const child = spawn(PSEUDO_TERMINAL, ['-qec', `stty cols ${columns}; exec ${words}`, '/dev/null'], {
    env: terminalEnvironment(env),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  endWithTests(child);
  return child;
}

// Node takes a set CI for the sign of a screen without colours.
function terminalEnvironment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const all = Object.entries(environment({ TERM: 'xterm', ...env }));
  return Object.fromEntries(all.filter(([name]) => name !== 'CI'));
}

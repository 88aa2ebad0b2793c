import { spawn } from 'node:child_process';

/** A program and its arguments, without a shell between. */
export type Argv = readonly [string, ...string[]];

/** How a command ended. */
type Ran = { readonly kind: 'good' } | { readonly kind: 'bad'; readonly because: string };

/** Runs a command to its end. */
export type Run = (argv: Argv) => Promise<Ran>;

const MOST_TIME = 60_000;
const MOST_SAID = 4_096;
const SHOWN = 600;

/** Runs a program; one that takes longer than a minute is killed. What it said last is the reason of its failure. */
export const runCommand: Run = ([program, ...rest]) =>
  new Promise((done) => {
    let said = '';
    const hear = (chunk: Buffer) => {
      said = `${said}${chunk.toString('utf8')}`.slice(-MOST_SAID);
    };
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    // Not spawn's own time-out: of a program that is not there it outlives the error, and holds this process up for as long.
    const limit = setTimeout(() => child.kill('SIGKILL'), MOST_TIME);
    const end = (ran: Ran) => {
      clearTimeout(limit);
      done(ran);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', (error) => end({ kind: 'bad', because: `${program}: ${error.message}` }));
    // 'exit', not 'close': a server that was started keeps the pipes.
    child.on('exit', (code, signal) => {
      child.stdout.destroy();
      child.stderr.destroy();
      if (code === 0) end({ kind: 'good' });
      else {
        const words = said.trim().slice(-SHOWN);
        end({ kind: 'bad', because: `${program} ended with ${signal ?? code}${words === '' ? '' : `: ${words}`}` });
      }
    });
  });

const WORD = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g;
const PART = /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^"'\\]+)/gs;
// What a shell would do something with, outside quotes.
const SHELL = /[|&;<>$`*?~()#!{}[\]\n]/;

/**
 * The words of a command line: blanks part them, quotes and backslashes keep them together. There is no shell: `null` where
 * somebody expects one, where a quote is not closed, and for nothing.
 */
export function splitCommand(text: string): Argv | null {
  const words: string[] = [];
  for (const [word] of text.matchAll(WORD)) {
    const parts = [...word.matchAll(PART)];
    if (parts.some(([, , , , plain]) => plain !== undefined && SHELL.test(plain))) return null;
    words.push(
      parts
        .map(([, double, single, escaped, plain]) => double?.replace(/\\(.)/gs, '$1') ?? single ?? escaped ?? plain)
        .join(''),
    );
  }
  const [program, ...rest] = words;
  if (program === undefined || program === '' || text.replace(WORD, '').trim() !== '') return null;
  return [program, ...rest];
}

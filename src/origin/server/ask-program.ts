import { spawn } from 'node:child_process';

/** How a program ended, and what it said on both outputs. `code` is `null` where it was ended or could not be started. */
export interface Said {
  readonly code: number | null;
  readonly said: string;
}

const DEADLINE = 30_000;
const MAX_SAID = 256 * 1024;

/** Runs a program to hear what it says of itself. Never rejects. */
export function askProgram([program = '', ...argv]: readonly string[], deadline = DEADLINE): Promise<Said> {
  return new Promise((resolve) => {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    const said: Buffer[] = [];
    let size = 0;
    const hear = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= MAX_SAID) said.push(chunk);
    };
    const timer = setTimeout(() => child.kill('SIGKILL'), deadline);
    const finish = (code: number | null, more = ''): void => {
      clearTimeout(timer);
      resolve({ code, said: `${Buffer.concat(said).toString('utf8')}${more}`.trim() });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', (error) => finish(null, error.message));
    child.on('close', (code) => finish(code));
  });
}

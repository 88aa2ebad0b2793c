import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, endWithTests, environment, PROGRAM, run } from '../scenarios/program.ts';

/** A terminal on the machine of an origin, into which lines of the dashboard are typed as they were copied. */
export interface Terminal {
  /** Types a line that the terminal remembers, such as one that exports a variable. */
  readonly remember: (line: string) => void;
  /** Types a line; resolves when it has ended. */
  readonly type: (line: string) => Promise<Ended>;
  /** Types a line that goes on until the terminal is closed. */
  readonly leaveRunning: (line: string) => void;
  /** Types a line and stays at the keyboard. */
  readonly attend: (line: string) => Attended;
  readonly close: () => void;
}

/** A command that somebody sits before. */
export interface Attended {
  /** What it has shown so far. */
  readonly screen: () => string;
  readonly answer: (text: string) => void;
  readonly ended: Promise<number | null>;
}

/** Opens one that knows the program, and no token. `within` is a command that has another one run somewhere. */
export function openTerminal(directory: string, within: readonly string[] = []): Terminal {
  const env = {
    XDG_STATE_HOME: join(directory, 'state'),
    PATH: `${withPostern(directory)}:${process.env['PATH'] ?? ''}:/usr/sbin`,
  };
  const remembered: string[] = [];
  const typed = (line: string) => [...within, 'sh', '-c', [...remembered, line].join('\n')];
  const running: ChildProcess[] = [];
  return {
    remember: (line) => void remembered.push(line),
    // What stands behind the line are arguments that it does not use.
    type: (line) => run([], env, typed(line)),
    // In place of the shell, so that it is what ends with the terminal.
    leaveRunning: (line) => {
      const [program = 'sh', ...words] = typed(`exec ${line}`);
      const child = spawn(program, words, { env: environment(env), stdio: 'ignore' });
      endWithTests(child);
      running.push(child);
    },
    attend: (line) => {
      const file = join(directory, 'attended.sh');
      writeFileSync(file, [...remembered, `exec ${line}`].join('\n'));
      const [program, ...words] = [...within, 'script', '-qec', `stty cols 120; sh ${file}`, '/dev/null'];
      const child = spawn(program, words, {
        env: environment({ ...env, TERM: 'xterm' }),
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      endWithTests(child);
      running.push(child);
      const screen: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => screen.push(chunk));
      return {
        screen: () => Buffer.concat(screen).toString('utf8'),
        answer: (text) => void child.stdin.write(text),
        ended: new Promise((resolve) => child.once('close', resolve)),
      };
    },
    close: () => {
      for (const child of running) child.kill('SIGTERM');
    },
  };
}

/** A directory for PATH in which the program has its name. */
function withPostern(directory: string): string {
  const path = join(directory, 'bin');
  mkdirSync(path);
  writeFileSync(join(path, 'postern'), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
  chmodSync(join(path, 'postern'), 0o755);
  return path;
}

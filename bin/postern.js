#!/usr/bin/env node
// Plain JavaScript that an old Node can parse: finds a Node that is new enough, then hands over to the real program.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

const WANTED = [24, 15];
const WRONG_USE = 2;
// Exit status that a shell reports for a process ended by signal N.
const BY_SIGNAL = 128;
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

const source = new URL('../src/cli/main.ts', import.meta.url);
const entry = existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url);

function newEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > WANTED[0] || (major === WANTED[0] && minor >= WANTED[1]);
}

function bundledNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  for (const base of ['../node_modules/', '../../']) {
    const found = fileURLToPath(new URL(`${base}${name}/${file}`, import.meta.url));
    if (existsSync(found)) return found;
  }
  return null;
}

// The child holds one end of an IPC channel: if this process is killed, the channel closes and the child ends too,
// so nobody is left listening. Signals that ask for a graceful end are passed on.
function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, POSTERN_LIFELINE: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => child.kill(signal));
  child.on('error', (cause) => {
    console.error(`postern: could not start ${node}: ${cause.message}`);
    process.exit(WRONG_USE);
  });
  child.on('exit', (code, signal) => process.exit(code ?? BY_SIGNAL + (SIGNAL_NUMBERS[signal] ?? 0)));
}

if (newEnough(process.versions.node)) {
  // Keeps compiled code between runs (below the system's temporary directory): halves the start of each command.
  nodeModule.enableCompileCache?.();
  await import(entry.href);
} else {
  const node = bundledNode();
  if (node === null) {
    console.error(
      `postern: needs Node ${WANTED.join('.')} or newer, this is ${process.versions.node}. Install it, or run "npm ci" here without --omit=optional to get one.`,
    );
    process.exit(WRONG_USE);
  }
  handOver(node);
}

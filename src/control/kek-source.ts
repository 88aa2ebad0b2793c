import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type FileText, readPrivateFile } from './private-file.ts';

/** Where a key-encryption key is to be had. */
export type KekSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly name: string }
  /** What a secret manager or a key management service is asked with. */
  | { readonly kind: 'command'; readonly command: string };

/** What came of asking; `absent` tells that there is no such file yet. */
type KekText = FileText | { readonly kind: 'absent' };

const COMMAND_WITHIN = 30_000;
const MAX_BYTES = 4_096;

/** `env:NAME`, `command:…`, or else the path of a file. */
export function kekSource(text: string): KekSource {
  if (text.startsWith('env:')) return { kind: 'environment', name: text.slice('env:'.length) };
  if (text.startsWith('command:')) return { kind: 'command', command: text.slice('command:'.length).trim() };
  return { kind: 'file', path: resolve(text) };
}

/** The source as messages call it. A command may hold a secret, so it is not repeated. */
export function sourceName(source: KekSource): string {
  switch (source.kind) {
    case 'file':
      return `the file ${source.path}`;
    case 'environment':
      return `the environment variable ${source.name}`;
    case 'command':
      return 'the command of --kek';
  }
}

/** Asks a source once. */
export function askKek(source: KekSource): KekText {
  switch (source.kind) {
    case 'file':
      return fromFile(source.path);
    case 'environment':
      return fromEnvironment(source.name);
    case 'command':
      return fromCommand(source.command);
  }
}

function fromFile(path: string): KekText {
  if (!existsSync(path)) return { kind: 'absent' };
  return readPrivateFile(path);
}

// Taken out of the environment: programs that are started later must not inherit it.
function fromEnvironment(name: string): KekText {
  const text = process.env[name];
  delete process.env[name];
  return text === undefined ? { kind: 'unreadable', why: 'it is not set' } : { kind: 'text', text };
}

// Its own complaints go where ours go; what it prints is the key, and is shown nowhere.
function fromCommand(command: string): KekText {
  const { status, signal, error, stdout } = spawnSync('/bin/sh', ['-c', command], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'latin1',
    timeout: COMMAND_WITHIN,
    maxBuffer: MAX_BYTES,
  });
  if (error !== undefined) return { kind: 'unreadable', why: failure(error) };
  if (status === 0) return { kind: 'text', text: stdout };
  return { kind: 'unreadable', why: signal === null ? `it ended with exit code ${status}` : `it ended by ${signal}` };
}

function failure({ code }: NodeJS.ErrnoException): string {
  if (code === 'ETIMEDOUT') return `it took longer than ${COMMAND_WITHIN / 1_000} seconds`;
  return code === 'ENOBUFS' ? `it printed more than ${MAX_BYTES} bytes` : `it cannot be run (${code})`;
}

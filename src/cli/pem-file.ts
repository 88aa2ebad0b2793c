import { closeSync, openSync, readSync } from 'node:fs';
import { Failure } from './failure.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const PIECE = 64 * 1024;

/** The text of a PEM file; `-` is stdin. Errors name the file and never what is in it. */
export function readPemFile(flag: string, path: string): string {
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Failure(`${flag} ${path} cannot be read (${code}).`, 'Check the path and its permissions.');
  }
  if (text.includes('-----BEGIN ')) return text;
  throw new Failure(`${flag} ${path} holds no PEM.`, 'It must begin with a line like -----BEGIN CERTIFICATE-----.');
}

// A pipe is as good as a file (`<(…)`), but what never ends is neither.
function readText(path: string): string {
  const descriptor = path === '-' ? 0 : openSync(path, 'r');
  try {
    const pieces: Buffer[] = [];
    for (let size = 0; ; ) {
      const piece = Buffer.alloc(PIECE);
      const read = readSync(descriptor, piece, 0, PIECE, null);
      if (read === 0) return Buffer.concat(pieces).toString('utf8');
      size += read;
      if (size > MAX_BYTES) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
      pieces.push(piece.subarray(0, read));
    }
  } finally {
    if (descriptor !== 0) closeSync(descriptor);
  }
}

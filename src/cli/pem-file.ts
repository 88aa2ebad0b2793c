import { readFileSync } from 'node:fs';
import { Failure } from './failure.ts';

/** The text of a PEM file; `-` is stdin. Errors name the file and never what is in it. */
export function readPemFile(flag: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Failure(`${flag} ${path} cannot be read (${code}).`, 'Check the path and its permissions.');
  }
  if (text.includes('-----BEGIN ')) return text;
  throw new Failure(`${flag} ${path} holds no PEM.`, 'It must begin with a line like -----BEGIN CERTIFICATE-----.');
}

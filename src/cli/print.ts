import { styleText } from 'node:util';
import { visible } from '../wire/visible.ts';

/** JSON for machines, alone on stdout. */
export function writeJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** The result for a machine or, computed only then, for a person. */
export function show(json: boolean, value: unknown, text: () => string): void {
  if (json) writeJson(value);
  else process.stdout.write(`${text()}\n`);
}

/** What the API says besides its result, and progress: on stderr, where no pipe reads it. */
export function note(...messages: readonly string[]): void {
  for (const message of new Set(messages)) process.stderr.write(`${onStderr('dim', 'note:')} ${visible(message)}\n`);
}

/** A step that was done, for who watches. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Coloured where stderr is a terminal that wants colours. */
export function onStderr(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

/** Coloured where stdout is a terminal that wants colours. */
export function onStdout(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

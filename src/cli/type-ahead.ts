import { setTimeout as after } from 'node:timers/promises';
import type { ReadStream } from 'node:tty';

/** Milliseconds for which nothing may come before a question is asked: what was typed before is there at once. */
const SILENT = 150;
const INTERRUPT = 3;

/**
 * Throws away what was typed at a terminal before anybody was asked there: it is no answer to a question that nobody had
 * read. Half a line too, which only a terminal in raw mode hands over.
 */
export async function dropTypeAhead(terminal: ReadStream = process.stdin): Promise<void> {
  if (!terminal.isTTY) return;
  let isInterrupted = false;
  const drop = (typed: Buffer) => {
    isInterrupted ||= typed.includes(INTERRUPT);
  };
  terminal.setRawMode(true);
  terminal.on('data', drop);
  terminal.resume();
  try {
    await after(SILENT);
  } finally {
    terminal.off('data', drop);
    terminal.pause();
    terminal.setRawMode(false);
  }
  // In raw mode Control-C is a byte like any other.
  if (isInterrupted) process.kill(process.pid, 'SIGINT');
}

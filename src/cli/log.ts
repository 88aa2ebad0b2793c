import pino from 'pino';
import pretty from 'pino-pretty';
import { eventLevel } from '../wire/events.ts';
import type { Log } from '../wire/log.ts';
import { Failure } from './failure.ts';

export type { Log } from '../wire/log.ts';

/** Logs to stderr: one JSON line for each event, or something pleasant on a terminal. */
export function stderrLog(level: string): Log {
  const stream = process.stderr.isTTY
    ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname' })
    : pino.destination({ dest: 2, sync: true });
  const logger = pino({ base: null, level, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  return (event, fields) => logger[eventLevel(event)](fields, event);
}

/** How much is logged, from most to least. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

/** The level that `--log-level` names; `info` where it is not given. */
export function logLevel(text = 'info'): string {
  if (LOG_LEVELS.includes(text)) return text;
  throw new Failure(`--log-level is ${JSON.stringify(text)}.`, `Use one of ${LOG_LEVELS.join(', ')}.`);
}

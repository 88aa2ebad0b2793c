import pino from 'pino';
import pretty from 'pino-pretty';
import { eventLevel } from '../wire/events.ts';
import type { Log } from '../wire/log.ts';

export type { Log } from '../wire/log.ts';

/** Logs to stderr: one JSON line for each event, or something pleasant on a terminal. */
export function stderrLog(level: string): Log {
  const stream = process.stderr.isTTY
    ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname' })
    : pino.destination({ dest: 2, sync: true });
  const logger = pino({ base: null, level, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  return (event, fields) => logger[eventLevel(event)](fields, event);
}

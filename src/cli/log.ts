import pino from 'pino';
import pretty from 'pino-pretty';

/** One event with its fields; never a key, a token or a body. */
export type Log = (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;

const WARNINGS = /(?:refused|failed|rejected|missing|late|lost)$/;

/** Logs to stderr: one JSON line for each event, or something pleasant on a terminal. */
export function stderrLog(level: string): Log {
  const stream = process.stderr.isTTY
    ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname' })
    : pino.destination({ dest: 2, sync: true });
  const logger = pino({ base: null, level, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  return (event, fields) => {
    if (WARNINGS.test(event)) logger.warn(fields, event);
    else if (event === 'api_request') logger.debug(fields, event);
    else logger.info(fields, event);
  };
}

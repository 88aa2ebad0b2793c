import type { Log } from '../../wire/log.ts';
import type { LogLine, Report } from './messages.ts';

/** The way of a worker's log to its supervisor. */
export interface LogSender {
  readonly log: Log;
  /** Sends at once what waits. */
  readonly flush: () => void;
}

/** Lines that go in one report, which costs far more than a line in it. */
const MOST_TOGETHER = 200;
/** How long a line waits for others, in milliseconds. */
const WAIT = 20;
/** Lines that nobody has read. With more than these the supervisor does not read, and the log must not eat the memory. */
export const MOST_UNREAD = 10_000;

/** Sends lines of the log together, and only as many as are read. `send` calls `through` once a report is written, or cannot be. */
export function logSender(send: (report: Report, through: () => void) => void): LogSender {
  let lines: LogLine[] = [];
  let unread = 0;
  let lost = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length > 0) {
      const sent = lines;
      lines = [];
      send({ kind: 'logged', lines: sent }, () => {
        unread -= sent.length;
        tellLost();
      });
    }
    tellLost();
  };
  const tellLost = (): void => {
    if (lost === 0 || unread >= MOST_UNREAD) return;
    const count = lost;
    lost = 0;
    send({ kind: 'log_lost', count }, () => undefined);
  };
  return {
    log: (event, fields) => {
      if (unread >= MOST_UNREAD) {
        lost += 1;
        return;
      }
      unread += 1;
      lines.push({ event, fields });
      if (lines.length >= MOST_TOGETHER) flush();
      else timer ??= setTimeout(flush, WAIT);
    },
    flush,
  };
}

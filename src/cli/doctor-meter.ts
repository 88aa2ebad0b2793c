import { onStderr, progress } from './print.ts';

/** Says on stderr how far it is: on a terminal in one line that changes, else by a line now and then. */
export interface Meter {
  readonly step: () => void;
  /** A target is done. */
  readonly done: () => void;
  /** Takes away what stands there. */
  readonly end: () => void;
}

const EVERY = 100;
/** Milliseconds between two lines where no terminal is: what is over sooner says nothing. */
export const BETWEEN_LINES = 15_000;

/** About how many looks it takes, and at how many targets; null where it is not about any. */
export interface Extent {
  readonly looks: number;
  readonly targets: number | null;
}

/** A meter for so much. */
export function meter(what: string, extent: Extent): Meter {
  return process.stderr.isTTY ? changingLine(what, extent) : lines(what, extent, progress);
}

function changingLine(what: string, { looks }: Extent): Meter {
  let taken = 0;
  let shown = 0;
  const show = () => {
    process.stderr.write(`\r\u001b[K${onStderr('dim', `${what}: ${taken} of ${Math.max(taken, looks)} looks`)}`);
  };
  show();
  return {
    step: () => {
      taken += 1;
      const now = performance.now();
      if (now - shown < EVERY) return;
      shown = now;
      show();
    },
    done: () => undefined,
    end: () => void process.stderr.write('\r\u001b[K'),
  };
}

/** A line at intervals, also where nothing moves: who waits sees that. */
export function lines(what: string, { looks, targets }: Extent, write: (line: string) => void): Meter {
  let [taken, done] = [0, 0];
  const timer = setInterval(() => {
    const looked = `${taken} of about ${Math.max(taken, looks)} looks`;
    write(`${what}: ${targets === null ? looked : `${done} of ${targets} targets done, ${looked}`}`);
  }, BETWEEN_LINES);
  timer.unref();
  return {
    step: () => {
      taken += 1;
    },
    done: () => {
      done += 1;
    },
    end: () => clearInterval(timer),
  };
}

import { onStderr } from './print.ts';

/** Says on stderr how far it is, where a terminal shows it. */
export interface Meter {
  readonly step: () => void;
  /** Takes away what stands there. */
  readonly end: () => void;
}

const QUIET: Meter = { step: () => undefined, end: () => undefined };
const EVERY = 100;

/** A meter for so many steps. */
export function meter(what: string, steps: number): Meter {
  if (!process.stderr.isTTY) return QUIET;
  let done = 0;
  let shown = 0;
  const show = () => {
    process.stderr.write(`\r\u001b[K${onStderr('dim', `${what}: ${done} of ${Math.max(done, steps)} looks`)}`);
  };
  show();
  return {
    step: () => {
      done += 1;
      const now = performance.now();
      if (now - shown < EVERY) return;
      shown = now;
      show();
    },
    end: () => void process.stderr.write('\r\u001b[K'),
  };
}

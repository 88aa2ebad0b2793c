/** Runs a job after all jobs before it have ended, well or badly. */
export type InTurn = <T>(job: () => Promise<T>) => Promise<T>;

/** A queue of one lane: what goes through it happens in one order that everybody agrees on. */
export function turns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const mine = last.then(job);
    last = mine.catch(() => undefined);
    return mine;
  };
}

import { edgeFault, type PullFailure } from './failure.ts';
import type { Lane } from './lane.ts';

/** Who asks for a place on a connection: told once, at once where there is one. */
export interface Borrower {
  lent(lane: Lane): void;
  notLent(failure: PullFailure): void;
}

/** Lends. Whoever cannot use what it is lent must not take the others down. */
export function lend(borrower: Borrower, lane: Lane): void {
  try {
    borrower.lent(lane);
  } catch (error) {
    lane.destroy();
    borrower.notLent(edgeFault(error));
  }
}

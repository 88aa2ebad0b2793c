import type { Instant } from '../domain/ids.ts';
import type { Log } from './log.ts';
import type { Store } from './store.ts';
import type { InTurn } from './turns.ts';

/** What every registry works with: things in memory and in the store that belong to no zone. */
export interface RegistryParts {
  readonly store: Store;
  readonly inTurn: InTurn;
  readonly clock: () => Instant;
  readonly log: Log;
  /** The present revision: the audit log orders what is no revision after it. */
  readonly revision: () => number;
  /** How many of them there may be: each is in memory. */
  readonly limit: number;
}

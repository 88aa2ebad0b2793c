import type { Revision } from '../domain/ids.ts';
import type { Zone } from '../domain/zone.ts';

/** A stored change. `inForce` is false when a local edge had not acknowledged it by the deadline. */
export interface Committed {
  readonly kind: 'committed';
  readonly revision: Revision;
  readonly zone: Zone;
  readonly inForce: boolean;
}

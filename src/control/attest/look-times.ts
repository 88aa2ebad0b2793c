import { type Attestation, attestationKey } from '../../domain/attestation.ts';
import type { ZoneId } from '../../domain/ids.ts';
import type { ControlState } from '../control-state.ts';
import { errorFields } from '../log.ts';
import type { InTurn } from '../turns.ts';
import { writeAttestation } from './attestation-rows.ts';

/** Rows that are written in one turn: who waits for a turn waits no longer than that. */
const IN_ONE_TURN = 200;

interface LookTimesParts {
  readonly state: ControlState;
  readonly inTurn: InTurn;
  readonly known: ReadonlyMap<ZoneId, ReadonlyMap<string, Attestation>>;
}

/**
 * When locks were looked at last, for the store. A look that tells nothing new is not worth a write of its own; together
 * they are written now and then, so that after a restart looks go on in the order and at the times that they had.
 */
export class LookTimes {
  readonly #parts: LookTimesParts;
  #seen = new Map<ZoneId, Set<string>>();
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: LookTimesParts) {
    this.#parts = parts;
  }

  /** It was looked at, and nobody has written that. */
  note(zone: ZoneId, attestation: Attestation): void {
    const ofZone = this.#seen.get(zone) ?? new Set();
    this.#seen.set(zone, ofZone.add(attestationKey(attestation)));
  }

  /** Writes what was noted. Resolves when it is written. */
  write(): Promise<void> {
    const { state } = this.#parts;
    const failed = (error: unknown) => state.log('attestation_failed', errorFields(error));
    this.#writing = this.#writing.then(() => this.#write()).catch(failed);
    return this.#writing;
  }

  async #write(): Promise<void> {
    const { state, inTurn, known } = this.#parts;
    const seen = this.#seen;
    this.#seen = new Map();
    for (const [zone, origins] of seen) {
      const keys = [...origins];
      for (let first = 0; first < keys.length; first += IN_ONE_TURN) {
        await inTurn(async () => {
          if (state.closed || state.zones.index.get(zone) === undefined) return;
          // As they are by now: newer than what was noted is better still.
          const present = keys.slice(first, first + IN_ONE_TURN).flatMap((key) => known.get(zone)?.get(key) ?? []);
          await state.store.transaction().execute(async (transaction) => {
            for (const attestation of present) {
              await writeAttestation(transaction, zone, { attestation, evidence: null, changed: false });
            }
          });
        });
      }
    }
  }
}

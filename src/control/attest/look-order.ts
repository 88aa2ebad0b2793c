import type { AttestedOrigin } from '../../domain/attestation.ts';
import type { AccountId, Instant, ZoneId } from '../../domain/ids.ts';
import { originKey } from '../../domain/proof.ts';

/** An origin that is looked at again and again. */
export interface Attestee extends AttestedOrigin {
  readonly zone: ZoneId;
  readonly account: AccountId;
}

/** The zone and the origin of an attestee as one word. */
export function attesteeKey({ zone, origin }: Pick<Attestee, 'zone' | 'origin'>): string {
  return `${zone} ${originKey(origin)}`;
}

/**
 * Whose turn it is for looks of one extent: who is hurried, then whoever was not seen for longest. Each answer costs the
 * same, however many there are: a map keeps its entries in the order of the looks.
 */
export class LookOrder {
  readonly #every: number;
  /** Who is hurried, in the order in which that was said. */
  readonly #hurried = new Set<string>();
  readonly #inOrder = new Map<string, { attestee: Attestee; seen: Instant | null }>();
  /** Who is being looked at, by looks of any extent. */
  readonly #busy: Set<string>;

  /** `every` is the time between two looks, in milliseconds. Orders that share `busy` never look at one at the same time. */
  constructor(every: number, busy = new Set<string>()) {
    this.#every = every;
    this.#busy = busy;
  }

  get size(): number {
    return this.#inOrder.size;
  }

  /** Puts several in, or in place of what they were: in the order of the looks that are known, whatever zones they lie in. */
  join(several: readonly { readonly attestee: Attestee; readonly seen: Instant | null }[]): void {
    const inOrder = several.toSorted((a, b) => (a.seen ?? 0) - (b.seen ?? 0));
    for (const { attestee, seen } of inOrder) this.#put(attestee, seen);
  }

  #put(attestee: Attestee, seen: Instant | null): void {
    const key = attesteeKey(attestee);
    this.#inOrder.set(key, { attestee, seen: this.#inOrder.get(key)?.seen ?? seen });
    if (seen === null) this.#hurried.add(key);
  }

  /** It comes before all that are not hurried, once. */
  hurry(key: string): void {
    if (this.#inOrder.has(key)) this.#hurried.add(key);
  }

  drop(key: string): void {
    this.#inOrder.delete(key);
    this.#hurried.delete(key);
  }

  /** The next one whose time has come, or null. It is not answered again before `done`. */
  take(now: Instant): Attestee | null {
    const key = this.#next(now);
    const found = key === null ? undefined : this.#inOrder.get(key);
    if (key === null || found === undefined) return null;
    this.#hurried.delete(key);
    this.#busy.add(key);
    return found.attestee;
  }

  /** The look is over; it comes to the end of the line. `seen` is null where nothing came of it. */
  done(key: string, seen: Instant | null): void {
    this.#busy.delete(key);
    this.seen(key, seen);
  }

  /** It was seen in a look of another extent that tells as much. */
  seen(key: string, at: Instant | null): void {
    const found = this.#inOrder.get(key);
    if (found === undefined) return;
    this.#inOrder.delete(key);
    this.#inOrder.set(key, { ...found, seen: at ?? found.seen });
  }

  #next(now: Instant): string | null {
    for (const key of this.#hurried) if (!this.#busy.has(key)) return key;
    for (const [key, { seen }] of this.#inOrder) {
      if (this.#busy.has(key)) continue;
      return isDue(seen, now, this.#every) ? key : null;
    }
    return null;
  }
}

// Later than now: the clock was ahead when it was looked at.
function isDue(seen: Instant | null, now: Instant, every: number): boolean {
  return seen === null || seen > now || now - seen >= every;
}

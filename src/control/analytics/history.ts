import { added, type Sums } from '../../wire/metrics.ts';
import type { AnalyticsSpan } from '../../wire/analytics.ts';
import { Ring, type RingShape } from './ring.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const FINE: RingShape = { step: 5 * SECOND, slots: 180 };
const MIDDLE: RingShape = { step: MINUTE, slots: 360 };
/** What is stored. */
export const COARSEST: RingShape = { step: 15 * MINUTE, slots: 672 };
const SHAPES = [FINE, MIDDLE, COARSEST] as const;

/** When the longest step began that a time lies in. */
export function stepOf(at: number): number {
  return Math.floor(at / COARSEST.step) * COARSEST.step;
}

/** From which ring a span is read, in how many points, and of how many slots each of them is the sum. */
const SPANS: Readonly<Record<AnalyticsSpan, Reading>> = {
  '15m': { shape: FINE, points: 180, slots: 1 },
  '1h': { shape: MIDDLE, points: 60, slots: 1 },
  '6h': { shape: MIDDLE, points: 72, slots: 5 },
  '24h': { shape: COARSEST, points: 96, slots: 1 },
  '7d': { shape: COARSEST, points: 168, slots: 4 },
};

interface Reading {
  readonly shape: RingShape;
  readonly points: number;
  readonly slots: number;
}

/** What was counted in one step of time. */
interface Stretch {
  /** When it began. */
  readonly from: number;
  /** `null` where nobody counted. */
  readonly counts: Sums | null;
}

/** A span of time in steps of equal length, the oldest first. The last one is under way. */
export interface Course {
  /** Milliseconds. */
  readonly step: number;
  readonly stretches: readonly Stretch[];
}

/** The same counts at each resolution. */
export class History {
  readonly #rings = new Map(SHAPES.map((shape) => [shape, new Ring(shape)]));

  /** Adds what was counted at a time, in milliseconds since the epoch. */
  add(at: number, counts: Sums): void {
    for (const ring of this.#rings.values()) ring.add(at, counts);
  }

  /** Adds what was stored of a step that began then: no more is known of when in it. */
  restore(began: number, counts: Sums): void {
    this.#rings.get(COARSEST)?.add(began, counts);
  }

  /** What was counted in the longest step that began then. */
  step(began: number): Sums {
    return this.#read(COARSEST, began / COARSEST.step);
  }

  /** What was counted in the span that ends at a time; `counted` tells when somebody did. */
  read(last: AnalyticsSpan, until: number, counted: Covered): Course {
    const { shape, points, slots } = SPANS[last];
    const step = shape.step * slots;
    const newest = Math.floor(until / step);
    const stretches = Array.from({ length: points }, (_, at) => {
      const from = (newest - points + 1 + at) * step;
      const known = Array.from({ length: slots }, (_, slot) => from / shape.step + slot).filter((slot) =>
        counted(shape, slot),
      );
      const counts = known.length === 0 ? null : known.map((slot) => this.#read(shape, slot)).reduce(added, {});
      return { from, counts };
    });
    return { step, stretches };
  }

  #read(shape: RingShape, slot: number): Sums {
    return this.#rings.get(shape)?.read(slot) ?? {};
  }
}

/** Whether anybody counted in a slot of a ring. */
type Covered = (shape: RingShape, slot: number) => boolean;

/** When somebody counted: a history of that alone. */
export class Coverage {
  readonly #rings = new Map(SHAPES.map((shape) => [shape, new Ring(shape)]));

  /** Somebody counted at this time. */
  mark(at: number): void {
    for (const ring of this.#rings.values()) ring.add(at, { ticks: 1 });
  }

  /** Somebody had, in the step that began then. */
  restore(began: number): void {
    this.#rings.get(COARSEST)?.add(began, { ticks: 1 });
  }

  /** Whether somebody did in a slot, which must end after `since`. */
  within(since: number): Covered {
    return (shape, slot) =>
      (slot + 1) * shape.step > since && this.#rings.get(shape)?.read(slot)['ticks'] !== undefined;
  }
}

import { type Instant, instant } from './ids.ts';

/** Who came to a hostname while it refuses nobody, in numbers of requests. */
export interface CallerCounts {
  /** With a certificate that the lock accepts. */
  readonly accepted: number;
  /** Without any. */
  readonly without: number;
  /** With one that the lock would refuse: of another CA, expired, revoked. */
  readonly foreign: number;
  /** With one that this server cannot verify while it refuses nobody. */
  readonly unverified: number;
  /** Looks of Postern's own at the lock, which come with wrong certificates on purpose. */
  readonly looks: number;
}

/** The kinds of callers. */
export const CALLER_KINDS = ['accepted', 'without', 'foreign', 'unverified', 'looks'] as const;

export type CallerKind = (typeof CALLER_KINDS)[number];

/** An address from where requests came that a lock would refuse. */
export interface CallerExample {
  readonly address: string;
  readonly count: number;
}

/** What was counted within a slot of time. */
export interface CountedSlot {
  /** The beginning of the slot. */
  readonly at: Instant;
  readonly counts: CallerCounts;
  readonly examples: readonly CallerExample[];
}

/** What was counted of a hostname. */
export interface CallerSlot extends CountedSlot {
  readonly hostname: string;
}

/** Length of a slot, in milliseconds. */
export const CALLER_SLOT = 300_000;

/** How long they are kept, in milliseconds. */
export const CALLERS_KEPT = 86_400_000;

/** Addresses that are named. */
export const MOST_EXAMPLES = 5;

export const NO_CALLERS: CallerCounts = { accepted: 0, without: 0, foreign: 0, unverified: 0, looks: 0 };

/** The beginning of the slot that a moment lies in. */
export function slotOf(at: number): Instant {
  return instant(at - (at % CALLER_SLOT));
}

/** No count goes beyond this: an origin may claim what it likes, and the sum of all kinds must stay a whole number. */
export const MOST_COUNTED = 1_000_000_000_000_000;

function sum(one: number, other: number): number {
  return Math.min(one + other, MOST_COUNTED);
}

/** The sum of both. */
export function addedCallers(one: CallerCounts, other: CallerCounts): CallerCounts {
  return {
    accepted: sum(one.accepted, other.accepted),
    without: sum(one.without, other.without),
    foreign: sum(one.foreign, other.foreign),
    unverified: sum(one.unverified, other.unverified),
    looks: sum(one.looks, other.looks),
  };
}

/** Those from where most came, the most first: of several lists of which each holds its own most. */
export function mergedExamples(lists: readonly (readonly CallerExample[])[]): readonly CallerExample[] {
  const counts = new Map<string, number>();
  for (const { address, count } of lists.flat()) counts.set(address, sum(counts.get(address) ?? 0, count));
  return [...counts]
    .map(([address, count]) => ({ address, count }))
    .toSorted((a, b) => b.count - a.count || (a.address < b.address ? -1 : 1))
    .slice(0, MOST_EXAMPLES);
}

/** What was counted of the same in the same slot, by two. */
export function addedSlots<Slot extends CountedSlot>(one: Slot, other: Slot): Slot {
  const examples = mergedExamples([one.examples, other.examples]);
  return { ...one, counts: addedCallers(one.counts, other.counts), examples };
}

/** How many would be refused if the lock enforced. */
export function refusable({ without, foreign }: Pick<CallerCounts, 'without' | 'foreign'>): number {
  return without + foreign;
}

/** How many showed a certificate that gets in, or that this server verifies only once the lock enforces. */
export function certified({ accepted, unverified }: Pick<CallerCounts, 'accepted' | 'unverified'>): number {
  return accepted + unverified;
}

/** How many were visitors' pulls or strangers, and not looks of our own. */
export function comers({ accepted, without, foreign, unverified }: CallerCounts): number {
  return accepted + without + foreign + unverified;
}

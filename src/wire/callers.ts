import { z } from 'zod';
import {
  type CallerCounts,
  CALLER_SLOT,
  type CallerExample,
  type CallerSlot,
  MOST_EXAMPLES,
  NO_CALLERS,
  addedCallers,
  addedSlots,
  type CountedSlot,
  mergedExamples,
  slotOf,
} from '../domain/callers.ts';
import { type Instant, instant } from '../domain/ids.ts';
import { HOST, TIME, type View } from './answer-fields.ts';
import { few, NAME, oneOf, text, wholeNumber } from './schemas.ts';
import { LOOK_AT, TOLD_CERTIFICATES } from './told-certificates.ts';
import { moment } from './views.ts';

/** Who comes to origins that refuse nobody yet, as origins tell it and as it is shown. */

/** Hostnames of one report, and slots of time. */
export const MOST_CALLER_HOSTNAMES = 100;
export const MOST_CALLER_SLOTS = 1_000;
/** Slots of those who came by no name of the lock: a day has 288. */
export const MOST_OTHER_SLOTS = 300;

const MOST_REQUESTS = 1_000_000_000;
const REQUESTS = wholeNumber(0, MOST_REQUESTS);
const COUNTS = {
  accepted: REQUESTS.meta({ description: 'With a certificate that the lock accepts.', examples: [38] }),
  without: REQUESTS.meta({ description: 'Without a certificate.', examples: [3] }),
  foreign: REQUESTS.meta({ description: 'With one that the lock would refuse.', examples: [0] }),
  unverified: REQUESTS.meta({
    description: 'With one that this server cannot verify while it refuses nobody (Caddy).',
    examples: [0],
  }),
  looks: REQUESTS.meta({ description: 'Looks of Postern itself at the lock.', examples: [11] }),
};

const WHEN = { error: 'must be a time such as 2031-01-31T12:00:00Z' };
const BATCH = { error: 'must be 32 hexadecimal digits in lower case' };

/** How far a command is that can ask the person at its terminal to enforce. */
export const TERMINAL_STATES = ['ready', 'asking', 'enforced'] as const;

/** With the one in which it asks no more. */
const TOLD_STATES = [...TERMINAL_STATES, 'declined'] as const;

const TERMINAL = z
  .strictObject({
    command: z
      .string(BATCH)
      .regex(/^[0-9a-f]{32}$/, BATCH)
      .meta({ description: 'The same for as long as it runs.', examples: ['0d3b5f9a77c14e02b6c8aa10f4e3d295'] }),
    state: oneOf(TOLD_STATES),
  })
  .meta({ description: 'Of a command that can ask the person at its terminal to enforce. Left out by all others.' });

const SLOT = {
  at: z
    .string(WHEN)
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/, WHEN)
    .refine((value) => !Number.isNaN(Date.parse(value)), WHEN)
    .meta({ description: 'When they came, to five minutes.', examples: ['2031-01-31T12:00:00Z'] }),
  ...COUNTS,
  examples: few(z.strictObject({ address: text(64), count: REQUESTS }), MOST_EXAMPLES).meta({
    description: 'Addresses from where most of those came that the lock would refuse.',
  }),
};

export const CALLERS_BODY = z.strictObject({
  host: NAME.meta({ description: 'Name of the machine.', examples: ['web-1'] }),
  lock: NAME.meta({ description: 'Name of the lock on it.', examples: ['www'] }),
  batch: z
    .string(BATCH)
    .regex(/^[0-9a-f]{32}$/, BATCH)
    .meta({
      description: 'Another one for each report: the same again is not counted twice.',
      examples: ['9a1f0c7be4d25836aa4b1c90d7e2f358'],
    }),
  hostnames: few(NAME, MOST_CALLER_HOSTNAMES).meta({ description: 'Whose callers are counted there.' }),
  terminal: TERMINAL.optional(),
  counts: few(z.strictObject({ hostname: NAME, ...SLOT }), MOST_CALLER_SLOTS),
  by_other_names: few(z.strictObject(SLOT), MOST_OTHER_SLOTS).optional().meta({
    description:
      'Who came to the same lock by no name of it: by another one, or by the address. Left out where nobody did.',
  }),
  certificates: TOLD_CERTIFICATES.optional(),
});

/** What an origin tells of those who came. */
export type CallerReport = View<typeof CALLERS_BODY>;

/** How far back one may ask. */
export const CALLER_SPANS = { '5m': 300_000, '1h': 3_600_000, '6h': 21_600_000, '24h': 86_400_000 } as const;

/**
 * Since when callers are weighed: of the last hour, or since a configuration is what it is (`null`: nobody makes one). Counts
 * are kept by stretches of some minutes, and those of the one in which it was made are shown.
 */
export function weighedSince(configured: Instant | null, now: number): Instant {
  return instant(Math.max(now - CALLER_SPANS['1h'], configured === null ? 0 : slotOf(configured)));
}

export type CallerSpan = keyof typeof CALLER_SPANS;

const SPANS = ['5m', '1h', '6h', '24h'] as const satisfies readonly CallerSpan[];

export const CALLERS_QUERY = z.strictObject({ last: oneOf(SPANS).default('1h') });

export const SHOWN_COUNTS = z.strictObject({
  accepted: z.int(),
  without: z.int(),
  foreign: z.int(),
  unverified: z.int(),
  looks: z.int(),
});
const SHOWN_EXAMPLES = z.array(
  z.strictObject({ address: z.string().meta({ examples: ['192.0.2.77'] }), count: z.int() }),
);

export const CALLERS = z
  .strictObject({
    hostname: HOST,
    since: TIME,
    until: TIME,
    step: z.int().meta({ description: 'Seconds of one point.', examples: [300] }),
    sources: z.array(z.strictObject({ host: z.string(), lock: z.string(), reported_on: TIME })).meta({
      description: 'Who reported within 24 hours; where there is none, nothing is known, and the counts say nothing.',
    }),
    total: SHOWN_COUNTS,
    examples: SHOWN_EXAMPLES.meta({
      description: 'Addresses from where most of those came that the lock would refuse.',
    }),
    by_other_names: z.strictObject({ total: SHOWN_COUNTS, examples: SHOWN_EXAMPLES }).meta({
      description:
        'Who came to the same locks by no name of theirs: by another name, or by the address. They are in none of the other counts, and who of them shows no certificate of the edge would be refused too. Looks of Postern are left out.',
    }),
    points: z
      .array(z.strictObject({ at: TIME, ...SHOWN_COUNTS.shape }))
      .meta({ description: 'Those with anybody in them, oldest first.' }),
    how: z
      .string()
      .nullable()
      .meta({ description: 'What to run at the origin where nobody reports; null where somebody does.' }),
  })
  .meta({ id: 'Callers', description: 'Who came to the origin of a hostname while it refused nobody.' });

export const CALLERS_COUNTED = z
  .strictObject({
    batch: z.string(),
    counted: z.boolean().meta({ description: 'False where the same was told before.', examples: [true] }),
    look_at: z.array(LOOK_AT).meta({
      description:
        'Where the edge asks for a certificate of these hostnames, the first 20: who reports looks there at its own machine, and tells what it saw in `certificates`.',
    }),
    enforcing_asked_on: TIME.nullable().meta({
      description:
        'When a set-up decided that this lock shall enforce, for who named a `terminal`: the person at that terminal is to be asked. null where nobody is.',
      examples: [null],
    }),
  })
  .meta({ id: 'CallersCounted', description: 'That a report of callers was taken.' });

/** The answer to a report, of which a control plane of before says less. */
export type CallersCounted = Partial<View<typeof CALLERS_COUNTED>>;

/** Who tells of callers, and when that was. */
export interface CallerSource {
  readonly host: string;
  readonly lock: string;
  readonly at: number;
  /** When it last told of a request; `null` where it never did. */
  readonly counted: number | null;
  /** Who came to it by no name of its lock. */
  readonly others: readonly CountedSlot[];
}

/** What is known of the callers of a hostname. */
export interface KnownCallers {
  readonly sources: readonly CallerSource[];
  readonly slots: readonly CallerSlot[];
}

export const NOBODY_KNOWN: KnownCallers = { sources: [], slots: [] };

/** What is known of several hostnames together: the newest word of each source, and what was counted in the same time. */
export function callersTogether(known: Iterable<KnownCallers>): KnownCallers {
  const sources = new Map<string, CallerSource>();
  const slots = new Map<number, CallerSlot>();
  for (const one of known) {
    for (const source of one.sources) sources.set(JSON.stringify([source.host, source.lock]), source);
    for (const slot of one.slots) {
      const before = slots.get(slot.at);
      slots.set(slot.at, before === undefined ? slot : addedSlots(before, slot));
    }
  }
  return { sources: [...sources.values()], slots: [...slots.values()].toSorted((a, b) => a.at - b.at) };
}

/** What of it is not older. */
export function callersSince({ sources, slots }: KnownCallers, since: Instant): KnownCallers {
  const younger = <Slot extends CountedSlot>(all: readonly Slot[]) => all.filter(({ at }) => at >= since);
  return {
    sources: sources.map((source) => ({ ...source, others: younger(source.others) })),
    slots: younger(slots),
  };
}

/** All of them together. */
export function callersIn(slots: readonly CountedSlot[]): {
  readonly total: CallerCounts;
  readonly examples: readonly CallerExample[];
} {
  return {
    total: slots.reduce((sum, { counts }) => addedCallers(sum, counts), NO_CALLERS),
    examples: mergedExamples(slots.map(({ examples }) => examples)),
  };
}

/** All who came by no name of a lock, to each source once. */
export function callersByOtherNames({ sources }: KnownCallers): ReturnType<typeof callersIn> {
  return callersIn(sources.flatMap(({ others }) => others));
}

/** Callers as the API shows them. */
export function callersView(
  known: KnownCallers,
  about: { readonly hostname: string; readonly since: number; readonly now: number; readonly how: string },
): View<typeof CALLERS> {
  const { sources, slots } = known;
  return {
    hostname: about.hostname,
    since: moment(about.since),
    until: moment(about.now),
    step: CALLER_SLOT / 1_000,
    sources: sources.map(({ host, lock, at }) => ({ host, lock, reported_on: moment(at) })),
    ...callersIn(slots),
    by_other_names: callersByOtherNames(known),
    points: slots.map(({ at, counts }) => ({ at: moment(at), ...counts })),
    how: sources.length === 0 ? about.how : null,
  };
}

/** Where origins of a zone tell who came. */
export function callersPath(zone: string): string {
  return `/postern/v1/zones/${zone}/origins/callers`;
}

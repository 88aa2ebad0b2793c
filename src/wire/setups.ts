import { z } from 'zod';
import { SETUP_STEPS, SETUP_WAITS, type SetupStep } from '../domain/setup.ts';
import type { Instant } from '../domain/ids.ts';
import type { Zone } from '../domain/zone.ts';
import { HOST, ID, TIME, type View } from './answer-fields.ts';
import { ATTESTATION, VERDICT } from './attestations.ts';
import { CALLERS, SHOWN_COUNTS, TERMINAL_STATES } from './callers.ts';
import { ORIGIN_CONFIG_BODY } from './origin-config.ts';
import { list, NAME, oneOf } from './schemas.ts';
import { moment } from './views.ts';

/** A set-up of a hostname that is under way, as it is stored and as it is shown. */

export const MOST_OTHER_NAMES = 99;

/** What was chosen so far: any part of the body of origin_config, but for the names. */
export const SETUP_CHOICES = ORIGIN_CONFIG_BODY.omit({ hostnames: true, mode: true })
  .partial()
  .extend({
    mode: ORIGIN_CONFIG_BODY.shape.mode.unwrap().optional(),
    way: oneOf(['install', 'configure', 'copy']).optional().meta({
      description: 'How it comes to the origin: one command into what is there, one that writes files, or by hand.',
    }),
    other_names: list(NAME, 'of hostnames of the zone', MOST_OTHER_NAMES)
      .optional()
      .meta({ description: 'Other names of the same virtual host, locked with it.', examples: [['example.test']] }),
  });

/** As JSON: a hundred open names with their places fit, and lists of set-ups stay small. */
const MOST_CHOICES = 32_768;

export const SETUP_BODY = z.strictObject({
  choices: SETUP_CHOICES.refine((choices) => JSON.stringify(choices).length <= MOST_CHOICES, {
    error: `must have at most ${MOST_CHOICES} characters as JSON`,
  }).meta({
    description: 'What was chosen so far, in the words of origin_config: in place of what was stored.',
    examples: [{ server: 'nginx', mode: 'watch' }],
  }),
});

export type SetupChoices = View<typeof SETUP_CHOICES>;

const WAITS = Object.keys(SETUP_WAITS);

const STEP = z.strictObject({
  kind: z.enum(SETUP_STEPS),
  waits_for: z
    .enum(WAITS)
    .nullable()
    .meta({ description: 'null once it is proved.', examples: ['strangers'] }),
  hostnames: z.array(HOST).meta({ description: 'The names that keep it there; none where it is all of them alike.' }),
  why: z
    .string()
    .meta({ description: 'The same in words: what was found, where a look found what stands between it and its end.' }),
  fix: z.string().nullable().meta({ description: 'What to do.' }),
  found: z
    .string()
    .nullable()
    .meta({
      description:
        'The finding that stands between it and its end, by its code in docs/findings.md; null where a look found none.',
      examples: [null],
    }),
});

const NAME_SEEN = z.strictObject({
  hostname: HOST,
  records: z.enum(['none', 'dns_only', 'proxied']).meta({
    description: 'Where visitors are led: nowhere, to the origin itself, or to the edge.',
  }),
  own_record: z.boolean().meta({ description: 'False where it has none, or only a wildcard above leads there.' }),
  counted: z.boolean().meta({ description: 'Whether somebody tells who comes for it.' }),
  callers: SHOWN_COUNTS.meta({ description: 'Of the last hour, or since the configuration is what it is.' }),
  verdict: VERDICT.nullable().meta({
    description: 'The worst that was seen of its origins since it began; null where nobody has looked.',
  }),
  proved: z.boolean().meta({ description: 'Whether each of its origins was seen locked since then.' }),
});

/** A finding in words. */
export interface FindingWords {
  readonly title: string;
  readonly fix: string;
}

const SUMMARY = {
  zone: z.strictObject({ id: ID, name: HOST }),
  hostname: HOST,
  choices: z.record(z.string(), z.unknown()).meta({ examples: [{ server: 'nginx', mode: 'watch' }] }),
  began_on: TIME,
  modified_on: TIME,
  configured_on: TIME.meta({ description: 'Since when the choices are these, but for the mode.' }),
  decided_on: TIME.nullable().meta({ description: 'When the mode became enforce; null while it is watch.' }),
  step: STEP,
};

export const SETUP = z
  .strictObject({
    ...SUMMARY,
    callers: CALLERS.meta({ description: 'Of the last hour, of all its names together.' }),
    names: z.array(NAME_SEEN).meta({ description: 'Its hostname, and the other names that are locked with it.' }),
    reports: z
      .array(
        z.strictObject({ host: z.string(), lock: z.string(), mode: z.enum(['watch', 'enforce']), reported_on: TIME }),
      )
      .meta({ description: 'What locks at the origin say of its names.' }),
    terminal: z
      .strictObject({ host: z.string(), lock: z.string(), state: z.enum(TERMINAL_STATES) })
      .nullable()
      .meta({
        description:
          'The command at the origin that asks the person at its terminal to enforce, once that is decided; null where none is heard.',
      }),
    glances_until: TIME.nullable().meta({
      description:
        'Until when Postern looks every few seconds whether strangers are refused, once that is decided; null where it does not.',
    }),
    attestations: z.array(ATTESTATION).meta({ description: 'What was seen of its locks.' }),
  })
  .meta({
    id: 'Setup',
    description: 'A set-up of a hostname that is under way; where it is, is worked out anew each time.',
  });

export const SETUP_SUMMARY = z
  .strictObject(SUMMARY)
  .meta({ id: 'SetupSummary', description: 'A set-up of a hostname among others.' });

export const SETUP_ENDED = z
  .strictObject({ hostname: HOST, step: STEP })
  .meta({ id: 'SetupEnded', description: 'Where a set-up was when it was let go of.' });

/** A set-up as it is stored: how far it is is not. */
export interface StoredSetup {
  readonly hostname: string;
  readonly choices: SetupChoices;
  readonly began: Instant;
  readonly modified: Instant;
  /** Since when it is what the configuration is made of; the mode does not count. */
  readonly configured: Instant;
  /** When it was decided to refuse strangers; `null` while it is not. */
  readonly decided: Instant | null;
}

/** A step in words: those of what was found, where something was. */
export function stepView(step: SetupStep, words: (code: string) => FindingWords | null): View<typeof STEP> {
  const { kind, waitsFor } = step;
  const hostnames = [...step.names];
  const none = { found: null, hostnames };
  if (waitsFor === null) return { kind, waits_for: null, why: 'The lock was seen to hold.', fix: null, ...none };
  const { text, fix } = SETUP_WAITS[waitsFor];
  const found = 'found' in step ? (step.found ?? null) : null;
  const told = found === null ? null : words(found);
  if (told === null) return { kind, waits_for: waitsFor, why: text, fix, ...none };
  const then = `${told.fix} Then have the lock looked at again.`;
  return { kind, waits_for: waitsFor, why: told.title, fix: then, found, hostnames };
}

/** What all views of a set-up begin with. */
export function setupSummary(zone: Zone, setup: StoredSetup, step: View<typeof STEP>): View<typeof SETUP_SUMMARY> {
  return {
    zone: { id: zone.id, name: zone.name },
    hostname: setup.hostname,
    choices: setup.choices,
    began_on: moment(setup.began),
    modified_on: moment(setup.modified),
    configured_on: moment(setup.configured),
    decided_on: setup.decided === null ? null : moment(setup.decided),
    step,
  };
}

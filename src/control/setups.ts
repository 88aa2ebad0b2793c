import { type Hostname, type Instant, instant, type ZoneId } from '../domain/ids.ts';
import { tooMany } from '../domain/limits.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { isProblem } from '../wire/commands.ts';
import type { SetupChoices } from '../wire/setups.ts';
import { writeAuditEvent } from './audit-events.ts';
import type { ControlState } from './control-state.ts';
import { errorFields } from './log.ts';
import type { Actor } from './actor.ts';
import {
  countSetups,
  dropSetup,
  pruneSetups,
  readSetup,
  readSetups,
  type SetupList,
  type SetupQuery,
  writeSetup,
  type ZoneSetup,
} from './setup-rows.ts';
import type { SetupIndex } from './setup-index.ts';
import type { InTurn } from './turns.ts';

/** A set-up that was stored, or let go of. */
interface SetupKept {
  readonly kind: 'setup';
  readonly setup: ZoneSetup;
}

interface SetupName {
  readonly zone: ZoneId;
  readonly hostname: Hostname;
}

/** Set-ups of hostnames that are under way: what was chosen, so that they can be left and resumed. */
export interface SetupKeeping {
  /** Of several zones, the one that was changed last first. */
  readonly setups: (query: SetupQuery) => Promise<SetupList>;
  readonly setup: (name: SetupName) => Promise<ZoneSetup | null>;
  /** Begins one, or takes other choices into it. */
  readonly keepSetup: (name: SetupName, choices: SetupChoices, actor: Actor) => Promise<SetupKept | Problem>;
  /** Lets go of one. `proved` says for the audit log whether it had come to its end. */
  readonly endSetup: (name: SetupName, proved: boolean, actor: Actor) => Promise<SetupKept | Problem>;
}

/** Who touches one no more for so long has given it up. */
const FORGOTTEN_AFTER = 30 * 86_400_000;

/** `index` is told of each change, after the store has it. */
export function setupKeeping(state: ControlState, inTurn: InTurn, index: SetupIndex): SetupKeeping {
  return {
    setups: (query) => inTurn(async () => (state.closed ? { total: 0, setups: [] } : readSetups(state.store, query))),
    setup: ({ zone, hostname }) => inTurn(async () => (state.closed ? null : readSetup(state.store, zone, hostname))),
    keepSetup: (name, choices, actor) => inTurn(() => keep(state, index, { name, choices, actor })),
    endSetup: (name, proved, actor) => inTurn(() => end(state, index, { name, proved, actor })),
  };
}

interface Wish {
  readonly name: SetupName;
  readonly choices: SetupChoices;
  readonly actor: Actor;
}

async function keep(
  state: ControlState,
  index: SetupIndex,
  { name, choices, actor }: Wish,
): Promise<SetupKept | Problem> {
  const { store, clock, limits, zones } = state;
  const { zone, hostname } = name;
  if (state.closed || zones.index.get(zone) === undefined) return problem('zone_not_found');
  const now = clock();
  await pruneSetups(store, zone, instant(now - FORGOTTEN_AFTER));
  const before = await readSetup(store, zone, hostname);
  if (before === null && (await countSetups(store, zone)) >= limits.setupsPerZone)
    return tooMany('set-ups under way', 'setupsPerZone', limits);
  const setup = {
    zone,
    hostname,
    choices,
    began: before?.began ?? now,
    modified: now,
    ...moments(before, choices, now),
  };
  if (before !== null && JSON.stringify(before.choices) === JSON.stringify(choices))
    return { kind: 'setup', setup: before };
  const outcome = await stored(state, setup, {
    command: before === null ? 'begin_setup' : 'update_setup',
    actor,
    before: before === null ? {} : { hostname, ...before.choices },
    after: { hostname, ...choices },
    write: (transaction) => writeSetup(transaction, setup),
  });
  if (!isProblem(outcome)) index.put(setup);
  return outcome;
}

// What was reported or seen before either of them is of another configuration, or of one that was not to refuse yet.
function moments(before: ZoneSetup | null, choices: SetupChoices, now: Instant) {
  const isSame = before !== null && madeOf(before.choices) === madeOf(choices);
  return {
    configured: isSame ? before.configured : now,
    decided: choices.mode === 'enforce' ? (before?.decided ?? now) : null,
  };
}

/** All that the configuration is made of, but for whether it refuses. */
function madeOf(choices: SetupChoices): string {
  const fields = Object.entries(choices).filter(([name]) => name !== 'mode');
  return JSON.stringify(fields.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

interface Ending {
  readonly name: SetupName;
  readonly proved: boolean;
  readonly actor: Actor;
}

async function end(
  state: ControlState,
  index: SetupIndex,
  { name, proved, actor }: Ending,
): Promise<SetupKept | Problem> {
  const { store, zones } = state;
  if (state.closed || zones.index.get(name.zone) === undefined) return problem('zone_not_found');
  const setup = await readSetup(store, name.zone, name.hostname);
  if (setup === null) return problem('setup_not_found', name.hostname);
  const outcome = await stored(state, setup, {
    command: proved ? 'finish_setup' : 'dismiss_setup',
    actor,
    before: { hostname: setup.hostname, ...setup.choices },
    after: {},
    write: (transaction) => dropSetup(transaction, name.zone, name.hostname),
  });
  if (!isProblem(outcome)) index.drop(name);
  return outcome;
}

interface Stored {
  readonly command: 'begin_setup' | 'update_setup' | 'finish_setup' | 'dismiss_setup';
  readonly actor: Actor;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
  readonly write: (store: ControlState['store']) => Promise<void>;
}

async function stored(
  state: ControlState,
  setup: ZoneSetup,
  { command, actor, before, after, write }: Stored,
): Promise<SetupKept | Problem> {
  const { store, clock, log, zones } = state;
  const { zone, hostname } = setup;
  try {
    await store.transaction().execute(async (transaction) => {
      await write(transaction);
      const account = zones.index.get(zone)?.account ?? null;
      const event = { at: clock(), actor, zone, account, command, before, after };
      await writeAuditEvent(transaction, state.revision, event);
    });
  } catch (error) {
    log('setup_not_stored', { zone, host: hostname, ...errorFields(error) });
    return problem('unavailable');
  }
  log(command, { zone, host: hostname, by: actor.token });
  return { kind: 'setup', setup };
}

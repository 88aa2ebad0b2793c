import { readFile } from 'node:fs/promises';
import type { Instant } from '../../domain/ids.ts';
import type { Run } from './command.ts';
import { takeFileLock } from './file-lock.ts';
import { type LockOutcome, zoneOutcome } from './outcome.ts';
import type { Get } from './published.ts';
import { absent, writeOwn } from './replace.ts';
import { NO_STATE, readState, type SyncState, stateText, withZone } from './state.ts';
import { type Installed, installFiles, resumeInstall, type ServerCommands } from './transaction.ts';
import type { Trouble } from './troubles.ts';
import { lookAtZone, type TargetZone, type ZoneStep } from './zone-step.ts';

/** A lock that is to be kept in step. */
export interface SyncTarget {
  readonly name: string;
  readonly server: string;
  readonly zones: readonly TargetZone[];
  readonly commands: ServerCommands;
  /** The file that a run leaves for the next. */
  readonly state: string;
}

/** What a run needs of the world. */
export interface SyncGround {
  readonly get: Get;
  readonly run: Run;
  readonly clock: () => Instant;
  /** Only says what would be done. */
  readonly dryRun: boolean;
}

/** Brings one lock in step: asks, judges, replaces what is new, has the server take it, and undoes all where it does not. */
export async function syncLock(target: SyncTarget, ground: SyncGround): Promise<LockOutcome> {
  try {
    if (ground.dryRun) return await run(target, ground);
    const lock = takeFileLock(`${target.state}.lock`);
    if (lock.kind === 'busy') return failed(target, { code: 'busy', detail: '' });
    using _held = lock;
    return await run(target, ground);
  } catch (error) {
    return failed(target, { code: 'write_failed', detail: error instanceof Error ? error.message : String(error) });
  }
}

async function run(target: SyncTarget, ground: SyncGround): Promise<LockOutcome> {
  const transaction = { journal: `${target.state}.journal`, run: ground.run };
  // First of all: what a run left that was killed.
  const resumed = ground.dryRun ? null : await resumeInstall(target.commands, transaction);
  const stored = await readFile(target.state, 'utf8').catch(absent);
  const state = (stored === null ? null : readState(stored)) ?? NO_STATE;
  const steps: ZoneStep[] = [];
  for (const zone of target.zones) {
    const known = state.zones.find((one) => one.zone === zone.id);
    steps.push(await lookAtZone(zone, known, { get: ground.get, now: ground.clock() }));
  }
  const next = stateText(nextState(state, steps));
  const files = steps.flatMap((step) => step.files);
  const names = files.map(({ path }) => path);
  const said = { target, steps, files: names, now: ground.clock(), isDone: !ground.dryRun };
  if (ground.dryRun) return outcome(said, null);
  if (files.length === 0) {
    if (next !== stored) await writeOwn(target.state, next);
    return outcome(said, troubleOf(resumed));
  }
  const installed = await installFiles([...files, { path: target.state, text: next }], target.commands, transaction);
  return outcome(said, troubleOf(installed));
}

function nextState(state: SyncState, steps: readonly ZoneStep[]): SyncState {
  return steps.reduce((known, { state: zone }) => (zone === null ? known : withZone(known, zone)), state);
}

function troubleOf(installed: Installed | null): Trouble | null {
  if (installed === null || installed.kind === 'installed') return null;
  const { step, because, afterwards } = installed;
  const reload = afterwards === 'not_reloaded' ? '; the reload with the old files failed too' : '';
  return { code: `${step}_failed`, detail: `${because}${reload}` };
}

interface Said {
  readonly target: SyncTarget;
  readonly steps: readonly ZoneStep[];
  readonly files: readonly string[];
  readonly now: Instant;
  readonly isDone: boolean;
}

function outcome({ target, steps, files, now, isDone }: Said, trouble: Trouble | null): LockOutcome {
  const { name: lock, server } = target;
  const zones = steps.map((step) => {
    return zoneOutcome(step.zone.id, isDone && trouble === null ? step.after : step.before, step.trouble, now);
  });
  return { lock, server, zones, hostnames: [], files: trouble === null ? files : [], trouble, shutsAt: null };
}

function failed({ name: lock, server }: SyncTarget, trouble: Trouble): LockOutcome {
  return { lock, server, zones: [], hostnames: [], files: [], trouble, shutsAt: null };
}

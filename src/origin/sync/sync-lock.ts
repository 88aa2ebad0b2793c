import { readFile } from 'node:fs/promises';
import { type Instant, instant } from '../../domain/ids.ts';
import { placeFile } from '../../files/whole-file.ts';
import { configPath } from '../config-path.ts';
import { caddyTrustAnew, trustFile } from '../generate/caddy.ts';
import { trustFiles } from '../generate/generate.ts';
import type { Run } from './command.ts';
import { configurationPaths, type GeneratedFile, lookAtConfiguration } from './configuration-step.ts';
import { takeFileLock } from './file-lock.ts';
import { bundleCas } from './judge.ts';
import { type HostnameMode, type LockOutcome, nameOf, zoneOutcome } from './outcome.ts';
import type { Get } from './published.ts';
import type { ConfigurationStep } from './opening-decision.ts';
import { absent, NEW_MODE, type NewFile } from './replace.ts';
import { sharedDirectory } from './shared-directory.ts';
import { NO_STATE, type OpenedConfiguration, readState, type SyncState, stateText, withZone } from './state.ts';
import { type Installed, installFiles, resumeInstall, type ServerCommands } from './transaction.ts';
import type { Trouble } from './troubles.ts';
import { lookAtZone, type TargetZone, type ZoneFiles, type ZoneStep } from './zone-step.ts';

/** A lock that is to be kept in step. */
export interface SyncTarget {
  readonly name: string;
  readonly server: string;
  readonly zones: readonly TargetZone[];
  readonly commands: ServerCommands;
  /** The file that a run leaves for the next. */
  readonly state: string;
  /** For locks on record: with it openings are obeyed. */
  readonly configuration: GeneratedFile | null;
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
    for (const path of pathsOf(target)) {
      const shared = await sharedDirectory(path);
      if (shared !== null) return failed(target, { code: 'shared_directory', detail: shared });
    }
    if (ground.dryRun) return await run(target, ground);
    const lock = takeFileLock(`${target.state}.lock`);
    if (lock.kind === 'busy') return failed(target, { code: 'busy', detail: '' });
    using _held = lock;
    return await run(target, ground);
  } catch (error) {
    return failed(target, { code: 'write_failed', detail: error instanceof Error ? error.message : String(error) });
  }
}

/** The files that a run may replace; others stand beside these. */
function pathsOf({ state, zones, configuration }: SyncTarget): readonly string[] {
  const lists = zones.flatMap(({ crl }) => crl ?? []);
  return [
    state,
    ...zones.map(({ bundle }) => bundle),
    ...lists,
    ...(configuration === null ? [] : configurationPaths(configuration)),
  ];
}

async function run(target: SyncTarget, ground: SyncGround): Promise<LockOutcome> {
  const { commands, state: statePath } = target;
  const transaction = { journal: `${statePath}.journal`, run: ground.run };
  // First of all: what a run left that was killed.
  const resumed = ground.dryRun ? null : await resumeInstall(commands, transaction);
  const stored = await readFile(statePath, 'utf8').catch(absent);
  const state = (stored === null ? null : readState(stored)) ?? NO_STATE;
  const steps: ZoneStep[] = [];
  for (const zone of target.zones) {
    const known = state.zones.find((one) => one.zone === zone.id);
    steps.push(await lookAtZone(zone, known, { get: ground.get, now: ground.clock() }));
  }
  const saving: Saving = { target, stored, dryRun: ground.dryRun, transaction };
  const known = steps.reduce((all, { state: zone }) => (zone === null ? all : withZone(all, zone)), state);
  const trust = await save(saving, [...steps.flatMap(({ files }) => files), ...(await derived(target, steps))], known);
  const isTaken = trust.trouble === null;
  const inForce = steps.map(({ before, after }) => (isTaken && !ground.dryRun ? after : before));
  // Apart from the bundle: a lock must shut also where a new bundle is not taken.
  const manifests = steps.flatMap(({ before, after }) => (isTaken ? after : before).manifest ?? []);
  const { configuration } = target;
  const looked =
    configuration === null
      ? null
      : await lookAtConfiguration(configuration, manifests, { before: trust.state.opened, now: ground.clock() });
  const opened =
    looked === null
      ? null
      : await save({ ...saving, stored: stateText(trust.state) }, looked.files, {
          ...trust.state,
          opened: looked.opened,
        });
  return outcome(target, {
    zones: steps.map((step, index) => ({ step, files: inForce[index] ?? step.before })),
    looked,
    files: [...trust.files, ...(opened?.files ?? [])],
    trouble: trust.trouble ?? opened?.trouble ?? looked?.trouble ?? troubleOf(resumed),
    // Where it could not be opened or shut, all is as the last run left it.
    opened: (ground.dryRun ? trust.state : (opened?.state ?? trust.state)).opened,
    now: ground.clock(),
  });
}

interface Saving {
  readonly target: SyncTarget;
  /** The state as it is on disk; `null` where there is none. */
  readonly stored: string | null;
  readonly dryRun: boolean;
  readonly transaction: { readonly journal: string; readonly run: Run };
}

interface Saved {
  /** What is in force afterwards. */
  readonly state: SyncState;
  readonly files: readonly string[];
  readonly trouble: Trouble | null;
}

/** Installs files together with what the next run shall know of them. Where there are none, nothing is touched. */
async function save(
  { target, stored, dryRun, transaction }: Saving,
  files: readonly NewFile[],
  next: SyncState,
): Promise<Saved> {
  const text = stateText(next);
  const names = files.map(({ path }) => path);
  if (dryRun) return { state: next, files: names, trouble: null };
  if (files.length === 0) {
    if (text !== stored) placeFile(target.state, text, NEW_MODE);
    return { state: next, files: [], trouble: null };
  }
  const own = { path: target.state, text };
  const installed = await installFiles([...files, own], target.commands, transaction);
  const trouble = troubleOf(installed);
  if (trouble === null) return { state: next, files: names, trouble };
  return { state: (stored === null ? null : readState(stored)) ?? NO_STATE, files: [], trouble };
}

/** What a server reads in place of bundles, where that is not as they are. */
async function derived({ configuration }: SyncTarget, steps: readonly ZoneStep[]): Promise<readonly NewFile[]> {
  if (configuration === null) return madeOfBundles(steps);
  const wanted = steps.flatMap(({ zone, after: { bundle: text } }) => {
    const path = configPath(zone.bundle);
    // A damaged one is mended first; until then what was made of it stays.
    return path === null || text === null || bundleCas(text) === null
      ? []
      : trustFiles(configuration.server, { path, text });
  });
  const present = await Promise.all(wanted.map(({ path }) => readFile(path, 'utf8').catch(absent)));
  return wanted.filter(({ text }, index) => text !== present[index]);
}

/** The same where nobody said which server it is: what stands beside a bundle, and was made of it. */
async function madeOfBundles(steps: readonly ZoneStep[]): Promise<readonly NewFile[]> {
  const files: NewFile[] = [];
  for (const { zone, after } of steps) {
    const bundle = configPath(zone.bundle);
    if (bundle === null || after.bundle === null || bundleCas(after.bundle) === null) continue;
    const path = trustFile(bundle);
    const present = await readFile(path, 'utf8').catch(absent);
    const text = present === null ? null : caddyTrustAnew(present, after.bundle);
    if (text !== null && text !== present) files.push({ path, text });
  }
  return files;
}

function troubleOf(installed: Installed | null): Trouble | null {
  if (installed === null || installed.kind === 'installed') return null;
  const { step, because, afterwards } = installed;
  const reload = afterwards === 'not_reloaded' ? '; the reload with the old files failed too' : '';
  return { code: `${step}_failed`, detail: `${because}${reload}` };
}

interface Said {
  readonly zones: readonly { readonly step: ZoneStep; readonly files: ZoneFiles }[];
  readonly looked: ConfigurationStep | null;
  readonly files: readonly string[];
  readonly trouble: Trouble | null;
  readonly opened: OpenedConfiguration | null;
  readonly now: Instant;
}

function outcome(
  { name: lock, server }: SyncTarget,
  { zones, looked, files, trouble, opened, now }: Said,
): LockOutcome {
  const ends = (looked?.open ?? []).map(({ until }) => until);
  return {
    lock,
    server,
    zones: zones.map(({ step, files: found }) => zoneOutcome(step.zone, found, step.trouble, now)),
    hostnames: looked === null ? [] : modes(looked, zones, opened?.hostnames ?? []),
    files,
    trouble,
    shutsAt: ends.length === 0 ? null : instant(Math.min(...ends)),
  };
}

function modes(
  { requirement }: ConfigurationStep,
  zones: Said['zones'],
  open: OpenedConfiguration['hostnames'],
): readonly HostnameMode[] {
  const ids = new Map(zones.map(({ step, files }) => [nameOf(step.zone, files), step.zone.id]));
  const shut = (requirement?.sites ?? []).flatMap(({ zone, hostnames, mode }) => {
    const id = ids.get(zone);
    const own = hostnames.filter((hostname) => !open.some((one) => one.hostname === hostname));
    return id === undefined ? [] : own.map((hostname): HostnameMode => ({ hostname, zone: id, mode }));
  });
  return [...shut, ...open.map(({ hostname, zone }): HostnameMode => ({ hostname, zone, mode: 'watch' }))];
}

function failed({ name: lock, server }: SyncTarget, trouble: Trouble): LockOutcome {
  return { lock, server, zones: [], hostnames: [], files: [], trouble, shutsAt: null };
}

import { existsSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Argv, runCommand } from '../origin/sync/command.ts';
import { configurationPaths } from '../origin/sync/configuration-step.ts';
import { serviceUnit, stayFor, timerUnit, TOKEN_CREDENTIAL, type UnitRequest } from '../origin/sync/systemd-units.ts';
import { EXIT, Failure } from './failure.ts';
import { progress } from './print.ts';
import { LOCKS_DIRECTORY } from '../origin/lock-record.ts';
import type { AskedTarget, SyncFlags } from './sync-targets.ts';
import { writeWhole } from './whole-file.ts';

const SYSTEM_UNITS = '/etc/systemd/system';
const NAME = 'postern-origin-sync';

/** Writes service and timer, and has systemd start the timer. */
export async function installService(
  flags: SyncFlags,
  targets: readonly AskedTarget[],
  interval: number,
): Promise<void> {
  if (flags.trust !== undefined)
    throw new Failure(
      '--trust is for one run: a root that was named for good would outlive its rotation.',
      'Run it once without --install-service, then install the service without --trust.',
    );
  const directory = unitDirectory(flags);
  const request = unitRequest(flags, targets, interval);
  const units = [
    [`${request.name}.service`, serviceUnit(request)],
    [`${request.name}.timer`, timerUnit(request)],
  ] as const;
  if (flags.dryRun === true) {
    for (const [name, text] of units) process.stdout.write(`# ${join(directory, name)}\n${text}\n`);
    return;
  }
  for (const [name, text] of units) {
    writeWhole(join(directory, name), text);
    progress(`wrote ${join(directory, name)}`);
  }
  if (!isSystem(directory)) return;
  await systemctl('daemon-reload');
  await systemctl('enable', '--now', `${request.name}.timer`);
  progress(`${request.name}.timer runs: systemctl list-timers ${request.name}.timer`);
}

/** Stops the timer, and removes what `installService` wrote. */
export async function uninstallService(flags: SyncFlags): Promise<void> {
  const directory = unitDirectory(flags);
  const name = unitName(flags);
  const files = ['service', 'timer']
    .map((kind) => join(directory, `${name}.${kind}`))
    .filter((path) => existsSync(path));
  if (files.length === 0) {
    throw new Failure(
      `There is no ${name} in ${directory}.`,
      'Name the lock as at its installation, or --unit-dir DIR.',
    );
  }
  if (flags.dryRun === true) {
    for (const file of files) progress(`would remove ${file}`);
    return;
  }
  if (isSystem(directory)) await systemctl('disable', '--now', `${name}.timer`);
  for (const file of files) {
    rmSync(file);
    progress(`removed ${file}`);
  }
  if (isSystem(directory)) await systemctl('daemon-reload');
}

function unitDirectory({ unitDir }: SyncFlags): string {
  if (unitDir === undefined && !existsSync(SYSTEM_UNITS))
    throw new Failure(
      `There is no ${SYSTEM_UNITS} here.`,
      'Run "postern origin sync --watch" under what starts services here.',
    );
  return resolve(unitDir ?? SYSTEM_UNITS);
}

function isSystem(directory: string): boolean {
  return directory === SYSTEM_UNITS;
}

function unitName({ zone, bundle, name, locks }: SyncFlags): string {
  const own =
    name ?? (zone === undefined && bundle === undefined && locks === undefined ? '' : (bundle ?? locks ?? ''));
  const word = own.replace(/^.*\//, '').replaceAll(/[^A-Za-z0-9_.-]/g, '_');
  return word === '' ? NAME : `${NAME}-${word}`;
}

function unitRequest(flags: SyncFlags, targets: readonly AskedTarget[], interval: number): UnitRequest {
  const script = process.argv[1];
  if (script === undefined) throw new TypeError('the program knows its own path');
  return {
    name: unitName(flags),
    command: [
      process.execPath,
      realpathSync(script),
      'origin',
      'sync',
      ...serviceFlags(flags, targets, interval),
    ] satisfies Argv,
    writable: writableDirectories(flags, targets),
    interval,
    tokenFile: flags.tokenFile === undefined ? null : resolve(flags.tokenFile),
  };
}

/** The flags of one run, without what a directory or an environment adds to them. */
function serviceFlags(flags: SyncFlags, targets: readonly AskedTarget[], interval: number): readonly string[] {
  const [first] = targets;
  const isNamed = flags.zone !== undefined;
  const files = {
    bundle: flags.bundle,
    crl: flags.crl,
    state: flags.state,
    'api-ca': flags.apiCa ?? process.env['POSTERN_API_CA'],
  };
  const api = flags.data === undefined && (isNamed || flags.api !== undefined) ? first?.access.base : undefined;
  const texts = { test: flags.test, reload: flags.reload, name: flags.name, api, public: flags.public };
  const paths = { ...files, locks: flags.locks, data: flags.data };
  return [
    ...(isNamed ? ['--zone', first?.target.zones[0]?.id ?? ''] : []),
    ...Object.entries(paths).flatMap(([flag, path]) =>
      path === undefined || path === '' ? [] : [`--${flag}`, resolve(path)],
    ),
    ...Object.entries(texts).flatMap(([flag, text]) => (text === undefined ? [] : [`--${flag}`, text])),
    ...(flags.tokenFile === undefined ? [] : ['--token-file', TOKEN_CREDENTIAL]),
    // Only what is on record can be opened.
    ...(targets.some(({ target }) => target.configuration !== null) ? ['--stay', `${stayFor(interval)}s`] : []),
  ];
}

function writableDirectories({ locks }: SyncFlags, targets: readonly AskedTarget[]): readonly string[] {
  const files = targets.flatMap(({ target: { zones, state, configuration } }) => [
    state,
    ...zones.flatMap(({ bundle, crl }) => (crl === null ? [bundle] : [bundle, crl])),
    ...(configuration === null ? [] : configurationPaths(configuration)),
  ]);
  const real = files.map((file) => (existsSync(file) ? realpathSync(file) : file));
  const own =
    locks === undefined && targets.every(({ target }) => target.configuration === null)
      ? []
      : [resolve(locks ?? LOCKS_DIRECTORY)];
  return [...new Set([...own, ...[...files, ...real].map((file) => dirname(file))])].toSorted();
}

async function systemctl(...words: readonly string[]): Promise<void> {
  const ran = await runCommand(['systemctl', ...words]);
  if (ran.kind === 'good') return;
  throw new Failure(
    `systemctl ${words.join(' ')} failed: ${ran.because}.`,
    'The units are written; start them by hand.',
    EXIT.undetermined,
  );
}

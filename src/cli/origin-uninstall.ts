import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { type Backup, backupsIn } from '../origin/install/backup.ts';
import { type Changed, undoCutOff } from '../origin/install/change-files.ts';
import type { FileChange } from '../origin/install/plan.ts';
import {
  chosenBackup,
  knownLock,
  rollback,
  rollbackChanges,
  uninstall,
  uninstallChanges,
} from '../origin/install/uninstall.ts';
import { unifiedDiff } from '../origin/install/unified-diff.ts';
import { recordedWatchLogs } from '../origin/watch/recorded-logs.ts';
import { DISK } from '../origin/server/config-source.ts';
import { findTarget } from '../origin/install/planner.ts';
import type { FoundServer } from '../origin/server/found-server.ts';
import { visible } from '../wire/visible.ts';
import { confirmAtTerminal, mayAskAtTerminal } from './confirm.ts';
import { EXIT, Failure } from './failure.ts';
import { absolute } from './flag-value.ts';
import { heldHostLock, placed, reported } from './origin-install.ts';
import { changeLines, DRY_RUN } from './origin-install-text.ts';
import { mustNeedNone, type NeedlessFlags, onOwnMachine } from './own-machine.ts';
import { note, show } from './print.ts';
import { table } from './table.ts';

interface UndoFlags extends NeedlessFlags {
  readonly configDir: string;
  readonly backupDir: string;
  readonly program?: string;
  readonly serverConfig?: string;
  readonly list?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const UNINSTALL_EXAMPLES = `
Examples:
  postern origin uninstall www.example.test --dry-run
  postern origin uninstall www.example.test

What was put in is taken out, what had to give way comes back, and the server is
tested and reloaded. Everybody reaches the site again.`;

const ROLLBACK_EXAMPLES = `
Examples:
  postern origin rollback --list
  postern origin rollback 20260102T030405Z-www.example.test-0a1b2c

Without an id it is the newest backup. How things are now is backed up first.`;

/** `postern origin uninstall`. */
export function uninstallCommand(): Command {
  return placed(onOwnMachine(new Command('uninstall')))
    .description('take a lock out of the web server of this machine')
    .argument('<name>', 'what the lock is called: its first hostname, or --name of install')
    .option('--server-config <file>', "the server's main file (default: as when it was installed)")
    .option('--program <file>', "the server's program (default: as when it was installed)")
    .option('--dry-run', 'only show what would be done')
    .option('--yes', 'do not ask at a terminal')
    .addHelpText('after', UNINSTALL_EXAMPLES)
    .action(reported(uninstallOrigin));
}

/** `postern origin rollback`. */
export function rollbackCommand(): Command {
  return placed(onOwnMachine(new Command('rollback')))
    .description('put files back as a backup holds them')
    .argument('[id]', 'which backup (default: the newest)')
    .option('--list', 'only list the backups')
    .option('--server-config <file>', "the server's main file (default: as when it was installed)")
    .option('--program <file>', "the server's program (default: as when it was installed)")
    .option('--dry-run', 'only show what would be done')
    .option('--yes', 'do not ask at a terminal')
    .addHelpText('after', ROLLBACK_EXAMPLES)
    .action(reported(rollbackOrigin));
}

async function uninstallOrigin(name: string, flags: UndoFlags): Promise<void> {
  mustNeedNone(flags);
  const directory = resolve(flags.configDir);
  await underLock(flags, async (backups, stop) => {
    const known = knownLock(directory, name);
    if (known.kind === 'unknown') throw new Failure(known.text, known.fix);
    const changes = uninstallChanges(known.record, known.path, DISK);
    if (await onlyShown(changes, flags, directory)) return;
    const { program, server } = known.record;
    const find = () => running(server, { program, config: known.record.installed?.main }, flags);
    const changed = await uninstall(known, { directory, backups, find, stop });
    const logs = changed.kind === 'changed' ? recordedWatchLogs(known.record).filter((path) => existsSync(path)) : [];
    if (logs.length > 0)
      note(
        `The log of who came while it watched stays, with their addresses: ${logs.join(' ')}. Remove it when you like.`,
      );
    said(changed, changes, flags, `${name} is not locked any more.`);
  });
}

async function rollbackOrigin(id: string | undefined, flags: UndoFlags): Promise<void> {
  mustNeedNone(flags);
  const backups = resolve(flags.backupDir);
  if (flags.list === true) {
    const all = readable(backups);
    show(flags.json === true, all.map(listed), () => listText(all));
    return;
  }
  await underLock(flags, async (_backups, stop) => {
    const backup = chosenBackup(backups, id);
    if (backup === null) {
      throw new Failure(
        `There is no backup ${id ?? ''} in ${backups}.`.replace('  ', ' '),
        '"postern origin rollback --list" shows them.',
      );
    }
    const changes = rollbackChanges(backups, backup, DISK);
    if (await onlyShown(changes, flags, resolve(flags.configDir))) return;
    const found = await running(backup.server, { program: backup.program, config: backup.main }, flags);
    said(await rollback(backup, found, { backups, stop }), changes, flags, `The files are as in ${backup.id}.`);
  });
}

function readable(backups: string): readonly Backup[] {
  try {
    return backupsIn(backups);
  } catch {
    throw new Failure(
      `${backups} cannot be read.`,
      'Run it as root, or name another place with --backup-dir.',
      EXIT.undetermined,
    );
  }
}

async function running(
  server: Backup['server'],
  known: { readonly program: string | null; readonly config: string | undefined },
  flags: UndoFlags,
): Promise<FoundServer | null> {
  const program = absolute(flags.program) ?? known.program ?? undefined;
  const target = await findTarget({ server, program, config: absolute(flags.serverConfig) ?? known.config });
  return target.kind === 'none' ? null : target.found;
}

async function underLock(flags: UndoFlags, work: (backups: string, stop: AbortSignal) => Promise<void>): Promise<void> {
  const backups = resolve(flags.backupDir);
  using _held = heldHostLock(backups);
  note(...(await undoCutOff(backups)));
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  await work(backups, controller.signal);
}

/** Shows the changes; whether that was all that was asked for. */
async function onlyShown(changes: readonly FileChange[], flags: UndoFlags, directory: string): Promise<boolean> {
  const diffs = changes.map(({ path, before, after }) => ({ path, diff: unifiedDiff({ path, before, after }) }));
  if (flags.dryRun === true) {
    show(flags.json === true, { outcome: 'dry_run', changes: diffs }, () => `${diffText(changes, null)}\n${DRY_RUN}`);
    return true;
  }
  if (flags.json !== true) {
    const own = mayAskAtTerminal(flags) ? directory : null;
    process.stdout.write(`${diffText(changes, own)}\n`);
  }
  if (changes.length > 0) await confirmAtTerminal('These files are changed and the server is reloaded.', flags);
  return false;
}

function diffText(changes: readonly FileChange[], own: string | null): string {
  if (changes.length === 0) return 'nothing is to be changed';
  return changeLines(changes, own).join('\n');
}

function said(changed: Changed, changes: readonly FileChange[], flags: UndoFlags, good: string): void {
  const view = {
    outcome: changed.kind === 'changed' ? 'done' : 'failed',
    ...changed,
    changes: changes.map(({ path }) => path),
  };
  show(flags.json === true, view, () =>
    changed.kind === 'changed'
      ? `${good} Backup of how it was: ${changed.backup}`
      : `Failed: ${visible(changed.because)}\n${changed.notRestored === null ? 'Every file is as it was.' : `NOT restored: ${visible(changed.notRestored)}`}`,
  );
  process.exitCode = changed.kind === 'changed' ? EXIT.good : EXIT.notGood;
}

function listed({ id, name, why, state, at, files }: Backup) {
  return { id, name, why, state, at, files: files.map(({ path }) => path) };
}

function listText(all: readonly Backup[]): string {
  if (all.length === 0) return 'There are no backups.';
  return table(
    ['id', 'lock', 'before', 'state', 'files'],
    all.map(({ id, name, why, state, files }) => [id, name, why, state.replace('_', ' '), String(files.length)]),
  );
}

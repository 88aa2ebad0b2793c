import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServerName } from '../generate/server-facts.ts';
import type { Argv } from '../sync/command.ts';
import { runCommand } from '../sync/command.ts';
import { nginxReloadFault } from '../server/nginx/reload-fault.ts';
import { type FileLock, takeFileLock } from '../sync/file-lock.ts';
import {
  type Backup,
  backupsIn,
  likeExisting,
  markBackup,
  putBackAll,
  removeFile,
  replaceFile,
  takeBackup,
  writtenAs,
} from './backup.ts';
import { generation, nextGeneration } from './generations.ts';
import type { FileChange } from './plan.ts';

/** Where backups are, and how the server is tested and takes its configuration. */
export interface ChangeGround {
  readonly backups: string;
  readonly name: string;
  readonly server: ServerName;
  readonly program: string | null;
  /** The server's main file. */
  readonly main: string;
  readonly test: readonly string[];
  readonly reload: readonly string[];
  /** `null` where the server does not run: then there is nothing to reload. */
  readonly pid: number | null;
}

/** One set of files, and what must hold once the server has taken them: `null`, or why it does not. */
export interface Step {
  readonly what: string;
  readonly changes: readonly FileChange[];
  readonly holds: () => Promise<string | null>;
}

/** How it ended. After a failure every file is as it was, byte for byte, unless `restored` says why not. */
export type Changed =
  | { readonly kind: 'changed'; readonly backup: string }
  | {
      readonly kind: 'failed';
      readonly what: string;
      readonly because: string;
      /** `null` where everything is as it was and the server has taken it. */
      readonly notRestored: string | null;
    };

/** Makes sure that nobody else changes the same host's servers meanwhile. */
export function takeHostLock(backups: string): FileLock | { readonly kind: 'busy' } | { readonly kind: 'denied' } {
  try {
    mkdirSync(backups, { recursive: true, mode: 0o700 });
    accessSync(backups, constants.W_OK);
  } catch {
    return { kind: 'denied' };
  }
  return takeFileLock(join(backups, 'host.lock'));
}

/** Undoes what runs left that were cut off. Only under the host's lock. Answers a sentence for each. */
export async function undoCutOff(backups: string): Promise<readonly string[]> {
  const open = backupsIn(backups).filter(({ state }) => state === 'open');
  const told: string[] = [];
  for (const backup of open.reverse()) {
    const spared = putBackAll(backups, backup);
    const left = spared.length === 0 ? '' : ` What was changed since stays: ${spared.join(', ')}.`;
    const broken = (await take(backup.test)) ?? (await take(backup.reload));
    const after = broken === null ? '' : ` The server has not taken it: ${broken}.`;
    told.push(`A run that was cut off was undone first (${backup.id}).${left}${after}`);
  }
  return told;
}

/** Takes a backup of every file that any step touches, then goes through the steps; puts everything back where one fails. */
export async function changeFiles(
  ground: ChangeGround,
  why: Backup['why'],
  steps: readonly Step[],
  stop: AbortSignal,
): Promise<Changed> {
  const { backups, name, server, program, main, test, reload } = ground;
  const paths = new Map<string, readonly string[]>();
  for (const { path, after } of steps.flatMap(({ changes }) => changes)) {
    const real = realPath(path);
    paths.set(real, [...new Set([...(paths.get(real) ?? []), writtenAs(after)])]);
  }
  const backup = takeBackup(backups, {
    id: backupId(name),
    name,
    why,
    at: new Date().toISOString(),
    paths,
    server,
    program,
    main,
    test,
    reload,
  });
  for (const { what, changes, holds } of steps) {
    const because = await carriedOut(ground, changes, holds, stop);
    if (because !== null) return { kind: 'failed', what, because, notRestored: await restored(ground, backup) };
  }
  markBackup(backups, backup, 'kept');
  return { kind: 'changed', backup: backup.id };
}

async function carriedOut(
  ground: ChangeGround,
  changes: readonly FileChange[],
  holds: Step['holds'],
  stop: AbortSignal,
): Promise<string | null> {
  try {
    if (stop.aborted) return 'it was called off';
    for (const change of changes) write(change);
    const tested = await take(ground.test);
    if (tested !== null) return `the server's own test refuses the configuration: ${tested}`;
    const reloaded = await reloadServer(ground);
    if (reloaded !== null) return `the server does not reload: ${reloaded}`;
    return stop.aborted ? 'it was called off' : await holds();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Puts everything back and has the server take it; `null`, or what did not work. */
async function restored(ground: ChangeGround, backup: Backup): Promise<string | null> {
  try {
    const spared = putBackAll(ground.backups, backup);
    if (spared.length > 0) return `somebody changed ${spared.join(', ')} meanwhile`;
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}; the copies are in ${join(ground.backups, backup.id)}`;
  }
  const reloaded = await reloadServer(ground);
  return reloaded === null
    ? null
    : `the files are as they were, but the server was not told so (${reloaded}): reload it by hand`;
}

async function reloadServer({ server, program, main, pid, reload }: ChangeGround): Promise<string | null> {
  if (pid === null) return null;
  const before = generation(pid);
  const fault = server === 'nginx' ? await nginxReloadFault({ program, main, pid }) : () => null;
  return (await take(reload)) ?? nextGeneration(pid, before, fault);
}

function write({ path, after }: FileChange): void {
  const real = realPath(path);
  if (after === null) removeFile(real);
  else {
    mkdirSync(dirname(real), { recursive: true, mode: 0o755 });
    replaceFile(real, Buffer.from(after, 'latin1'), likeExisting(real));
  }
}

/** Runs a command; `null`, or what it said when it failed. */
export async function take(argv: readonly string[]): Promise<string | null> {
  const [program, ...rest] = argv;
  if (program === undefined) return 'no command is known';
  const ran = await runCommand([program, ...rest] satisfies Argv);
  return ran.kind === 'good' ? null : ran.because;
}

/** The file that a path leads to: a link in `sites-enabled` stays a link. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return existsSync(dirname(path)) ? join(realpathSync(dirname(path)), path.slice(dirname(path).length + 1)) : path;
  }
}

/** What this user may not do that the change needs, one sentence each. Touches nothing. */
export function missingRights(paths: readonly string[], pid: number | null): readonly string[] {
  const files = paths.flatMap((path) => {
    const real = realPath(path);
    const stats = statSync(real, { throwIfNoEntry: false });
    const directory = nearestDirectory(dirname(real));
    return [
      ...(mayWrite(directory) ? [] : [`${directory} cannot be written to, so ${real} cannot be replaced`]),
      ...(stats === undefined || mayWrite(real) ? [] : [`${real} cannot be written to`]),
    ];
  });
  return [
    ...new Set([...files, ...(pid === null || maySignal(pid) ? [] : [`process ${pid} cannot be made to reload`])]),
  ];
}

function nearestDirectory(path: string): string {
  return existsSync(path) || path === '/' ? path : nearestDirectory(dirname(path));
}

/** Whether this user may write to a file, or put files into a directory. */
export function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function maySignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const ID_BYTES = 3;

/** Sorts by time, names the lock, and is never given twice. */
function backupId(name: string): string {
  const at = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  return `${at}-${name}-${randomBytes(ID_BYTES).toString('hex')}`;
}

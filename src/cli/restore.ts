import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { Command } from 'commander';
import { type Found, restoreBackup, verifyBackup } from '../control/backup/restore.ts';
import { defaultKekPath } from '../control/kek.ts';
import { kekSource } from '../control/kek-source.ts';
import { instant } from '../domain/ids.ts';
import { notWritten, readingFrom } from './backup-file.ts';
import { untilCalledOff } from './called-off.ts';
import { Failure, failureView } from './failure.ts';
import { show, writeJson } from './print.ts';
import { readConfigFile, type SettingNames, setting } from './settings.ts';
import { facts } from './table.ts';

const NAMES = {
  data: { flag: 'data', env: 'POSTERN_DATA', key: 'data' },
  kek: { flag: 'kek', env: 'POSTERN_KEK', key: 'kek' },
} as const satisfies Record<string, SettingNames>;

const EXAMPLES = `
Examples:
  postern restore postern.backup --data ./data
  postern restore postern.backup --config /etc/postern/postern.yaml
  postern restore postern.backup --verify --kek 'command:vault-read postern-kek'
  ssh elsewhere cat postern.backup | postern restore - --data ./data --new-token

No running Postern is needed. The directory gets the whole store or nothing, and
what is there is never overwritten. The backup's first line says which key
opens it (head -n 1 FILE). Settings come from flags, then POSTERN_DATA and
POSTERN_KEK, then --config.

Exit codes: 0 restored, or good · 1 not a backup, damaged, or its store is not
sound · 2 wrong use, such as a directory with a store · 3 no key, another key,
a newer program's backup, or something could not be read or written`;

interface Flags {
  readonly verify?: boolean;
  readonly newToken?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

/** What is to be done with which key, and where: `dir` is `null` where the backup is only looked at. */
interface Task {
  readonly file: string;
  readonly kek: string;
  readonly dir: string | null;
  readonly newToken: boolean;
}

/** `postern restore FILE`: puts the store of a backup into a data directory, or looks whether that could be done. */
export function restoreCommand(): Command {
  const command = new Command('restore');
  return command
    .description('put what is in a backup into a new data directory; needs no running Postern')
    .argument('<file>', 'what "postern backup" wrote; - for stdin')
    .option('--data <dir>', 'data directory without a store; made where it does not exist (POSTERN_DATA)')
    .option('--kek <where>', 'the key that opens the backup: a file, env:NAME or command:… (default: DATA.kek)')
    .option('--verify', 'do all of it in a temporary directory, and leave nothing')
    .option('--new-token', 'also write a token that may do everything to DATA/bootstrap-token')
    .option('--config <file>', 'settings of "postern up", for data and kek')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: Flags) => {
      try {
        const task = taskOf(command, file, flags);
        const found = await untilCalledOff((signal) => perform(task, signal));
        show(flags.json === true, view(task, found), () => told(task, found));
      } catch (error) {
        if (flags.json === true) writeJson(failureView(error));
        throw error;
      }
    });
}

function taskOf(command: Command, file: string, { verify = false, newToken = false, config }: Flags): Task {
  const settings = readConfigFile(config);
  const data = setting(command, NAMES.data, settings);
  const said = setting(command, NAMES.kek, settings);
  if (data === undefined && !verify) {
    throw new Failure('No data directory is given.', 'Add --data DIR, or --verify to look at the backup only.');
  }
  const kek = said ?? (data === undefined ? undefined : defaultKekPath(data));
  if (kek === undefined)
    throw new Failure('No key is given.', 'Say with --kek where the key is that opens the backup.');
  return { file, kek, dir: data === undefined || verify ? null : resolve(data), newToken };
}

async function perform({ file, kek, dir, newToken }: Task, signal: AbortSignal): Promise<Found> {
  // Who waits for stdin must hear of it as well.
  const source = addAbortSignal(signal, await readingFrom(file));
  const inHand = { source, kek, now: instant(Date.now()), signal };
  const place = dir ?? tmpdir();
  try {
    if (dir !== null) return await restoreBackup(inHand, { dir, newToken });
    return await verifyBackup(inHand, join(place, 'postern-verify-'));
  } catch (error) {
    throw notWritten(place, error);
  }
}

function view({ dir, newToken }: Task, { header, contents }: Found): Record<string, unknown> {
  const { format: _, version: __, salt: ___, ...backup } = header;
  return { restored: dir, ...backup, contents, new_token: dir !== null && newToken ? join(dir, TOKEN) : null };
}

const TOKEN = 'bootstrap-token';

function told(task: Task, { header, contents }: Found): string {
  const { installation, taken_at, revision, program_version, kek_id } = header;
  return [
    facts([
      ['installation', installation],
      ['taken', `${taken_at}, by Postern ${program_version}`],
      ['revision', String(revision)],
      ['key', kek_id],
      ...Object.entries(contents).map(([what, count]): [string, string] => [what.replace('_', ' '), String(count)]),
    ]),
    '',
    ...(task.dir === null ? ['The backup is good: it opens, and all of it can be restored.'] : advice(task, task.dir)),
  ].join('\n');
}

/** What whoever restores must know. */
function advice({ kek, newToken }: Task, dir: string): readonly string[] {
  const start = `postern up --data ${dir}${kek === defaultKekPath(dir) ? '' : ` --kek ${keyPlace(kek)}`}`;
  return [
    `Restored to ${dir}. Start it with: ${start}`,
    'Later changes are not in it, and every token that counted then counts again,',
    'also one that was revoked since: look through "postern tokens list".',
    newToken
      ? `A token that may do everything is in ${join(dir, TOKEN)}.`
      : 'No text of a token is in a backup. Who has none any more: --new-token.',
    'Never run it beside the installation that it comes from.',
  ];
}

// A command may hold a secret.
function keyPlace(kek: string): string {
  const source = kekSource(kek);
  return source.kind === 'command' ? "'command:…'" : kek;
}

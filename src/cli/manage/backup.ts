import { existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { readBackup } from '../../control/backup/backup-file.ts';
import type { Contents } from '../../control/backup/examine.ts';
import type { BackupHeader } from '../../control/backup/header.ts';
import { verifyBackup } from '../../control/backup/restore.ts';
import { defaultKekPath, loadBackupKek } from '../../control/kek.ts';
import { kekSource, sourceName } from '../../control/kek-source.ts';
import { instant } from '../../domain/ids.ts';
import { download } from '../api.ts';
import { readingFrom, refuseTaken, STANDARD, writeWhole } from '../backup-file.ts';
import { untilCalledOff } from '../called-off.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { EXIT, Failure } from '../failure.ts';
import { progress, show } from '../print.ts';

interface Flags extends ApiCommandFlags {
  readonly out: string;
  readonly force?: boolean;
  readonly kek?: string;
}

/** What came of it: `checked` is what was found in it, `null` where its key was not at hand. */
interface Taken {
  readonly header: BackupHeader;
  readonly bytes: number;
  readonly key: string | null;
  readonly checked: Contents | null;
}

/** `postern backup`: everything there is, in one sealed file, taken while it runs. */
export function backupCommand(): Command {
  return apiCommand('backup', 'take a backup of everything, keys included, in one sealed file, while it runs', [
    'backup --data ./data --out postern.backup',
    'backup --out /mnt/postern.backup --force --kek /etc/postern/kek',
    'backup --out - | ssh elsewhere "cat > postern.backup"',
  ])
    .requiredOption('--out <file>', 'where it goes; - for stdout')
    .option('--force', 'replace a file that is there')
    .option('--kek <where>', 'the key that opens it, to check it: a file, env:NAME or command:… (default: DATA.kek)')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        refuse(flags, json);
        const taken = await untilCalledOff(async (signal) => {
          const answer = await download(access, { method: 'POST', path: '/postern/v1/backups', signal });
          return keep(answer, flags, signal);
        });
        if (flags.out === STANDARD) progress(told(taken, flags));
        else show(json, view(taken, flags), () => told(taken, flags));
      }),
    );
}

function refuse({ out, force }: Flags, json: boolean): void {
  if (out !== STANDARD) return refuseTaken(out, force === true);
  if (json) throw new Failure('The backup and --json cannot both go to stdout.', 'Leave out one of them.');
  if (process.stdout.isTTY) throw new Failure('A terminal cannot take a backup.', 'Name a file with --out.');
}

async function keep(answer: AsyncIterable<Buffer>, flags: Flags, signal: AbortSignal): Promise<Taken> {
  const { header, line, body } = await readBackup(unbroken(answer));
  const meter = new Meter();
  const bytes = meter.counted([line], body);
  if (flags.out === STANDARD) {
    await pipeline(bytes, process.stdout, { signal, end: false });
    return { header, bytes: meter.end(), key: null, checked: null };
  }
  const key = keyAtHand(flags, header.kek_id);
  const look = async (draft: string): Promise<Contents | null> => {
    meter.end();
    if (key === null) return null;
    const inHand = { source: await readingFrom(draft), kek: key, now: instant(Date.now()), signal };
    return (await verifyBackup(inHand, `${draft}-`)).contents;
  };
  const checked = await writeWhole(flags.out, { bytes, signal, look });
  return { header, bytes: meter.end(), key, checked };
}

/** An answer, whose end before its end is told in words. */
async function* unbroken(answer: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* answer;
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    throw new Failure(
      `The backup broke off: ${because}.`,
      'Nothing of it was kept. Look at the log of Postern (backup_cut_off), and try again.',
      EXIT.undetermined,
    );
  }
}

/** Where the key is: where somebody says so it must be, in the usual place it may. */
function keyAtHand({ kek, data }: Flags, needed: string): string | null {
  const said = kek ?? process.env['POSTERN_KEK'];
  if (said !== undefined && said !== '') return said;
  const directory = data ?? process.env['POSTERN_DATA'];
  const usual = directory === undefined ? null : defaultKekPath(directory);
  if (usual === null || !existsSync(usual)) return null;
  try {
    loadBackupKek(usual, needed);
    return usual;
  } catch {
    return null;
  }
}

const SHOWN_EVERY = 200;

/** Counts what goes by, and says so on a terminal. */
class Meter {
  #bytes = 0;
  #shown = performance.now();
  #isOpen = false;

  async *counted(...sources: readonly (Iterable<Buffer> | AsyncIterable<Buffer>)[]): AsyncGenerator<Buffer> {
    for (const source of sources) {
      for await (const bytes of source) {
        this.#bytes += bytes.length;
        this.#show();
        yield bytes;
      }
    }
  }

  /** Ends the line, and answers how many there were. */
  end(): number {
    if (this.#isOpen) process.stderr.write('\n');
    this.#isOpen = false;
    return this.#bytes;
  }

  #show(): void {
    const now = performance.now();
    if (!process.stderr.isTTY || now - this.#shown < SHOWN_EVERY) return;
    this.#shown = now;
    this.#isOpen = true;
    process.stderr.write(`\r${sizeOf(this.#bytes)} `);
  }
}

function sizeOf(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function view({ header, bytes, checked }: Taken, { out }: Flags): Record<string, unknown> {
  const { format: _, version: __, salt: ___, ...facts } = header;
  return { file: out, bytes, ...facts, checked };
}

function told({ header, bytes, key, checked }: Taken, { out }: Flags): string {
  const { installation, revision, kek_id } = header;
  const place = out === STANDARD ? '' : `${out}: `;
  const here = key === null ? '' : ` (${sourceName(kekSource(key))})`;
  return [
    `${place}${installation} at revision ${revision}, ${sizeOf(bytes)}.`,
    checked === null ? unchecked(out) : `Checked: ${found(checked)}. It opens, and so does every key in it.`,
    `Key ${kek_id}${here} opens it, and nothing else does. Keep that key in another place than the backup.`,
  ].join('\n');
}

function unchecked(out: string): string {
  const file = out === STANDARD ? 'FILE' : out;
  return `Not checked, because its key is not at hand: "postern restore ${file} --verify --kek WHERE" does that.`;
}

/** What is in a backup, in a few words. */
export function found({ zones, records, certificates, private_keys }: Contents): string {
  const counts = { zone: zones, record: records, certificate: certificates, 'private key': private_keys };
  return Object.entries(counts)
    .map(([thing, count]) => `${count} ${thing}${count === 1 ? '' : 's'}`)
    .join(', ');
}

import { readFile, stat, unlink } from 'node:fs/promises';
import type { Argv, Run } from './command.ts';
import { placeFile } from '../../files/whole-file.ts';
import { isJsonObject, jsonObject } from '../../wire/json-object.ts';
import { absent, dropLeftovers, NEW_MODE, type NewFile, putBack, putInPlace, stage, target } from './replace.ts';

/** How a server checks its configuration and takes it up; `null` where nobody said. */
export interface ServerCommands {
  readonly test: Argv | null;
  readonly reload: Argv | null;
}

/** What is written down before a file is touched, so that a run that was killed is brought to its end by the next. */
interface Journal {
  readonly files: readonly JournalFile[];
}

interface JournalFile {
  readonly path: string;
  readonly existed: boolean;
}

/** Where the journal is, and what runs commands. */
export interface TransactionGround {
  readonly journal: string;
  readonly run: Run;
}

/** How it ended. After a failure the old bytes are in place again; `afterwards` says what became of the reload that followed. */
export type Installed =
  | { readonly kind: 'installed' }
  | {
      readonly kind: 'failed';
      readonly step: 'write' | 'test' | 'reload';
      readonly because: string;
      readonly afterwards: 'as_before' | 'reloaded' | 'not_reloaded';
    };

/**
 * Replaces files together, has the server check and take them, and puts all of them back where it does not. From the journal
 * on, a crash changes nothing: the next run goes on where this one stopped.
 */
export async function installFiles(
  files: readonly NewFile[],
  server: ServerCommands,
  ground: TransactionGround,
): Promise<Installed> {
  const staged: JournalFile[] = [];
  try {
    for (const { path, ...content } of files) {
      const real = await target(path);
      staged.push({ path: real, existed: (await stat(real).catch(absent)) !== null });
      await stage({ path: real, ...content });
    }
    placeFile(ground.journal, `${JSON.stringify({ files: staged } satisfies Journal)}\n`, NEW_MODE);
  } catch (error) {
    for (const { path } of staged) await dropLeftovers(path).catch(() => undefined);
    return { kind: 'failed', step: 'write', because: words(error), afterwards: 'as_before' };
  }
  return carryOut(staged, server, ground);
}

/** Brings to its end what a run left that was killed; `null` where there is nothing. */
export async function resumeInstall(server: ServerCommands, ground: TransactionGround): Promise<Installed | null> {
  const text = await readFile(ground.journal, 'utf8').catch(absent);
  // One that cannot be read is of nobody's use: what the files are is compared anyway, and the server takes them up once more.
  return text === null ? null : carryOut(readJournal(text)?.files ?? [], server, ground);
}

async function carryOut(
  files: readonly JournalFile[],
  { test, reload }: ServerCommands,
  { journal, run }: TransactionGround,
): Promise<Installed> {
  try {
    for (const { path } of files) await putInPlace(path);
  } catch (error) {
    return backAgain('write', words(error), { files, reload: null, journal, run });
  }
  for (const [step, argv] of [['test', test] as const, ['reload', reload] as const]) {
    const ran = argv === null ? null : await run(argv);
    if (ran?.kind === 'bad') return backAgain(step, ran.because, { files, reload, journal, run });
  }
  await unlink(journal).catch(absent);
  for (const { path } of files) await dropLeftovers(path);
  return { kind: 'installed' };
}

async function backAgain(
  step: 'write' | 'test' | 'reload',
  because: string,
  {
    files,
    reload,
    journal,
    run,
  }: TransactionGround & { readonly files: readonly JournalFile[]; readonly reload: Argv | null },
): Promise<Installed> {
  for (const { path, existed } of files) await putBack(path, existed);
  const ran = reload === null ? null : await run(reload);
  await unlink(journal).catch(absent);
  const afterwards = ran === null ? 'as_before' : ran.kind === 'good' ? 'reloaded' : 'not_reloaded';
  return { kind: 'failed', step, because, afterwards };
}

function readJournal(text: string): Journal | null {
  const files = jsonObject(text)?.['files'];
  return Array.isArray(files) && files.every(isJournalFile) ? { files } : null;
}

function isJournalFile(value: unknown): value is JournalFile {
  if (!isJsonObject(value)) return false;
  const { path, existed } = value;
  return typeof path === 'string' && path.startsWith('/') && typeof existed === 'boolean';
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

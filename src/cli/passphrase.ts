import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Secret } from '../pki/secret.ts';
import { EXIT, Failure } from './failure.ts';

/** Where a passphrase may come from beside the terminal. Never a flag: other users see the command line of a process. */
export interface PassphraseFlags {
  readonly passphraseFile?: string;
}

const VARIABLE = 'POSTERN_PASSPHRASE';

/** The passphrase for a key: from a file, from the environment, or asked for; `twice` where nobody could see a mistake later. */
export async function passphrase({ passphraseFile }: PassphraseFlags, twice = false): Promise<Secret<string>> {
  if (passphraseFile !== undefined) return new Secret(firstLine(passphraseFile));
  const said = process.env[VARIABLE];
  if (said !== undefined && said !== '') return new Secret(said);
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new Failure(
      'There is no passphrase, and nobody can be asked here.',
      `Name a file with --passphrase-file, or set ${VARIABLE}.`,
    );
  }
  const typed = await hidden('Passphrase: ');
  if (twice && (await hidden('Once more: ')) !== typed) {
    throw new Failure('The two passphrases differ. Nothing was done.', 'Try again.', EXIT.wrongUse);
  }
  return new Secret(typed);
}

function firstLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new Failure(`--passphrase-file ${path} cannot be read (${code}).`, 'Check the path and its permissions.');
  }
}

async function hidden(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Asked only now that the terminal shows nothing any more of what is typed.
  process.stderr.write(question);
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}

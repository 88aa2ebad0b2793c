import { createInterface } from 'node:readline/promises';
import { EXIT, Failure } from './failure.ts';
import { dropTypeAhead } from './type-ahead.ts';

/** Asks before something is destroyed. Without a terminal nobody can answer, so `--yes` has to have been said. */
export async function confirm(what: string, { yes }: { readonly yes?: boolean }): Promise<void> {
  if (yes === true) return;
  if (!atTerminal()) {
    throw new Failure(
      `${what} Nobody can be asked here, so nothing was done.`,
      'Add --yes to go on without being asked.',
    );
  }
  await ask(what);
}

/** Asks before something that can be undone: a person is asked, a script goes on. */
export async function confirmAtTerminal(what: string, flags: { readonly yes?: boolean }): Promise<void> {
  if (mayAskAtTerminal(flags)) await ask(what);
}

/** Whether somebody is there who could be asked, and wants to be. */
export function mayAskAtTerminal({ yes }: { readonly yes?: boolean }): boolean {
  return yes !== true && atTerminal();
}

/** Which of these keys a person answers with; `null` for Enter and for all else, and once nobody is to be asked any more. */
export async function keyAtTerminal<Key extends string>(
  question: string,
  keys: readonly Key[],
  over?: AbortSignal,
): Promise<Key | null> {
  // Who is asked while a command goes on may have typed before.
  if (over !== undefined) await dropTypeAhead();
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} `, over === undefined ? {} : { signal: over }).catch(refusing);
    const typed = answer.trim().toLowerCase();
    return keys.find((key) => key === typed) ?? null;
  } finally {
    terminal.close();
  }
}

function atTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

async function ask(what: string): Promise<void> {
  const key = await keyAtTerminal(`${what} Go on? [y/N]`, ['y', 'yes']);
  if (key === null) throw new Failure('Nothing was done.', 'Answer "y" to go on.', EXIT.wrongUse);
}

// Control-C at the question is a no.
function refusing(error: unknown): string {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
  process.stderr.write('\n');
  return '';
}

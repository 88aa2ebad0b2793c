import { Argument, Command } from 'commander';
import { apiAccess } from '../api.ts';
import { exchange } from '../exchange.ts';
import { candidates, fitting } from './candidates.ts';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from './scripts.ts';

const EXAMPLES = `
Examples:
  eval "$(postern completion bash)"   in ~/.bashrc
  eval "$(postern completion zsh)"    in ~/.zshrc, after compinit
  postern completion fish > ~/.config/fish/completions/postern.fish

The names of zones are asked for where POSTERN_API or POSTERN_DATA says which
Postern is meant.`;

/** `postern completion SHELL`: the script that makes a shell complete. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('print a script for the completion of commands, flags and zone names')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => {
      process.stdout.write(COMPLETION_SCRIPTS[shell]);
    });
}

/** The answer to `postern __complete …`: what fits for the last word, one in a line. Nothing where anything is wrong. */
export async function completed(root: Command, words: readonly string[]): Promise<string> {
  const found = candidates(root, words);
  const lines = found.kind === 'words' ? found.words : fitting(await zoneNames(words), words.at(-1) ?? '');
  return lines.map((line) => `${line}\n`).join('');
}

// Somebody is waiting with a finger on the key.
const PATIENCE = 700;

async function zoneNames(words: readonly string[]): Promise<readonly string[]> {
  try {
    const { base, trust, token } = apiAccess({
      api: flagValue('--api', words),
      apiCa: flagValue('--api-ca', words),
      token: flagValue('--token', words),
      data: flagValue('--data', words),
    });
    const url = `${base}/client/v4/zones?per_page=50`;
    const { text } = await exchange({ method: 'GET', url, trust, token, within: PATIENCE });
    const { result } = JSON.parse(text) as { readonly result: readonly { readonly name: string }[] };
    return result.map(({ name }) => name);
  } catch {
    return [];
  }
}

function flagValue(flag: string, words: readonly string[]): string | undefined {
  const at = words.indexOf(flag);
  return at === -1 ? undefined : words[at + 1];
}

import type { Argument, Command, Option } from 'commander';

/** What can stand at the end of a command line; zones have to be asked for. */
export type Candidates = { readonly kind: 'words'; readonly words: readonly string[] } | { readonly kind: 'zones' };

/** What fits for the last of the words, which may be empty: `root` is what stands before them. */
export function candidates(root: Command, words: readonly string[]): Candidates {
  const begun = words.at(-1) ?? '';
  const { command, rest } = descend(root, words.slice(0, -1));
  const pending = optionOf(command, rest.at(-1));
  if (pending !== undefined && takesValue(pending)) return values(pending.attributeName(), pending.argChoices);
  if (begun.startsWith('-')) return { kind: 'words', words: fitting(flags(command), begun) };
  if (command.commands.length > 0) return { kind: 'words', words: fitting(commandNames(command), begun) };
  const argument = command.registeredArguments[positionals(command, rest)];
  return argument === undefined ? NONE : argumentValues(argument, begun);
}

const NONE: Candidates = { kind: 'words', words: [] };

/** Those that begin as it was begun. */
export function fitting(all: readonly string[], begun: string): readonly string[] {
  return all.filter((one) => one.startsWith(begun)).toSorted();
}

/** The command that the words lead to, and what stands after its name. */
function descend(
  root: Command,
  words: readonly string[],
): { readonly command: Command; readonly rest: readonly string[] } {
  const [first, ...rest] = words;
  const next = root.commands.find((command) => command.name() === first);
  return next === undefined ? { command: root, rest: words } : descend(next, rest);
}

function optionOf(command: Command, word: string | undefined): Option | undefined {
  return command.options.find(({ long, short }) => word !== undefined && (long === word || short === word));
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function values(name: string, choices: readonly string[] | undefined): Candidates {
  return name === 'zone' ? { kind: 'zones' } : { kind: 'words', words: choices ?? [] };
}

function argumentValues(argument: Argument, begun: string): Candidates {
  const found = values(argument.name(), argument.argChoices);
  return found.kind === 'zones' ? found : { kind: 'words', words: fitting(found.words, begun) };
}

function flags(command: Command): readonly string[] {
  return [...command.options.filter(({ hidden }) => !hidden).map(({ long, short }) => long ?? short ?? ''), '--help'];
}

function commandNames(command: Command): readonly string[] {
  return command.commands.map((one) => one.name()).filter((name) => !name.startsWith('__'));
}

/** How many arguments stand there already: flags and their values do not count. */
function positionals(command: Command, words: readonly string[]): number {
  return words.filter((word, index) => {
    if (word.startsWith('-')) return false;
    const before = optionOf(command, words[index - 1]);
    return before === undefined || !takesValue(before);
  }).length;
}

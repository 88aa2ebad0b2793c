import type { Command } from 'commander';

/** What people type to get there, without the program's name where it is no part of a program. */
export function wordsOf(command: Command): readonly string[] {
  const { parent } = command;
  return [...(parent === null ? [] : wordsOf(parent)), command.name()];
}

/** Those that do something. */
export function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

/** Those, and the groups that they stand in. */
export function allBelow(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allBelow)];
}

/** Its help as a terminal of 80 columns shows it. */
export function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => 80,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}

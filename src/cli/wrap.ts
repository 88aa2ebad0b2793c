/** Prose in lines of so many columns; a word that is longer stands alone. */
export function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A shell command in lines of so many columns, which a shell takes as one: broken between words only. */
export function foldedCommand(command: string, columns: number): readonly string[] {
  if (command.length <= columns) return [command];
  const lines: string[] = [];
  for (const word of flagsWithValues(command.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? [])) {
    const last = lines.at(-1);
    // Room for the space and the backslash.
    if (last !== undefined && last.length + word.length + 3 <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines.map((line, index) => (index === lines.length - 1 ? line : `${line} \\`));
}

// A flag and what it holds are read together.
function flagsWithValues(words: readonly string[]): readonly string[] {
  const together: string[] = [];
  for (const word of words) {
    const last = together.at(-1);
    if (last !== undefined && /^--?[a-zA-Z][^ ]*$/.test(last) && !word.startsWith('-') && word !== '|')
      together[together.length - 1] = `${last} ${word}`;
    else together.push(word);
  }
  return together;
}

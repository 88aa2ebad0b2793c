const PLAIN = /^[A-Za-z0-9_.,:/@%+=-]+$/;

/** One word of a POSIX shell (Shell Command Language §2.2.2), quoted where it has to be. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command of such words. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** What copies a command with its token. */
export const WITH_TOKEN = 'Copy with the token';

/**
 * The line that gives a terminal its token. It begins with a space: a shell that leaves such lines out of its history (bash with
 * HISTCONTROL=ignorespace, as many systems have it; zsh with HIST_IGNORE_SPACE) keeps no token.
 */
export function tokenLine(token: string): string {
  return ` export POSTERN_TOKEN=${token}`;
}

/**
 * What to do, without the command that does it in a terminal: beside the words there stands a way to the page that does
 * it. "See why (postern rotations show), and …" is "See why, and …".
 */
export function withoutCommands(fix: string): string {
  return fix
    .replaceAll(/ \((?:postern|PATCH|POST|PUT|GET) [^)]*\)/g, '')
    .replaceAll(/: postern [^.,]*(?:, then [a-z]+)?/g, '')
    .trim();
}

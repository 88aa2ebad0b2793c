/** A version of a web server, as three numbers. */
export type ServerVersion = readonly [major: number, minor: number, patch: number];

const VERSION = /^(?:[A-Za-z/ :]{0,40})(?<major>\d{1,3})\.(?<minor>\d{1,3})(?:\.(?<patch>\d{1,3}))?(?![\d.])/;

/** Reads `1.22.1`, `nginx/1.22.1` or `Apache/2.4.62 (Debian)`; `null` when there is no version in front. */
export function serverVersion(text: string): ServerVersion | null {
  const groups = VERSION.exec(text)?.groups;
  if (groups === undefined) return null;
  return [Number(groups['major']), Number(groups['minor']), Number(groups['patch'] ?? 0)];
}

/** Whether `version` is `floor` or later. */
export function isAtLeast(version: ServerVersion, floor: ServerVersion): boolean {
  for (const [index, wanted] of floor.entries()) {
    const part = version[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

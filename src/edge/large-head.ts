import type { RequestHead } from '../http1/head.ts';

// What servers take as they come: nginx fields of 8 KiB, Apache and HAProxy about a hundred fields, of 8 and 15 KiB.
const MOST_BYTES = 6_144;
const MOST_FIELDS = 64;

/** Whether an origin may find this head too large, whatever its server is, once the edge has added its own fields. */
export function isLarge({ path, fields: { names, values } }: RequestHead): boolean {
  if (names.length > MOST_FIELDS) return true;
  let bytes = path.length;
  for (let at = 0; at < names.length; at++) bytes += (names[at]?.length ?? 0) + (values[at]?.length ?? 0);
  return bytes > MOST_BYTES;
}

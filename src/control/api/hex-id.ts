import { randomBytes } from 'node:crypto';

/** A new id of 32 hexadecimal digits, as Cloudflare's, given its parser. */
export function newHexId<Id>(parse: (text: string) => Id | null): Id {
  const id = parse(randomBytes(16).toString('hex'));
  if (id === null) throw new TypeError('the parser takes no 32 hexadecimal digits');
  return id;
}

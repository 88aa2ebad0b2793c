import { fieldLine } from '../http1/write.ts';
import type { Forwarding } from '../pull/origin-request.ts';

/** What the edge says about whoever makes a request. */
interface Told {
  /** Addresses from the visitor to the edge's own peer: one, where nobody stands between. */
  readonly path: readonly string[];
  readonly scheme: 'http' | 'https';
  readonly host: string;
}

/**
 * The fields by which the edge tells an origin who visits. Values are the edge's own or parsed ones, never free text of a
 * visitor.
 */
export function forwarding({ path, scheme, host }: Told): Forwarding {
  const quoted = path.map((address) => (address.includes(':') ? `for="[${address}]"` : `for=${address}`));
  const fields = [
    ['X-Forwarded-For', path.join(', ')],
    ['X-Forwarded-Proto', scheme],
    ['X-Forwarded-Host', host],
    ['Forwarded', `${quoted.join(', ')};proto=${scheme};host="${host}"`],
    ['CF-Connecting-IP', path[0] ?? ''],
    ['CF-Visitor', `{"scheme":"${scheme}"}`],
  ] as const;
  return { fields, lines: fields.map(([name, value]) => fieldLine(name, value)).join('') };
}

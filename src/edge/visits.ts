import { isIP } from 'node:net';
import { type Hostname, hostname } from '../domain/ids.ts';
import { all, type Fields } from '../http1/fields.ts';
import type { RequestHead } from '../http1/head.ts';
import { plainAddress } from '../pull/address-class.ts';
import type { Forwarding } from '../pull/origin-request.ts';
import { forwarding } from './forwarding-fields.ts';

/** Who makes a request, and of whom. */
export interface Visit {
  readonly address: string;
  /** The name in Host; `null` where it is an address or no name at all. */
  readonly hostname: Hostname | null;
  /** What an origin is told about that. */
  readonly forwarding: Forwarding;
}

/** The far end of a connection. */
interface FarEnd {
  readonly scheme: 'http' | 'https';
  readonly address: string;
  /** Whether an address may speak for others; `null` where this far end may not. */
  readonly trusts: ((address: string) => boolean) | null;
}

/** Who makes the requests of one connection: its far end, or whom a trusted peer names. */
export class Visits {
  readonly #end: FarEnd;
  /** Nearly all requests of a connection are to one host. */
  #latest: (Visit & { readonly authority: string }) | null = null;

  constructor(end: FarEnd) {
    this.#end = end;
  }

  /** Who makes this request. */
  of({ authority, host, fields }: Pick<RequestHead, 'authority' | 'host' | 'fields'>): Visit {
    const { scheme, address, trusts } = this.#end;
    if (trusts !== null) {
      const path = believedPath(fields, address, trusts);
      const [visitor = address] = path;
      return { address: visitor, hostname: hostname(host), forwarding: forwarding({ path, scheme, host: authority }) };
    }
    if (this.#latest?.authority !== authority) {
      const told = forwarding({ path: [address], scheme, host: authority });
      this.#latest = { authority, address, hostname: hostname(host), forwarding: told };
    }
    return this.#latest;
  }
}

/** Further back than that nobody looks. */
const MOST_HOPS = 32;

/**
 * From the visitor to the peer: X-Forwarded-For is read from its end, as far as each address was written by somebody
 * trusted. What stands before that, anybody may have written.
 */
function believedPath(fields: Fields, peer: string, trusts: (address: string) => boolean): readonly string[] {
  const said = all(fields, 'x-forwarded-for').join(',').split(',').slice(-MOST_HOPS);
  const path = [peer];
  for (const member of said.toReversed()) {
    const address = addressIn(member);
    if (address === null) break;
    path.unshift(address);
    if (!trusts(address)) break;
  }
  return path;
}

// Some write IPv6 in brackets, and some the port behind it.
function addressIn(member: string): string | null {
  const text = member.trim();
  const [, six, four] = /^(?:\[([\da-f:.]+)\]|(\d+(?:\.\d+){3}))(?::\d{1,5})?$/i.exec(text) ?? [];
  const address = six ?? four ?? text;
  return isIP(address) === 0 || address.includes('%') ? null : plainAddress(address);
}

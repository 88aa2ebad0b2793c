import { type Hostname, hostname } from '../domain/ids.ts';
import type { RequestHead } from '../http1/head.ts';
import { forwardingLines, type Visit } from './forwarding-fields.ts';

/** What follows from the host that a request of a visitor names. */
export interface NamedHost {
  /** `null` where it is an address or no name at all. */
  readonly hostname: Hostname | null;
  /** The lines that tell an HTTP/1.1 origin about this visitor. */
  readonly forwarding: () => string;
}

/** Works out what follows from a host, and remembers the latest: nearly all requests of a connection name the same one. */
export class LatestHost {
  readonly #visit: Omit<Visit, 'host'>;
  #authority: string | null = null;
  #named: NamedHost = { hostname: null, forwarding: () => '' };

  constructor({ address, scheme }: Omit<Visit, 'host'>) {
    this.#visit = { address, scheme };
  }

  of({ authority, host }: Pick<RequestHead, 'authority' | 'host'>): NamedHost {
    if (this.#authority === authority) return this.#named;
    let lines: string | null = null;
    const forwarding = () => (lines ??= forwardingLines({ ...this.#visit, host: authority }));
    this.#authority = authority;
    this.#named = { hostname: hostname(host), forwarding };
    return this.#named;
  }
}

import { type LookupAddress, lookup as systemLookup } from 'node:dns';

/** The addresses of a name, in the order in which the system prefers them. */
export type Resolved =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  | { readonly kind: 'failed'; readonly error: NodeJS.ErrnoException };

/** Finds the addresses of names. Calls back once, at once where the answer is known. */
export interface Resolver {
  readonly resolve: (name: string, done: (resolved: Resolved) => void) => void;
}

/** How the system is asked: `dns.lookup` with `all`. */
export type SystemLookup = (
  name: string,
  options: { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

// The system is asked as every other program on the machine asks it: /etc/hosts, nsswitch and a local cache count. That
// way has no TTL, so an answer is kept for a time that is short against the TTLs in use and long against a burst.
const KEEP_FOUND = 10_000;
// RFC 9520 §3.2: at least a second, so that a broken name does not turn each request into a query.
const KEEP_FAILED = 2_000;
const MAX_NAMES = 10_000;
// A name with more addresses than this is not tried to the end in the time that an open may take.
const MAX_ADDRESSES = 16;

interface Kept {
  readonly resolved: Resolved;
  readonly until: number;
}

/** A resolver that remembers for a while, failures too, and asks once for all who want the same name at the same time. */
export function createResolver(clock: () => number, lookup: SystemLookup = systemLookup): Resolver {
  const known = new Map<string, Kept>();
  const asked = new Map<string, ((resolved: Resolved) => void)[]>();

  const keep = (name: string, resolved: Resolved): void => {
    known.delete(name);
    known.set(name, { resolved, until: clock() + (resolved.kind === 'found' ? KEEP_FOUND : KEEP_FAILED) });
    const oldest = known.size > MAX_NAMES ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
  };

  return {
    resolve: (name, done) => {
      const kept = known.get(name);
      if (kept !== undefined && clock() < kept.until) return done(kept.resolved);
      const waiting = asked.get(name);
      if (waiting !== undefined) return void waiting.push(done);
      const all = [done];
      asked.set(name, all);
      return lookup(name, { all: true }, (error, found) => {
        asked.delete(name);
        const resolved = outcome(error, found);
        keep(name, resolved);
        for (const tell of all) tell(resolved);
      });
    },
  };
}

function outcome(error: NodeJS.ErrnoException | null, found: readonly LookupAddress[]): Resolved {
  return error === null
    ? { kind: 'found', addresses: found.slice(0, MAX_ADDRESSES).map(({ address }) => address) }
    : { kind: 'failed', error };
}

import { Resolver } from 'node:dns/promises';

/** What came of a question: records, none, or no answer that could be understood. */
export type Asked =
  | { readonly kind: 'records'; readonly records: readonly string[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly code: string };

export type RecordType = 'A' | 'AAAA' | 'MX' | 'TXT';

/** Asks one name server, and no other. */
export interface NameServer {
  readonly ask: (name: string, type: RecordType) => Promise<Asked>;
}

const TIMEOUT = 3_000;
const TRIES = 2;
const AT_ONCE = 16;
const MOST_RECORDS = 50;
const ABSENT = ['ENODATA', 'ENOTFOUND'];

/** A name server by its address and port (`192.0.2.53:53`, `[2001:db8::53]:53`). */
export function nameServer(place: string, signal: AbortSignal): NameServer {
  const resolver = new Resolver({ timeout: TIMEOUT, tries: TRIES });
  resolver.setServers([place]);
  signal.addEventListener('abort', () => resolver.cancel(), { once: true });
  const waiting: (() => void)[] = [];
  let free = AT_ONCE;
  const turn = async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((begin) => waiting.push(begin));
  };
  const next = () => {
    const begin = waiting.shift();
    if (begin === undefined) free += 1;
    else begin();
  };
  return {
    ask: async (name, type) => {
      await turn();
      try {
        signal.throwIfAborted();
        const records = (await recordsOf(resolver, name, type)).slice(0, MOST_RECORDS);
        return records.length === 0 ? { kind: 'none' } : { kind: 'records', records };
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        return ABSENT.includes(code) ? { kind: 'none' } : { kind: 'failed', code };
      } finally {
        next();
      }
    },
  };
}

async function recordsOf(resolver: Resolver, name: string, type: RecordType): Promise<readonly string[]> {
  switch (type) {
    case 'A':
      return resolver.resolve4(name);
    case 'AAAA':
      return resolver.resolve6(name);
    case 'MX':
      return (await resolver.resolveMx(name))
        .toSorted((a, b) => a.priority - b.priority)
        .map(({ exchange }) => exchange);
    case 'TXT':
      // RFC 7208 §3.3: the strings of one record belong together, without spaces.
      return (await resolver.resolveTxt(name)).map((strings) => strings.join(''));
  }
}

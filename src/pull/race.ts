import { isIPv6, type Socket } from 'node:net';

/** RFC 8305 §8: how long one attempt has before the next address is tried beside it. */
const STAGGER = 250;

/** A connection that was begun, be it that TLS is to follow on it. */
export interface Runner {
  readonly socket: Socket;
}

export type RaceOutcome<Begun extends Runner> =
  | { readonly kind: 'won'; readonly winner: Begun; readonly address: string }
  /** No address took the connection; the error is the last one. */
  | { readonly kind: 'lost'; readonly error: NodeJS.ErrnoException };

/** A race under way. */
export interface Race {
  /** Ends all attempts; nobody is told. */
  readonly cancel: () => void;
}

/**
 * Connects, by what `begun` begins, to whichever address takes a TCP connection first (RFC 8305 §5): one after the other in their order, the next
 * as soon as one fails or has not come through in a quarter of a second. Whatever else is under way then is closed
 * before a byte is sent on it. Node's `autoSelectFamily` is no race: it gives up an attempt when its time is over.
 */
export function race<Begun extends Runner>(
  addresses: readonly string[],
  begun: (address: string) => Begun,
  done: (outcome: RaceOutcome<Begun>) => void,
): Race {
  const running = new Set<Socket>();
  let next = 0;
  let timer: NodeJS.Timeout | undefined;

  const cancel = (): void => {
    clearTimeout(timer);
    next = addresses.length;
    for (const socket of running) socket.destroy();
    running.clear();
  };
  const begin = (): void => {
    clearTimeout(timer);
    const host = addresses[next++];
    if (host === undefined) return;
    if (next < addresses.length) timer = setTimeout(begin, STAGGER);
    const winner = begun(host);
    const { socket } = winner;
    running.add(socket);
    socket.once('connect', () => {
      if (!running.delete(socket)) return;
      socket.off('error', onError);
      cancel();
      done({ kind: 'won', winner, address: host });
    });
    const onError = (error: NodeJS.ErrnoException): void => {
      if (!running.delete(socket)) return;
      if (next < addresses.length) begin();
      else if (running.size === 0) done({ kind: 'lost', error });
    };
    socket.on('error', onError);
  };
  begin();
  return { cancel };
}

/** Addresses with the two families in turn, beginning with that of the first (RFC 8305 §4). */
export function interleaved(addresses: readonly string[]): readonly string[] {
  const [first] = addresses;
  if (first === undefined) return addresses;
  const sixFirst = isIPv6(first);
  const leading = addresses.filter((address) => isIPv6(address) === sixFirst);
  const following = addresses.filter((address) => isIPv6(address) !== sixFirst);
  const longest = Math.max(leading.length, following.length);
  return Array.from({ length: longest }, (_, index) => [leading[index], following[index]])
    .flat()
    .filter((address) => address !== undefined);
}

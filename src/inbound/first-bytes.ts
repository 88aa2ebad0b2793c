import type { Socket } from 'node:net';

/** What is to be found out from the first bytes of a connection. */
interface Wish<T> {
  /** Milliseconds that the far end may take. */
  readonly within: number;
  /** What bytes so far say, and how many of them nobody else shall see; `more` while that cannot be said. */
  readonly judge: (seen: Buffer) => { readonly verdict: T; readonly used: number } | 'more';
  readonly decided: (verdict: T) => void;
  /** Called once, and instead, with the code that Node gives such an end of a handshake. */
  readonly failed: (code: 'ERR_TLS_HANDSHAKE_TIMEOUT' | 'ECONNRESET') => void;
}

const EMPTY = Buffer.alloc(0);

/** Reads until it is clear what they say, and puts back what somebody else shall read. */
export function firstBytes<T>(socket: Socket, { within, judge, decided, failed }: Wish<T>): void {
  let seen: Buffer = EMPTY;
  let because: Parameters<Wish<T>['failed']>[0] = 'ECONNRESET';
  const end = (): void => void socket.destroy();
  const deadline = setTimeout(() => {
    because = 'ERR_TLS_HANDSHAKE_TIMEOUT';
    end();
  }, within);
  const over = (): void => {
    clearTimeout(deadline);
    failed(because);
  };
  const look = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const found = judge(seen);
    if (found === 'more') return;
    clearTimeout(deadline);
    socket.off('readable', look).off('end', end).off('error', end).off('close', over);
    if (found.used < seen.length) socket.unshift(seen.subarray(found.used));
    decided(found.verdict);
  };
  socket.on('readable', look).on('end', end).on('error', end).on('close', over);
}

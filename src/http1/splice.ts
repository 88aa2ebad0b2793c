import type { Socket } from 'node:net';

/** Takes what a connection brings in. The bytes are valid until it returns: others come into the same memory. */
export type Taker = (bytes: Buffer) => void;

/** The far side of a connection that has changed to another protocol. */
export interface Tunnel {
  readonly socket: Socket;
  /** Names who takes what comes, beginning with what is here already. Called once, and soon: nothing is read before. */
  readonly bringTo: (taker: Taker) => void;
}

/**
 * Joins two connections that speak something else than HTTP from now on: bytes go both ways as they are, the slower side
 * holds the other back, and the end of one is the end of the other. `idleTimeout` in milliseconds without a byte.
 */
export function splice(near: Socket, { socket: far, bringTo }: Tunnel, idleTimeout: number): void {
  const end = (): void => {
    near.destroy();
    far.destroy();
  };
  for (const socket of [near, far]) {
    socket.on('error', end);
    socket.on('close', end);
    // One of them is enough: what moves at one side moves at the other.
    socket.setTimeout(socket === far ? idleTimeout : 0);
  }
  far.on('timeout', end);
  near.pipe(far);
  far.on('end', () => near.end());
  near.on('drain', () => far.resume());
  bringTo((bytes) => {
    if (!near.write(Buffer.from(bytes))) far.pause();
  });
}

import type { Socket } from 'node:net';
import type { Tunnel } from '../pull/lane.ts';

/**
 * Joins two connections that speak something else than HTTP from now on: bytes go both ways as they are, the slower side
 * holds the other back, and the end of one is the end of the other. `idleTimeout` in milliseconds without a byte.
 */
export function splice(visitor: Socket, { socket: origin, bringTo }: Tunnel, idleTimeout: number): void {
  const end = (): void => {
    visitor.destroy();
    origin.destroy();
  };
  for (const socket of [visitor, origin]) {
    socket.on('error', end);
    socket.on('close', end);
    // One of them is enough: what moves at one side moves at the other.
    socket.setTimeout(socket === origin ? idleTimeout : 0);
  }
  origin.on('timeout', end);
  visitor.pipe(origin);
  origin.on('end', () => visitor.end());
  visitor.on('drain', () => origin.resume());
  bringTo((bytes) => {
    if (!visitor.write(Buffer.from(bytes))) origin.pause();
  });
}

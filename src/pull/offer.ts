import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Door, withoutHttp2 } from './door.ts';
import type { Lane } from './lane.ts';

/** What is offered at a door, after what the origin behind it has made of that so far. Times on the pool's clock. */
export class Offer {
  /** What the origin chose when it was asked last. */
  #chosen: Lane['protocol'] | null = null;
  /** Until then HTTP/2 is not offered, since the origin has said that it wants HTTP/1.1. */
  #http1Until = Number.NEGATIVE_INFINITY;

  /** Whether several requests may hope for one connection. */
  shares(door: Door): boolean {
    return door.tls?.http2 === true && this.#chosen !== '1.1';
  }

  /** The door as it is to be opened now. */
  at(door: Door, now: number): Door {
    return this.#withdrawn(now) ? withoutHttp2(door) : door;
  }

  /** Whether the origin has come to want HTTP/1.1 since this was opened. */
  misses(socket: Socket | TLSSocket, now: number): boolean {
    return this.#withdrawn(now) && isHttp2(socket);
  }

  chose(protocol: Lane['protocol']): void {
    this.#chosen = protocol;
  }

  /** The origin wants HTTP/1.1 instead (RFC 9113 §7), which counts until then. Tells whether it is news. */
  withdraw(now: number, until: number): boolean {
    const news = !this.#withdrawn(now);
    this.#chosen = '1.1';
    this.#http1Until = until;
    return news;
  }

  #withdrawn(now: number): boolean {
    return now < this.#http1Until;
  }
}

/** Whether the origin has chosen HTTP/2 in the handshake. */
export function isHttp2(socket: Socket | TLSSocket): socket is TLSSocket {
  return 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';
}

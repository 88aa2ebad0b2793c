import type { TLSSocket } from 'node:tls';

/** A TLS session that a new connection may resume. */
export interface Session {
  readonly ticket: Buffer;
  /** The end of the origin's certificate, on the wall clock: in a resumed handshake nobody looks at it again. */
  readonly endsAt: number;
}

// OpenSSL hands out two with each full handshake and one with a resumed one; a burst of connections can use a few more.
const MAX_SESSIONS = 4;

/**
 * The sessions of one door. They end with its pool.
 *
 * A server may take a ticket of TLS 1.3 only once (RFC 8446 §8.1), so each is used once as long as there are others. The
 * last is used again: many servers give none with a resumed handshake, and one that does not take it costs a full
 * handshake, which brings new ones. That tickets used twice can be linked (§C.4) matters little between two servers.
 */
export class Sessions {
  readonly #kept: Session[] = [];

  /** The newest session that has not ended. */
  take(now: number): Session | null {
    for (let newest = this.#kept.at(-1); newest !== undefined; newest = this.#kept.at(-1)) {
      const live = now < newest.endsAt;
      if (!live || this.#kept.length > 1) this.#kept.pop();
      if (live) return newest;
    }
    return null;
  }

  /** Keeps a session that the origin has handed out, and a few of those before it. */
  keep(session: Session): void {
    this.#kept.push(session);
    if (this.#kept.length > MAX_SESSIONS) this.#kept.shift();
  }

  /** The origin did not take one: those that came with it are worth no more. */
  drop(): void {
    this.#kept.length = 0;
  }
}

/**
 * Tells of the sessions of a connection. TLS 1.3 hands them out after the handshake. That of TLS 1.2 is there with the
 * handshake's end, and Node tells of it before anybody but the one who opened the connection listens.
 */
export function watchTickets(socket: TLSSocket, keep: (ticket: Buffer) => void): void {
  socket.on('session', keep);
  const session = socket.getProtocol() === 'TLSv1.2' ? socket.getSession() : undefined;
  if (session !== undefined) keep(session);
}

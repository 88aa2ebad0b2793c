// OpenSSL hands out two with each full handshake and one with a resumed one; a burst of connections can use a few more.
const MAX_SESSIONS = 4;

/**
 * TLS sessions that new connections through one door may resume. They end with the door's pool.
 *
 * A server may take a ticket of TLS 1.3 only once (RFC 8446 §8.1), so each is used once as long as there are others. The
 * last is used again: many servers give none with a resumed handshake, and one that does not take it costs a full
 * handshake, which brings new ones. That tickets used twice can be linked (§C.4) matters little between two servers.
 */
export class Sessions {
  readonly #kept: Buffer[] = [];

  /** The newest session. */
  take(): Buffer | null {
    return (this.#kept.length > 1 ? this.#kept.pop() : this.#kept[0]) ?? null;
  }

  /** Keeps a session that the origin has handed out, and a few of those before it. */
  keep(session: Buffer): void {
    this.#kept.push(session);
    if (this.#kept.length > MAX_SESSIONS) this.#kept.shift();
  }

  /** The origin did not take one: those that came with it are worth no more. */
  drop(): void {
    this.#kept.length = 0;
  }
}

import type { Socket } from 'node:net';

/** How long a visitor has not taken anything of what it is sent. */
export class UnreadAnswer {
  #since: number | null = null;
  /** Bytes that it had taken when that was looked at last. */
  #taken = 0;

  get waits(): boolean {
    return this.#since !== null;
  }

  /** More waits for the visitor than may, from now on. */
  begins(now: number): void {
    this.#since ??= now;
  }

  ends(): void {
    this.#since = null;
  }

  /** Milliseconds without a byte taken. Whoever reads slowly takes a block now and then. */
  lasts(socket: Socket, now: number): number {
    if (this.#since === null) return 0;
    const taken = socket.bytesWritten - socket.writableLength;
    if (taken !== this.#taken) this.#since = now;
    this.#taken = taken;
    return now - this.#since;
  }
}

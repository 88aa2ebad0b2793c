import type { Socket } from 'node:net';

const BLOCK = 65_536;
/** Bytes that may wait for the visitor before the origin has to. */
const MOST_WAITING = 2 * BLOCK;
/** Blocks that are kept to be used again: two wait and one is filled. More come to be where an origin is not held at once. */
const MOST_FREE = 3;

/**
 * Gathers the pieces of one large answer in blocks of one size and writes those, the same few again and again: each piece
 * in memory of its own would keep the garbage collector busy all the time, and each in a write of its own costs a system
 * call. Blocks never pass from one answer to another.
 */
export class SendBuffer {
  readonly #socket: Socket;
  #block: Buffer | null = null;
  #filled = 0;
  readonly #free: Buffer[] = [];
  #soon = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get empty(): boolean {
    return this.#filled === 0;
  }

  /** Takes a piece and what frames it, as latin1 text. False asks to wait for the socket's `drain`. */
  add(before: string, piece: Buffer, after: string): boolean {
    this.#text(before);
    for (let from = 0; from < piece.length; ) {
      const block = this.#room();
      const taken = piece.copy(block, this.#filled, from);
      this.#filled += taken;
      from += taken;
    }
    this.#text(after);
    return this.#filled + this.#socket.writableLength < MOST_WAITING || !this.#socket.writableNeedDrain;
  }

  /** Writes what is here. */
  send(): void {
    const block = this.#block;
    if (block === null || this.#filled === 0) return;
    const sent = block.subarray(0, this.#filled);
    this.#block = null;
    this.#filled = 0;
    this.#socket.write(sent, (error) => {
      // A block whose write has failed is in nobody's way where it is.
      if (!error && this.#free.length < MOST_FREE) this.#free.push(block);
    });
  }

  /** Writes what is here once all has been read that has arrived by now. */
  sendSoon(): void {
    if (this.#filled === 0 || this.#soon) return;
    this.#soon = true;
    setImmediate(() => {
      this.#soon = false;
      this.send();
    });
  }

  #text(piece: string): void {
    for (let from = 0; from < piece.length; ) {
      const block = this.#room();
      const taken = block.write(piece.slice(from), this.#filled, 'latin1');
      this.#filled += taken;
      from += taken;
    }
  }

  #room(): Buffer {
    if (this.#filled === BLOCK) this.send();
    this.#block ??= this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK);
    return this.#block;
  }
}

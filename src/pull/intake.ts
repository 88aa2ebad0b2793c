import type { Socket } from 'node:net';
import type { Taker } from '../http1/splice.ts';

// TLS brings at most one record at a time (RFC 8446 §5.1: 16 KiB), plain TCP what the system holds.
const SIZE = 65_536;

/**
 * Memory that the bytes of many connections come into, one after the other. It saves an allocation for each read, and with
 * them most of what the garbage collector would do under load.
 */
export class Intake {
  readonly #memory = Buffer.allocUnsafeSlow(SIZE);
  #busy = false;

  /** A place for one more connection. Node wants to know of it when the connection is made. */
  inlet(socket: () => Socket): Inlet {
    return new Inlet(this.#memory, (length, taker) => {
      // Bytes that nobody takes belong to no request. A read inside a read would put one connection's bytes in place of
      // another's that are being looked at: Node does none, and if it ever did, the connection ends.
      if (taker === null || this.#busy) {
        socket().destroy();
        return;
      }
      this.#busy = true;
      try {
        taker(this.#memory.subarray(0, length));
      } finally {
        this.#busy = false;
      }
    });
  }
}

/** Where the bytes of one connection come in. */
export class Inlet {
  #taker: Taker | null = null;
  /** For the options of `net.connect` and `tls.connect`. */
  readonly onread: { readonly buffer: Buffer; readonly callback: (length: number) => boolean };

  constructor(buffer: Buffer, bring: (length: number, taker: Taker | null) => void) {
    const callback = (length: number): boolean => {
      bring(length, this.#taker);
      return true;
    };
    this.onread = { buffer, callback };
  }

  /** Names who takes the bytes, from now on. */
  to(taker: Taker): void {
    this.#taker = taker;
  }
}

/** Bytes that arrive in pieces of `step`. */
export class Arrivals {
  #rest: Buffer;
  readonly #step: number;

  constructor(bytes: Buffer, step: number) {
    this.#rest = bytes;
    this.#step = Math.max(1, step);
  }

  /** The next piece; null where nothing is left. */
  take(): Buffer | null {
    const piece = this.#rest.subarray(0, this.#step);
    this.#rest = this.#rest.subarray(piece.length);
    return piece.length === 0 ? null : piece;
  }

  giveBack(bytes: Buffer): void {
    this.#rest = Buffer.concat([bytes, this.#rest]);
  }
}
